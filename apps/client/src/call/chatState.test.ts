import { describe, expect, test } from "vitest";
import type { Message } from "~/api/schemas";
import { message, session } from "~tests/fakes/session";
import { type CallEvent, type CallState, initialCall, type Live, reduce } from "./callState";
import * as chat from "./chatState";

const full = Array.from({ length: 50 }, (_, i) => message(`m${i}`));
const first = { messages: full, nextCursor: "m0" };

describe("chat", () => {
  test("knows from the first page whether there are older messages", () => {
    expect(chat.enterChat(chat.emptyChat, first).cursor).toBe("m0");
    expect(chat.enterChat(chat.emptyChat, { ...first, nextCursor: null }).cursor).toBeNull();
    const short = { messages: full.slice(48), nextCursor: "m48" };
    expect(chat.enterChat(chat.emptyChat, short).cursor).toBe("m48");
  });

  test("puts an older page before, without doubles", () => {
    const before = { ...chat.enterChat(chat.emptyChat, first), loadingOlder: true };
    const page = { messages: [message("a"), message("m0")], nextCursor: null };
    const after = chat.addOlder(before, page);
    expect(after.messages.map((one) => one.id).slice(0, 3)).toEqual(["a", "m0", "m1"]);
    expect(after).toMatchObject({ cursor: null, loadingOlder: false });
  });

  test("confirms an own message once, by event and by acknowledgement", () => {
    const sent = chat.submit(chat.emptyChat, "hi", "c1");
    const once = chat.receive(sent, message("m1", "hi"), "c1", false);
    const twice = chat.receive(once, message("m1", "hi"), "c1", false);
    expect(twice).toMatchObject({ outgoing: [], unread: 0 });
    expect(twice.messages).toHaveLength(1);
  });

  test("counts others' messages while the panel is shut, and marks the first", () => {
    const one = chat.receive(chat.emptyChat, message("m1"), undefined, false);
    const two = chat.receive(one, message("m2"), undefined, false);
    expect(two).toMatchObject({ unread: 2, firstUnreadId: "m1" });
    expect(chat.receive(two, message("m3"), undefined, true).unread).toBe(2);
  });

  test("shows and counts a message that comes twice once", () => {
    const one = chat.receive(chat.emptyChat, message("m1"), "c1", false);
    const two = chat.receive(one, message("m2"), "c2", false);
    const again = chat.receive(
      chat.receive(two, message("m1"), "c1", false),
      message("m2"),
      "c2",
      false,
    );
    expect(again).toEqual(two);
  });

  test("a failed message waits for another try", () => {
    const failed = chat.markFailed(chat.submit(chat.emptyChat, "hi", "c1"), "c1");
    expect(failed.outgoing[0]?.failed).toBe(true);
    expect(chat.markRetried(failed, "c1").outgoing[0]?.failed).toBe(false);
  });

  test("joining again keeps older pages that still fit, and what is unsent", () => {
    const older = { ...chat.emptyChat, messages: [message("old"), ...full] };
    const again = chat.enterChat(chat.submit(older, "hi", "c1"), first);
    expect(again.messages[0]?.id).toBe("old");
    expect(again.outgoing).toHaveLength(1);
  });
});

describe("the chat panel", () => {
  const shown = { audio: true, video: true, screen: false };
  const entry = { code: "abc-defg-hij", guestName: "Bo", userId: null };
  function play(...events: CallEvent[]): Live {
    let state: CallState = initialCall;
    const all: CallEvent[] = [
      { type: "joinRequested", entry },
      { type: "joined", session: session(), shown },
      ...events,
    ];
    for (const event of all) state = reduce(state, event).state;
    if (state.phase !== "live") throw new Error(state.phase);
    return state;
  }
  const received = (id: string): CallEvent => ({
    type: "chatReceived",
    message: message(id),
    clientId: undefined,
  });
  const toggle: CallEvent = { type: "panelToggled", panel: "chat" };
  const back = (...messages: Message[]): CallEvent => ({
    type: "joined",
    session: session([], messages),
    shown,
  });
  const own = (id: string) => ({ ...message(id), userId: null, username: "Bo" });

  test("what was said during an absence is unread, once", () => {
    const missed = back(message("m1"), message("m2"), own("m3"), message("m4"));
    const { chat: now } = play(received("m1"), missed, received("m1"), received("m2"));
    expect(now.messages.map((one) => one.id)).toEqual(["m1", "m2", "m3", "m4"]);
    expect(now).toMatchObject({ unread: 3, firstUnreadId: "m1" });
  });

  test("an absence in which nobody else said anything leaves nothing unread", () => {
    const read = [received("m1"), toggle, toggle];
    const { chat: now } = play(...read, back(message("m1"), own("m2")));
    expect(now).toMatchObject({ unread: 0, firstUnreadId: null });
  });

  test("what was said before the first arrival is not unread", () => {
    const left: CallEvent[] = [{ type: "leaveRequested" }, { type: "joinRequested", entry }];
    expect(play(...left, back(message("m1"))).chat.unread).toBe(0);
  });

  test("who had the panel open has nothing unread", () => {
    expect(play(toggle, back(message("m1"))).chat.unread).toBe(0);
  });

  test("opening reads everything, and the New line stays until it is shut", () => {
    const open = play(received("m1"), received("m2"), toggle);
    expect(open.chat).toMatchObject({ unread: 0, firstUnreadId: "m1" });
    expect(play(received("m1"), toggle, toggle).chat.firstUnreadId).toBeNull();
  });

  test("only one panel is open at a time", () => {
    expect(play(toggle, { type: "panelToggled", panel: "people" }).panel).toBe("people");
  });

  test("a draft outlives the panel", () => {
    const state = play(toggle, { type: "chatDrafted", draft: "half a th" }, toggle);
    expect(state.chat.draft).toBe("half a th");
  });
});
