import { describe, expect, test } from "vitest";
import type { Peer } from "~/signalling/events";
import { peer, room, session } from "~tests/fakes/session";
import {
  type CallEvent,
  type CallState,
  type Entry,
  initialCall,
  type Live,
  reduce,
} from "./callState";
import { hostRole } from "./host";

const shown = { audio: true, video: true, screen: false };
const user: Entry = { code: room.slug, guestName: null, userId: "me" };
const guest: Entry = { code: room.slug, guestName: "Bo", userId: null };
const owner: Entry = { ...user, userId: room.hostId };

function run(entry: Entry, events: readonly CallEvent[]): CallState {
  let state: CallState = initialCall;
  for (const event of [{ type: "joinRequested", entry } as const, ...events]) {
    state = reduce(state, event).state;
  }
  return state;
}

function live(entry: Entry, before: readonly Peer[], ...events: CallEvent[]): Live {
  const state = run(entry, [{ type: "joined", session: session(before), shown }, ...events]);
  if (state.phase !== "live") throw new Error(state.phase);
  return state;
}

const person = (id: string, info: Partial<Peer["userInfo"]> = {}): Peer => {
  const one = peer(id);
  return { ...one, userInfo: { ...one.userInfo, ...info } };
};

describe("hostRole", () => {
  test.each<[string, Live, "owner" | "acting" | null]>([
    ["the host, always", live(owner, [person("a")]), "owner"],
    ["a guest, never", live(guest, []), null],
    ["alone with an account", live(user, []), "acting"],
    ["after guests", live(user, [person("a", { guest: true })]), "acting"],
    ["after another account", live(user, [person("a")]), null],
    ["while the host is here", live(user, [person("a", { host: true })]), null],
    ["before another account", live(user, [], { type: "peerJoined", peer: person("b") }), "acting"],
    [
      "when who was first has gone",
      live(user, [person("a")], { type: "peerLeft", peerId: "a" }),
      "acting",
    ],
    [
      "when the host comes back",
      live(user, [], { type: "peerJoined", peer: person("h", { host: true }) }),
      null,
    ],
  ])("%s", (_name, state, role) => {
    expect(hostRole(state)).toBe(role);
  });
});

describe("the lobby", () => {
  const waiting: CallEvent[] = [
    { type: "connected", recovered: false },
    { type: "waitingStarted", peerId: "self" },
  ];

  test("waits, then goes in", () => {
    expect(run(guest, waiting)).toEqual({
      phase: "waiting",
      entry: guest,
      connection: "connected",
    });
    expect(run(guest, [...waiting, { type: "joined", session: session(), shown }]).phase).toBe(
      "live",
    );
  });

  test.each(["LOBBY_DENIED", "LOBBY_TIMEOUT"] as const)("ends by %s", (code) => {
    const state = run(guest, [...waiting, { type: "joinRefused", code }]);
    expect(state).toEqual({ phase: "refused", entry: guest, code });
  });

  test("is left by Cancel, and the server is told", () => {
    const step = reduce(run(guest, waiting), { type: "leaveRequested" });
    expect(step.state.phase).toBe("ended");
    expect(step.effects).toContainEqual({ type: "sendLeave" });
  });

  test("is asked for again after a connection that was not recovered, and only then", () => {
    const asks = (recovered: boolean) =>
      reduce(run(guest, waiting), { type: "connected", recovered }).effects.some(
        (effect) => effect.type === "sendJoin",
      );
    expect([asks(false), asks(true)]).toEqual([true, false]);
  });

  test("knocks are kept until they are answered or end", () => {
    const userInfo = person("k").userInfo;
    const knock = (peerId: string): CallEvent => ({ type: "knocked", peerId, userInfo });
    const state = live(owner, [], knock("k1"), knock("k2"), knock("k3"), {
      type: "knockEnded",
      peerId: "k2",
    });
    expect([...state.knocks.keys()]).toEqual(["k1", "k3"]);
    const request = { event: "host:admit", payload: { peerId: "k1" } } as const;
    const step = reduce(state, { type: "hostRequested", request });
    expect(step.effects).toEqual([{ type: "sendHostRequest", request }]);
    expect(step.state).toMatchObject({ knocks: new Map([["k3", userInfo]]) });
  });
});

test("who becomes host is told so", () => {
  const step = reduce(live(user, [person("a", { host: true })]), {
    type: "roomUpdated",
    room: { ...room, hostId: "me" },
  });
  expect(step.effects).toEqual([{ type: "notify", notice: { type: "youAreHost" } }]);
});
