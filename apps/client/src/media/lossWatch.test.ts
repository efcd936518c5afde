import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakePeerConnection } from "~tests/fakes/peerConnection";
import { LossWatch } from "./lossWatch";

let pc: FakePeerConnection;
let watch: LossWatch;
let isSending: boolean;
const told = { doubts: 0, losses: 0 };

beforeEach(() => {
  vi.useFakeTimers();
  pc = new FakePeerConnection();
  isSending = true;
  Object.assign(told, { doubts: 0, losses: 0 });
  watch = new LossWatch(pc.connection, {
    isSending: () => isSending,
    onDoubt: () => told.doubts++,
    onLost: () => told.losses++,
  });
  pc.changeIce("connected");
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

/** Time in which packets come, or an answer to a check. */
async function flow(ms: number, what: keyof FakePeerConnection["came"] = "packets"): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    pc.came[what]++;
    await vi.advanceTimersByTimeAsync(100);
  }
}
const silence = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a path that was there", () => {
  test("is left alone while anything comes", async () => {
    await flow(60_000);
    expect(told).toEqual({ doubts: 0, losses: 0 });
  });

  test("is left alone through a glitch", async () => {
    await flow(5_000);
    await silence(1_400);
    await flow(5_000);
    expect(told).toEqual({ doubts: 0, losses: 0 });
  });

  test("is lost less than three seconds after the cut, once the other page spoke by the server", async () => {
    await flow(5_000);
    await silence(2_000);
    expect(told).toEqual({ doubts: 1, losses: 0 });
    watch.hear();
    await silence(700);
    expect(told.losses).toBe(0);
    await silence(100);
    expect(told.losses).toBe(1);
    await silence(60_000);
    expect(told).toEqual({ doubts: 1, losses: 1 });
  });

  test("is not lost while nobody answers: a whole network is gone", async () => {
    await flow(5_000);
    watch.hear(); // before the silence, so it proves nothing
    pc.changeIce("disconnected");
    pc.changeIce("failed");
    await silence(60_000);
    expect(told).toEqual({ doubts: 1, losses: 0 });
  });

  test("is not lost when the restart brings something through", async () => {
    await flow(5_000);
    await silence(2_000);
    watch.hear();
    await flow(5_000);
    expect(told).toEqual({ doubts: 1, losses: 0 });
    await silence(2_000);
    expect(told.doubts).toBe(2);
  });

  test("may be quiet when the other side shows nothing, until the browser misses answers", async () => {
    isSending = false;
    await silence(10_000);
    expect(told.doubts).toBe(0);
    pc.changeIce("disconnected");
    await silence(500);
    expect(told.doubts).toBe(1);
  });

  test("lives by answers to checks when a page says that it sends and does not", async () => {
    await silence(2_000);
    watch.hear();
    await flow(500, "answers");
    await silence(1_400);
    expect(told).toEqual({ doubts: 1, losses: 0 });
  });

  test("is watched no more after the end", async () => {
    await flow(5_000);
    watch.close();
    await silence(60_000);
    expect(told.doubts).toBe(0);
  });
});
