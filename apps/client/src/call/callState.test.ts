import { describe, expect, test } from "vitest";
import { message, peer, room, session, silent } from "~tests/fakes/session";
import { type CallEffect, type CallEvent, type CallState, initialCall, reduce } from "./callState";

const shown = { audio: true, video: true, screen: false };
const entry = { code: "abc-defg-hij", guestName: null, userId: "u9" };

function play(events: readonly CallEvent[]): { state: CallState; effects: CallEffect[] } {
  let state = initialCall;
  const effects: CallEffect[] = [];
  for (const event of events) {
    const step = reduce(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

function last(events: readonly CallEvent[]): { state: CallState; effects: readonly CallEffect[] } {
  const before = play(events.slice(0, -1)).state;
  const event = events.at(-1);
  if (event === undefined) throw new Error("no events");
  return reduce(before, event);
}

function live(state: CallState) {
  if (state.phase !== "live") throw new Error(`not live but ${state.phase}`);
  return state;
}

const join: CallEvent[] = [
  { type: "joinRequested", entry },
  { type: "connected", recovered: false },
  { type: "joined", session: session([peer("p1"), peer("p2")], [message("m1")]), shown },
];

describe("entering", () => {
  test("opens the socket, asks to join, and takes what the room is like", () => {
    const { state, effects } = play(join);
    expect(effects.map((effect) => effect.type)).toEqual([
      "startMedia",
      "startOfflineTimers",
      "openSocket",
      "stopOfflineTimers",
      "sendJoin",
      "stopOfflineTimers",
      "enterMedia",
      "sendState",
    ]);
    expect(live(state)).toMatchObject({ selfId: "self", mode: "p2p", connection: "connected" });
    expect([...live(state).peers.keys()]).toEqual(["p1", "p2"]);
    expect(effects.at(-1)).toEqual({ type: "sendState", state: { ...shown, handRaised: false } });
  });

  test("a refusal ends the attempt and keeps the devices for the next one", () => {
    const { state, effects } = last([
      ...join.slice(0, 2),
      { type: "joinRefused", code: "ROOM_FULL" },
    ]);
    expect(state).toEqual({ phase: "refused", entry, code: "ROOM_FULL" });
    expect(effects).toContainEqual({ type: "closeSocket" });
    expect(effects).not.toContainEqual({ type: "stopMedia" });
  });

  test("at the door the socket is prepared, and left alone once somebody goes in", () => {
    const door: CallEvent = { type: "doorReached" };
    expect(reduce(initialCall, door)).toEqual({
      state: initialCall,
      effects: [{ type: "prepareSocket" }],
    });
    expect(last([...join.slice(0, 1), door]).effects).toEqual([]);
  });

  test("a second click on Join changes nothing", () => {
    const once = play(join.slice(0, 1)).state;
    expect(reduce(once, { type: "joinRequested", entry })).toEqual({ state: once, effects: [] });
  });
});

describe("a broken connection", () => {
  const away: CallEvent[] = [...join, { type: "disconnected" }];

  test("shows nothing for two seconds, then reconnecting, then lost", () => {
    expect(live(play(away).state).connection).toBe("connected");
    const short: CallEvent = { type: "offlineFor", long: false };
    expect(live(play([...away, short]).state).connection).toBe("reconnecting");
    const long: CallEvent = { type: "offlineFor", long: true };
    expect(live(play([...away, short, long]).state).connection).toBe("lost");
  });

  test("that is recovered changes nothing but paths that broke", () => {
    const { state, effects } = last([...away, { type: "connected", recovered: true }]);
    expect(state).toEqual(play(join).state);
    expect(effects).toEqual([{ type: "stopOfflineTimers" }, { type: "restartBrokenPaths" }]);
  });

  test("that is not recovered joins again and starts from the server's word", () => {
    const back: CallEvent[] = [...away, { type: "connected", recovered: false }];
    expect(last(back).effects).toContainEqual({ type: "sendJoin", code: entry.code });
    const again: CallEvent = { type: "joined", session: session([peer("p3")]), shown };
    const { state, effects } = last([...back, again]);
    expect([...live(state).peers.keys()]).toEqual(["p3"]);
    expect(effects.map((effect) => effect.type)).toContain("enterMedia");
  });

  test("keeps the hand up and sends again what was not confirmed", () => {
    const { state, effects } = last([
      ...join,
      { type: "handToggled" },
      { type: "chatSubmitted", content: "hi", clientId: "c1" },
      { type: "disconnected" },
      { type: "connected", recovered: false },
      { type: "joined", session: session(), shown },
    ]);
    expect(live(state).self.handRaised).toBe(true);
    expect(effects).toContainEqual({ type: "sendState", state: { ...shown, handRaised: true } });
    expect(effects).toContainEqual({ type: "sendChat", content: "hi", clientId: "c1" });
  });

  test("that is recovered sends again what was written meanwhile", () => {
    const { effects } = last([
      ...away,
      { type: "chatSubmitted", content: "hi", clientId: "c1" },
      { type: "connected", recovered: true },
    ]);
    expect(effects).toContainEqual({ type: "sendChat", content: "hi", clientId: "c1" });
  });

  test("says so when it is back after it was shown as away", () => {
    const { effects } = last([
      ...away,
      { type: "offlineFor", long: false },
      { type: "connected", recovered: true },
    ]);
    expect(effects).toContainEqual({ type: "notify", notice: { type: "backOnline" } });
  });

  test("is tried again at once when the person asks", () => {
    const { state, effects } = last([
      ...away,
      { type: "offlineFor", long: true },
      { type: "retryRequested" },
    ]);
    expect(live(state).connection).toBe("reconnecting");
    expect(effects).toContainEqual({ type: "retrySocket" });
  });
});

describe("people", () => {
  test("who comes is offered a link and announced", () => {
    const { state, effects } = last([...join, { type: "peerJoined", peer: peer("p3") }]);
    expect(live(state).peers.has("p3")).toBe(true);
    expect(effects).toEqual([
      { type: "addPath", peerId: "p3" },
      { type: "notify", notice: { type: "joined", names: ["Name p3"] } },
    ]);
  });

  test("who goes loses link, hand and typing", () => {
    const { state, effects } = last([
      ...join,
      { type: "peerUpdated", peerId: "p1", state: { ...silent, handRaised: true }, userInfo: null },
      { type: "typingReceived", peerId: "p1", typing: true },
      { type: "peerLeft", peerId: "p1" },
    ]);
    expect(live(state)).toMatchObject({ hands: [], chat: { typing: new Set() } });
    expect(effects[0]).toEqual({ type: "removePath", peerId: "p1" });
  });

  test("hands keep the order in which they went up", () => {
    const up = (peerId: string): CallEvent => ({
      type: "peerUpdated",
      peerId,
      state: { ...silent, handRaised: true },
      userInfo: null,
    });
    const { state } = play([...join, up("p2"), { type: "handToggled" }, up("p1"), up("p2")]);
    expect(live(state).hands).toEqual(["p2", "self", "p1"]);
  });

  test("in a large room comings and goings are not announced", () => {
    const many = Array.from({ length: 10 }, (_, i) => peer(`q${i}`));
    const { effects } = last([
      ...join.slice(0, 2),
      { type: "joined", session: session(many), shown },
      { type: "peerJoined", peer: peer("late") },
    ]);
    expect(effects).toEqual([{ type: "addPath", peerId: "late" }]);
  });
});

describe("the own state", () => {
  test("is sent when the devices changed", () => {
    const muted = { audio: false, video: true, screen: false };
    const { state, effects } = last([...join, { type: "shownChanged", shown: muted }]);
    expect(live(state).self.audio).toBe(false);
    expect(effects).toEqual([{ type: "sendState", state: muted }]);
  });

  test("a host's mute reaches the device and is told", () => {
    const { effects } = last([...join, { type: "hostMuted", kind: "audio" }]);
    expect(effects).toEqual([
      { type: "muteLocal", kind: "audio" },
      { type: "notify", notice: { type: "mutedByHost", kind: "audio" } },
    ]);
  });
});

describe("the end", () => {
  const ends: ReadonlyArray<[string, CallEvent, string]> = [
    ["leaving", { type: "leaveRequested" }, "left"],
    ["being removed", { type: "roomClosed", reason: "removed" }, "removed"],
    ["the host's end", { type: "roomClosed", reason: "ended" }, "ended"],
    ["deletion", { type: "roomClosed", reason: "deleted" }, "deleted"],
  ];

  test.each(ends)("by %s lets go of everything", (_name, event, reason) => {
    const { state, effects } = last([...join, event]);
    expect(state).toEqual({ phase: "ended", entry, reason });
    const types = effects.map((effect) => effect.type);
    expect(types.slice(-4)).toEqual([
      "stopOfflineTimers",
      "leaveMedia",
      "closeSocket",
      "stopMedia",
    ]);
    expect(types.includes("sendLeave")).toBe(event.type === "leaveRequested");
  });

  test("a server that shuts down is waited for", () => {
    const before = play(join).state;
    const step = reduce(before, { type: "roomClosed", reason: "shutdown" });
    expect(step).toEqual({ state: before, effects: [] });
  });

  test.each<[string, CallEvent]>([
    ["a late joined", { type: "joined", session: session(), shown }],
    ["a peer", { type: "peerJoined", peer: peer("p9") }],
    ["a connection", { type: "connected", recovered: false }],
    ["a message", { type: "chatReceived", message: message("m9"), clientId: undefined }],
    ["a second leave", { type: "leaveRequested" }],
    ["a timer", { type: "offlineFor", long: true }],
  ])("ignores %s afterwards", (_name, event) => {
    const ended = play([...join, { type: "leaveRequested" }]).state;
    expect(reduce(ended, event)).toEqual({ state: ended, effects: [] });
  });

  test("can be taken back by joining again", () => {
    const { state } = play([...join, { type: "leaveRequested" }, { type: "joinRequested", entry }]);
    expect(state.phase).toBe("joining");
  });
});

describe("other changes of the room", () => {
  test("mode and settings are taken over", () => {
    const { state } = play([
      ...join,
      { type: "modeChanged", mode: "sfu" },
      { type: "roomUpdated", room: { ...room, name: "Renamed" } },
    ]);
    expect(live(state)).toMatchObject({ mode: "sfu", room: { name: "Renamed" } });
  });

  test("refused sound is remembered until it plays", () => {
    const blocked = [...join, { type: "soundBlocked" } as const];
    expect(live(play(blocked).state).soundBlocked).toBe(true);
    expect(live(play([...blocked, { type: "soundAllowed" }]).state).soundBlocked).toBe(false);
  });
});
