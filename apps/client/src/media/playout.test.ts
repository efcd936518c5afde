import { describe, expect, test } from "vitest";
import { playoutDelay, samplePlayout } from "./playout";

const NOW = Date.UTC(2026, 0, 1);
const ntp = (ms: number) => ms + 2_208_988_800_000;
const inbound = (more: object) => ({ type: "inbound-rtp", timestamp: NOW, ...more });
/** Came two seconds ago; its sender's clock is `aheadMs` before ours, and it was 40 ms on its way. */
const report = (aheadMs: number) => ({
  type: "remote-outbound-rtp",
  timestamp: NOW - 2_000,
  remoteTimestamp: NOW - 2_040 + aheadMs,
});
const nothing = samplePlayout([]);

describe("the delay from capture to playout", () => {
  test.each([0, 90_000, -5_000])("does not mind a clock that is %i ms ahead", (aheadMs) => {
    const captured = ntp(NOW - 150 + aheadMs);
    const now = samplePlayout([inbound({ estimatedPlayoutTimestamp: captured }), report(aheadMs)]);
    expect(playoutDelay(nothing, now, 40)).toBe(150);
  });

  test("is the same where the browser counts from 1970", () => {
    const now = samplePlayout([inbound({ estimatedPlayoutTimestamp: NOW - 150 }), report(0)]);
    expect(playoutDelay(nothing, now, 40)).toBe(150);
  });

  test("is the way and what frames were held since the last look, where no clock is told", () => {
    const before = samplePlayout([inbound({ totalProcessingDelay: 7, framesDecoded: 100 })]);
    const now = samplePlayout([inbound({ totalProcessingDelay: 8.5, framesDecoded: 130 })]);
    expect(playoutDelay(before, now, 20)).toBe(70);
  });

  test("of sound is that of its jitter buffer", () => {
    const held = { jitterBufferDelay: 4_800, jitterBufferEmittedCount: 48_000 };
    const now = samplePlayout([inbound(held), report(0)]);
    expect(playoutDelay(nothing, now, 10)).toBe(110);
  });

  test("by a clock that cannot be right is not believed", () => {
    const held = { jitterBufferDelay: 4_800, jitterBufferEmittedCount: 48_000 };
    const set = { ...held, estimatedPlayoutTimestamp: ntp(NOW - 3_600_000) };
    expect(playoutDelay(nothing, samplePlayout([inbound(set), report(0)]), 10)).toBe(110);
    const future = { ...held, estimatedPlayoutTimestamp: ntp(NOW + 1_000) };
    expect(playoutDelay(nothing, samplePlayout([inbound(future), report(0)]), 10)).toBe(110);
  });

  test("is unknown while nothing plays, and of what is sent", () => {
    expect(playoutDelay(nothing, nothing, 10)).toBeNull();
    const outbound = { type: "outbound-rtp", timestamp: NOW };
    expect(playoutDelay(nothing, samplePlayout([outbound]), 10)).toBeNull();
  });
});
