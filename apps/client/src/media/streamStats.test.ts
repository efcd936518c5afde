import { describe, expect, test } from "vitest";
import { compareSamples, sampleStream } from "./streamStats";

const report = (...stats: Array<Record<string, unknown>>) =>
  new Map(stats.map((stat, i) => [String(i), stat])) as unknown as RTCStatsReport;
const inbound = (timestamp: number, bytes: number, packets: number, lost: number) => ({
  type: "inbound-rtp",
  timestamp,
  codecId: "c",
  bytesReceived: bytes,
  packetsReceived: packets,
  packetsLost: lost,
  jitter: 0.004,
  jitterBufferDelay: packets / 10,
  jitterBufferEmittedCount: packets,
  frameWidth: 640,
  frameHeight: 360,
  framesPerSecond: 15,
});
const codec = { type: "codec", id: "c", mimeType: "video/VP8" };

describe("the numbers of a stream", () => {
  test("that is received come from two reports of this side", () => {
    const before = sampleStream(report(inbound(1_000, 1_000, 90, 0), codec));
    const pair = { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.05 };
    const now = sampleStream(report(inbound(3_000, 26_000, 180, 10), codec, pair));
    expect(before && now && compareSamples(before, now, 30)).toEqual({
      bitsPerSecond: 100_000,
      delayMs: 140,
      lossPercent: 10,
      codec: "VP8",
      jitterMs: 4,
      rttMs: 50,
      width: 640,
      height: 360,
      framesPerSecond: 15,
    });
  });

  test("that is sent in layers are their sum, the largest picture, and the other end's loss", () => {
    const layer = (frameHeight: number, bytesSent: number) => ({
      type: "outbound-rtp",
      timestamp: 1_000,
      bytesSent,
      packetsSent: 10,
      frameHeight,
    });
    const told = { type: "remote-inbound-rtp", packetsLost: 3, roundTripTime: 0.02 };
    expect(sampleStream(report(layer(180, 100), layer(360, 200), told))).toMatchObject({
      bytes: 300,
      packets: 20,
      lost: 3,
      rttMs: 20,
      height: 360,
    });
  });

  test("are none without a stream, in no time, or when the counters began anew", () => {
    expect(sampleStream(report(codec))).toBeNull();
    const sample = sampleStream(report(inbound(1_000, 1_000, 90, 0)));
    const later = sampleStream(report(inbound(2_000, 10, 1, 0)));
    expect(sample && compareSamples(sample, sample)).toBeNull();
    expect(sample && later && compareSamples(sample, later)).toBeNull();
  });
});
