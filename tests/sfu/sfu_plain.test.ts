// sfu-plain at its largest, and what it refuses.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../support/poll.ts";
import { Receiver } from "./receiver.ts";
import { SfuPlain } from "./sfu_plain.ts";

const PRODUCER = { mimeType: "video/VP8", clockRate: 90_000, payloadType: 101, ssrc: 1111 };
const CONSUMERS = 1000;
const PACKETS = 20;
const PAYLOAD_SIZE = 1000;

function rtp(sequence: number): Buffer {
  const packet = Buffer.alloc(12 + PAYLOAD_SIZE, sequence);
  packet.writeUInt16BE(0x8000 | PRODUCER.payloadType, 0);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(sequence * 3000, 4);
  packet.writeUInt32BE(PRODUCER.ssrc, 8);
  return packet;
}

describe("sfu-plain with a thousand consumers", { timeout: 60_000 }, () => {
  const receivers: Receiver[] = [];
  const received: Buffer[][] = Array.from({ length: CONSUMERS }, () => []);
  before(async () => {
    for (const packets of received) {
      receivers.push(
        await Receiver.open((datagram) => {
          if (datagram[1] === PRODUCER.payloadType) packets.push(datagram);
        }),
      );
    }
  });
  after(() => {
    for (const one of receivers) one.close();
  });

  test("each gets every packet, under an SSRC of its own and in order", async (t) => {
    const begun = performance.now();
    const consumers = receivers.map(({ port }) => ({ ip: "127.0.0.1", port }));
    const sfu = await SfuPlain.start({ producer: PRODUCER, consumers });
    t.diagnostic(`started in ${(performance.now() - begun).toFixed(0)} ms`);
    const source = await Receiver.open(() => undefined);
    try {
      const { answer } = sfu;
      assert.equal(new Set(answer.consumers.map(({ ssrc }) => ssrc)).size, CONSUMERS);
      for (let sequence = 1; sequence <= PACKETS; sequence++) {
        source.send(rtp(sequence), answer.port);
        const isEverywhere = () => received.every((packets) => packets.length === sequence);
        await until(`packet ${sequence} everywhere`, isEverywhere, 10_000);
      }
      for (const [i, packets] of received.entries()) {
        const first = packets[0]?.readUInt16BE(2) ?? 0;
        for (const [n, packet] of packets.entries()) {
          assert.equal(packet.readUInt32BE(8), answer.consumers[i]?.ssrc);
          assert.equal(packet.readUInt16BE(2), (first + n) & 0xffff);
          assert.deepEqual(packet.subarray(12), rtp(n + 1).subarray(12));
        }
      }
    } finally {
      source.close();
      const counters = await sfu.end();
      t.diagnostic(JSON.stringify(counters));
      assert.ok(counters.sent >= CONSUMERS * PACKETS && counters.sendDropped === 0 && counters.received >= PACKETS);
    }
  });

  test("a thousand and one are refused", async () => {
    const consumers = Array.from({ length: CONSUMERS + 1 }, (_, i) => ({ ip: "127.0.0.1", port: 1 + i }));
    await assert.rejects(SfuPlain.start({ producer: PRODUCER, consumers }), /"code":2.*more than 1000 consumers/s);
  });
});
