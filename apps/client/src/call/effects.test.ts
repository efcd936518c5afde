import { beforeEach, describe, expect, test, vi } from "vitest";
import { CallMedia } from "~/media/callMedia";
import { LocalMedia } from "~/media/localMedia";
import { type RequestFailure, type Signalling, SignallingError } from "~/signalling/signalling";
import { FakeDevices, fakeStorage } from "~tests/fakes/media";
import { FakePeerConnection } from "~tests/fakes/peerConnection";
import { message, session } from "~tests/fakes/session";
import type { CallEffect, CallEvent } from "./callState";
import { createEffects } from "./effects";
import { createReactions, createToasts } from "./toasts";

let events: CallEvent[];
let emitted: unknown[][];
/** What requests are answered with: a payload, or a failure's code. */
let answer: unknown;
let failure: RequestFailure | null;
let toasts: ReturnType<typeof createToasts>;
let run: (effect: CallEffect) => void;

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  events = [];
  emitted = [];
  failure = null;
  const signalling: Signalling = {
    prepare: () => emitted.push(["prepare"]),
    open: (guestName) => emitted.push(["open", guestName]),
    close: () => emitted.push(["close"]),
    retryNow: () => emitted.push(["retry"]),
    emit: (event, payload) => emitted.push([event, payload]),
    request: async (event, payload, schema) => {
      emitted.push([event, payload]);
      if (failure !== null) throw new SignallingError(failure);
      return schema.parse(answer);
    },
  };
  const local = new LocalMedia({
    devices: new FakeDevices().port,
    storage: fakeStorage(),
    secure: true,
  });
  const media = new CallMedia({
    send: () => {},
    request: signalling.request,
    createConnection: () => new FakePeerConnection().connection,
    createDevice: () => Promise.reject(new Error("no SFU")),
    shown: () => null,
  });
  toasts = createToasts();
  const effects = createEffects({ signalling, media, local, toasts, reactions: createReactions() });
  run = (effect) => effects(effect, (event) => events.push(event));
});

describe("joining", () => {
  const join: CallEffect = { type: "sendJoin", code: "abc-defg-hij" };

  test("brings the session, with what the devices show at that moment", async () => {
    answer = { ...session(), routerRtpCapabilities: null };
    run(join);
    await settle();
    const shown = { audio: false, video: false, screen: false };
    expect(events).toEqual([{ type: "joined", session: session(), shown }]);
  });

  test("may lead into the lobby", async () => {
    answer = { waiting: true, peerId: "self" };
    run(join);
    await settle();
    expect(events).toEqual([{ type: "waitingStarted", peerId: "self" }]);
  });

  test.each<[RequestFailure, boolean]>([
    ["ROOM_FULL", true],
    ["NO_ANSWER", true],
    ["OFFLINE", false],
    ["UNAUTHORIZED", false],
  ])("by %s is refused: %s", async (code, refused) => {
    failure = code;
    run(join);
    await settle();
    expect(events).toEqual(refused ? [{ type: "joinRefused", code }] : []);
  });
});

describe("chat", () => {
  const send: CallEffect = { type: "sendChat", content: "hi", clientId: "c1" };

  test("is confirmed by the stored message", async () => {
    answer = { message: message("m1", "hi") };
    run(send);
    await settle();
    expect(events).toEqual([
      { type: "chatReceived", message: message("m1", "hi"), clientId: "c1" },
    ]);
  });

  test.each<[RequestFailure, number, number]>([
    ["NO_ANSWER", 1, 0],
    ["RATE_LIMITED", 1, 1],
    ["QUOTA_EXCEEDED", 1, 1],
    ["OFFLINE", 0, 0],
  ])("after %s: %i failed, %i toasts", async (code, failed, told) => {
    failure = code;
    run(send);
    await settle();
    expect(events).toEqual(Array(failed).fill({ type: "chatFailed", clientId: "c1" }));
    expect(toasts.get()).toHaveLength(told);
  });

  test("an older page that does not come can be asked for again", async () => {
    failure = "NO_ANSWER";
    run({ type: "loadOlder", before: "m1" });
    await settle();
    expect(events).toEqual([{ type: "olderFailed" }]);
  });

  test("typing fades when nothing more is heard", async () => {
    run({ type: "expireTyping", peerId: "p1" });
    await vi.advanceTimersByTimeAsync(5_000);
    run({ type: "expireTyping", peerId: "p1" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(events).toEqual([{ type: "typingReceived", peerId: "p1", typing: false }]);
  });
});

describe("away", () => {
  test("is told after two seconds and after a minute, once each", async () => {
    run({ type: "startOfflineTimers" });
    run({ type: "startOfflineTimers" });
    await vi.advanceTimersByTimeAsync(1_999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events).toEqual([
      { type: "offlineFor", long: false },
      { type: "offlineFor", long: true },
    ]);
  });

  test("is not told of somebody who is back in time", async () => {
    run({ type: "startOfflineTimers" });
    run({ type: "stopOfflineTimers" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events).toEqual([]);
  });
});

test("a host's request that is refused is told, unless its aim has gone", async () => {
  const request = { event: "host:remove", payload: { peerId: "p1" } } as const;
  failure = "PEER_NOT_FOUND";
  run({ type: "sendHostRequest", request });
  await settle();
  expect(toasts.get()).toEqual([]);
  failure = "FORBIDDEN";
  run({ type: "sendHostRequest", request });
  await settle();
  expect(toasts.get()).toHaveLength(1);
});
