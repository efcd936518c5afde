// The receiving end of SRTP by AEAD_AES_128_GCM (RFC 7714), written for the tests after the RFC alone.
import { createCipheriv, createDecipheriv } from "node:crypto";

const [KEY_SIZE, SALT_SIZE, TAG_SIZE] = [16, 12, 16];
/** RFC 3711 section 4.3.1. */
const LABEL = { key: 0, salt: 2 };

export class SrtpReader {
  readonly #key: Buffer;
  readonly #salt: Buffer;
  #rollOver = 0;
  #last: number | null = null;

  /** `master` is key and salt, 28 octets. */
  constructor(master: Buffer) {
    this.#key = derive(master, LABEL.key, KEY_SIZE);
    this.#salt = derive(master, LABEL.salt, SALT_SIZE);
  }

  /** The packet in the clear, as packets come in order. @throws when its tag does not fit */
  open(packet: Buffer): Buffer {
    const sequence = packet.readUInt16BE(2);
    if (this.#last !== null && this.#last - sequence > 0x8000) this.#rollOver++;
    this.#last = sequence;
    const nonce = Buffer.alloc(SALT_SIZE);
    packet.copy(nonce, 2, 8, 12); // SSRC
    nonce.writeUInt32BE(this.#rollOver, 6);
    nonce.writeUInt16BE(sequence, 10);
    for (const [i, octet] of this.#salt.entries()) nonce[i] = (nonce[i] ?? 0) ^ octet;
    const head = packet.subarray(0, headSize(packet));
    const cipher = createDecipheriv("aes-128-gcm", this.#key, nonce);
    cipher.setAAD(head);
    cipher.setAuthTag(packet.subarray(-TAG_SIZE));
    const sealed = packet.subarray(head.length, -TAG_SIZE);
    return Buffer.concat([head, cipher.update(sealed), cipher.final()]);
  }
}

/** A session key or salt of a master key and salt: AES in counter mode from the salt with the label (RFC 3711). */
function derive(master: Buffer, label: number, size: number): Buffer {
  const counter = Buffer.alloc(16);
  master.copy(counter, 0, KEY_SIZE);
  counter[7] = (counter[7] ?? 0) ^ label;
  return createCipheriv("aes-128-ctr", master.subarray(0, KEY_SIZE), counter).update(Buffer.alloc(size));
}

/** Of an RTP header with its contributors and extensions. */
function headSize(packet: Buffer): number {
  const first = packet[0] ?? 0;
  const fixed = 12 + 4 * (first & 0x0f);
  return first & 0x10 ? fixed + 4 + 4 * packet.readUInt16BE(fixed + 2) : fixed;
}
