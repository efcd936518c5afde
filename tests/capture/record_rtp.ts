// Records the RTP that Chromium sends, codec by codec, for the tests of libs/rtc/payload: `node
// capture/record_rtp.ts`. Encryption is off and the packets pass a relay of ours on loopback. A
// recording is a run of packets, each after its length in 16 bits.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { Chromium } from "../e2e/chromium.ts";
import { type Call, call } from "./page.ts";

const FOLDER = join(resolve(import.meta.dirname, "../.."), "libs/rtc/tests/payload/captures");
const PACKETS = 40;
const CALLS: Readonly<Record<string, Call>> = {
  vp8_l1t3: { mimeType: "video/VP8", format: "", scalabilityMode: "L1T3", descriptor: false },
  vp9_l2t3_key: { mimeType: "video/VP9", format: "profile-id=0", scalabilityMode: "L2T3_KEY", descriptor: true },
  h264: {
    mimeType: "video/H264",
    format: "packetization-mode=1;profile-level-id=42e01f",
    scalabilityMode: "L1T1",
    descriptor: false,
  },
  av1_l2t2: { mimeType: "video/AV1", format: "profile=0", scalabilityMode: "L2T2", descriptor: true },
};

/** Two ports; what comes in at one goes out of the other, to whoever was heard there last. */
class Relay {
  readonly packets: Buffer[] = [];
  readonly #sockets: [Socket, Socket] = [createSocket("udp4"), createSocket("udp4")];
  readonly #ends: [AddressInfo | null, AddressInfo | null] = [null, null];
  readonly #waiting: [Buffer[], Buffer[]] = [[], []];

  async open(): Promise<{ caller: number; callee: number }> {
    for (const side of [0, 1] as const) {
      this.#sockets[side].on("message", (packet, from) => this.#pass(side, packet, from));
      this.#sockets[side].bind(0, "127.0.0.1");
      await once(this.#sockets[side], "listening");
    }
    return { callee: this.#sockets[0].address().port, caller: this.#sockets[1].address().port };
  }
  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  // The caller sends to port 0 and hears from it; the callee likewise with port 1.
  #pass(side: 0 | 1, packet: Buffer, from: { address: string; port: number }): void {
    this.#ends[side] = { ...from, family: "IPv4" };
    const other = side === 0 ? 1 : 0;
    const second = packet[1] ?? 0;
    const isRtp = (packet[0] ?? 0) >> 6 === 2 && ((second & 127) < 64 || (second & 127) > 95);
    if (side === 0 && isRtp) this.packets.push(packet);
    const end = this.#ends[other];
    if (end === null) this.#waiting[other].push(packet);
    else this.#sockets[other].send(packet, end.port, end.address);
    for (const late of this.#waiting[side].splice(0)) this.#sockets[side].send(late, from.port, from.address);
  }
}

const site = createServer((_request, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
const chromium = await Chromium.launch({ flags: ["--disable-webrtc-encryption"] });
try {
  const tab = await chromium.open();
  await tab.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  for (const [name, options] of Object.entries(CALLS)) {
    const relay = new Relay();
    const { payloadType, descriptorId } = await tab.evaluate(call, options, await relay.open(), 40);
    relay.close();
    const media = relay.packets.filter((packet) => ((packet[1] ?? 0) & 127) === payloadType).slice(0, PACKETS);
    const parts = media.flatMap((packet) => [Buffer.from([packet.length >> 8, packet.length & 255]), packet]);
    await writeFile(join(FOLDER, `chromium_${name}.rtp`), Buffer.concat(parts));
    console.log(`${name}: ${media.length} packets, dependency descriptor has id ${descriptorId}`);
  }
} finally {
  await chromium.close();
  site.closeAllConnections();
  site.close();
}
