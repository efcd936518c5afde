import { act, screen, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { renderInCall } from "~tests/fakes/callScreen";
import { message, peer, silent } from "~tests/fakes/session";
import { CallScreen } from "./CallScreen";

const id = (testId: string) => screen.getByTestId(testId);

/** Presses Tab until the focus is on the element. Fails when the keyboard never gets there. */
async function tabTo(person: { tab(): Promise<void> }, element: HTMLElement): Promise<void> {
  for (let i = 0; i < 40 && document.activeElement !== element; i++) await person.tab();
  expect(element).toBe(document.activeElement);
}

describe("the controls by keyboard", () => {
  test("every control of the bar is reached by Tab, from left to right", async () => {
    const { person } = await renderInCall(<CallScreen />, [peer("p1")]);
    const order = [
      "copy-link",
      "mic-toggle",
      "camera-toggle",
      "reactions-toggle",
      "screen-toggle",
      "raise-hand",
      "leave",
      "settings",
      "participants-toggle",
      "chat-toggle",
    ];
    for (const testId of order) await tabTo(person, id(testId));
  });

  test.each<[string, string, (seen: Awaited<ReturnType<typeof renderInCall>>) => void]>([
    ["mic-toggle", "{Enter}", ({ call }) => expect(call.local.get().mic.on).toBe(false)],
    ["camera-toggle", " ", ({ call }) => expect(call.local.get().camera.on).toBe(false)],
    [
      "raise-hand",
      "{Enter}",
      ({ call }) =>
        expect(call.effects).toContainEqual({ type: "sendState", state: { handRaised: true } }),
    ],
    ["chat-toggle", "{Enter}", () => expect(id("chat-input")).toBeDefined()],
    [
      "participants-toggle",
      " ",
      () => expect(screen.getAllByTestId("participant")).toHaveLength(2),
    ],
    ["settings", "{Enter}", () => expect(id("select-mic")).toBeDefined()],
    [
      "reactions-toggle",
      "{Enter}",
      () => expect(screen.getAllByTestId("reaction")).toHaveLength(8),
    ],
    ["leave", "{Enter}", ({ call }) => expect(call.effects).toContainEqual({ type: "sendLeave" })],
  ])("%s works by %s", async (testId, key, check) => {
    const view = await renderInCall(<CallScreen />, [peer("p1")]);
    await tabTo(view.person, id(testId));
    await view.person.keyboard(key);
    check(view);
  });

  test("the screen is shared and stopped", async () => {
    const { person, call } = await renderInCall(<CallScreen />, [peer("p1")]);
    await tabTo(person, id("screen-toggle"));
    await person.keyboard("{Enter}");
    expect(call.local.get().screen.on).toBe(true);
    expect(id("screen-toggle").getAttribute("aria-pressed")).toBe("true");
    await person.keyboard("{Enter}");
    expect(call.local.get().screen.on).toBe(false);
  });

  test("a reaction is chosen and sent", async () => {
    const { person, call } = await renderInCall(<CallScreen />, [peer("p1")]);
    await tabTo(person, id("reactions-toggle"));
    await person.keyboard("{Enter}");
    await tabTo(person, screen.getByRole("button", { name: "React with 🎉" }));
    await person.keyboard("{Enter}");
    expect(call.effects).toContainEqual({ type: "sendReaction", emoji: "🎉" });
  });

  test("another microphone is chosen from the menu beside the button", async () => {
    const { person, call } = await renderInCall(<CallScreen />, [peer("p1")]);
    await tabTo(person, screen.getByRole("button", { name: "Audio devices" }));
    await person.keyboard("{Enter}");
    await person.click(await screen.findByRole("menuitemradio", { name: /Headset/ }));
    expect(call.local.get().mic.track?.label).toBe("Headset");
  });

  test.each(["mic-toggle", "{Control>}d{/Control}"])(
    "a microphone that does not start is explained in the call (%s)",
    async (how) => {
      const { person, call } = await renderInCall(<CallScreen />, [peer("p1")]);
      call.devices.failures.audio = new DOMException("", "NotReadableError");
      await act(() => call.local.choose("mic", "Headset"));
      expect(id("mic-toggle").textContent).toBe("!");
      expect(screen.queryByTestId("mic-problem")).toBeNull();
      if (how.startsWith("{")) await person.keyboard(how);
      else await person.click(id(how));
      const help = await screen.findByTestId("mic-problem");
      expect(help.textContent).toContain("Your microphone is in use");
      expect(help.textContent).not.toContain("join");
      delete call.devices.failures.audio;
      await person.click(within(help).getByRole("button", { name: "Try again" }));
      expect(call.local.get().mic).toMatchObject({ on: true, problem: null });
      expect(screen.queryByTestId("mic-problem")).toBeNull();
    },
  );

  test("Escape closes a panel and gives the focus back to its button", async () => {
    const { person } = await renderInCall(<CallScreen />, [peer("p1")]);
    for (const testId of ["chat-toggle", "participants-toggle"]) {
      await tabTo(person, id(testId));
      await person.keyboard("{Enter}");
      expect(screen.getByRole("complementary").contains(document.activeElement)).toBe(true);
      await person.keyboard("{Escape}");
      expect(screen.queryByRole("complementary")).toBeNull();
      expect(document.activeElement).toBe(id(testId));
    }
  });

  test("the own picture is moved by arrow keys", async () => {
    const { person } = await renderInCall(<CallScreen />, [peer("p1")]);
    const picture = screen.getByRole("group", { name: /arrow keys/ });
    const before = picture.className;
    await tabTo(person, picture);
    await person.keyboard("{ArrowUp}");
    expect(picture.className).not.toBe(before);
  });
});

describe("shortcuts", () => {
  test.each<[string, (seen: Awaited<ReturnType<typeof renderInCall>>) => void]>([
    ["{Control>}d{/Control}", ({ call }) => expect(call.local.get().mic.on).toBe(false)],
    ["m", ({ call }) => expect(call.local.get().mic.on).toBe(false)],
    ["{Control>}e{/Control}", ({ call }) => expect(call.local.get().camera.on).toBe(false)],
    ["v", ({ call }) => expect(call.local.get().camera.on).toBe(false)],
    [
      "r",
      ({ call }) =>
        expect(call.effects).toContainEqual({ type: "sendState", state: { handRaised: true } }),
    ],
    ["{Control>}{Alt>}c{/Alt}{/Control}", () => expect(id("chat-input")).toBeDefined()],
    ["p", () => expect(screen.getAllByTestId("participant").length).toBe(1)],
    [
      "{Control>}{Shift>}s{/Shift}{/Control}",
      ({ call }) => expect(call.local.get().screen.on).toBe(true),
    ],
    [
      "{Control>}{Shift>}e{/Shift}{/Control}",
      () => expect(screen.getAllByTestId("reaction")).toHaveLength(8),
    ],
    ["?", () => expect(screen.getByText("Raise or lower the hand")).toBeDefined()],
    ["{F2}", () => expect(document.activeElement?.closest("[role=toolbar]")).not.toBeNull()],
    [
      "{Control>}{Alt>}l{/Alt}{/Control}",
      () => expect(screen.getByRole("alertdialog")).toBeDefined(),
    ],
  ])("%s", async (keys, check) => {
    const view = await renderInCall(<CallScreen />);
    await view.person.keyboard(keys);
    check(view);
  });

  test("letters go into a message, not to the microphone; with Ctrl they still work", async () => {
    const { person, call } = await renderInCall(<CallScreen />);
    await person.click(id("chat-toggle"));
    await person.type(id("chat-input"), "mvrp");
    expect((id("chat-input") as HTMLTextAreaElement).value).toBe("mvrp");
    expect(call.local.get()).toMatchObject({ mic: { on: true }, camera: { on: true } });
    await person.keyboard("{Control>}d{/Control}");
    expect(call.local.get().mic.on).toBe(false);
  });

  test("holding T talks while muted, letting go mutes again", async () => {
    const { person, call } = await renderInCall(<CallScreen />);
    await person.keyboard("m");
    await person.keyboard("{t>}");
    expect(call.local.get().mic.on).toBe(true);
    await person.keyboard("{/t}");
    expect(call.local.get().mic.on).toBe(false);
  });

  test("Space presses the button that has the focus instead of talking", async () => {
    const { person, call } = await renderInCall(<CallScreen />);
    await person.keyboard("m");
    id("raise-hand").focus();
    await person.keyboard(" ");
    expect(call.local.get().mic.on).toBe(false);
    expect(call.effects).toContainEqual({ type: "sendState", state: { handRaised: true } });
  });

  test("a window that loses the focus stops push-to-talk", async () => {
    const { person, call } = await renderInCall(<CallScreen />);
    await person.keyboard("m{t>}");
    await act(async () => window.dispatchEvent(new Event("blur")));
    expect(call.local.get().mic.on).toBe(false);
  });
});

describe("what is shown", () => {
  test("tiles carry what tests and style sheets read; the own picture is none of them", async () => {
    const { call } = await renderInCall(<CallScreen />, [peer("p1", { audio: true })]);
    const [tile] = screen.getAllByTestId("tile");
    expect(tile?.dataset).toMatchObject({
      peerId: "p1",
      source: "camera",
      audio: "true",
      video: "false",
      speaking: "false",
    });
    expect(within(id("self-tile")).queryByTestId("tile")).toBeNull();
    call.dispatch({
      type: "peerUpdated",
      peerId: "p1",
      state: { ...silent, screen: true },
      userInfo: null,
    });
    expect(screen.getAllByTestId("tile").map((one) => one.dataset["source"])).toEqual([
      "screen",
      "camera",
    ]);
    expect(id("self-tile")).toBeDefined();
  });

  test("whoever makes a short sound at a steady beat is marked as speaking", async () => {
    const { call } = await renderInCall(<CallScreen />);
    vi.useFakeTimers();
    // 20 ms of sound every half second, wherever in that half second.
    for (let at = 0; at < 500; at += 20) {
      const now = performance.now();
      vi.spyOn(call.media, "speaks").mockImplementation(
        () => (performance.now() - now + at) % 500 < 20,
      );
      call.dispatch({ type: "peerJoined", peer: peer(`p${at}`) });
      act(() => void vi.advanceTimersByTime(1));
      const tile = screen.getAllByTestId("tile").at(-1);
      let marked = false;
      for (let i = 0; i < 50 && !marked; i++) {
        vi.advanceTimersByTime(100);
        marked = tile?.dataset["speaking"] === "true";
      }
      expect(marked, `a beat ${at} ms off`).toBe(true);
      call.dispatch({ type: "peerLeft", peerId: `p${at}` });
    }
  });

  test("mode and connection are one word each", async () => {
    const { call } = await renderInCall(<CallScreen />);
    expect(id("call-mode").textContent).toBe("p2p");
    expect(id("connection-state").textContent).toBe("connected");
    call.dispatch({ type: "offlineFor", long: false });
    expect(id("connection-state").textContent).toBe("reconnecting");
    call.dispatch({ type: "offlineFor", long: true });
    expect(id("connection-state").textContent).toBe("lost");
  });

  test("a lost connection offers to try again", async () => {
    const { call, person } = await renderInCall(<CallScreen />);
    call.dispatch({ type: "offlineFor", long: true });
    await person.click(screen.getByRole("button", { name: "Try again" }));
    expect(call.effects).toContainEqual({ type: "retrySocket" });
  });

  test("refused sound asks for a click and goes away once it plays", async () => {
    const { call, person } = await renderInCall(<CallScreen />, [peer("p1")]);
    call.dispatch({ type: "soundBlocked" });
    await person.click(id("play-sound"));
    call.dispatch({ type: "soundAllowed" });
    expect(screen.queryByTestId("play-sound")).toBeNull();
  });

  test("hands are numbered in the order in which they went up", async () => {
    const { call } = await renderInCall(<CallScreen />, [peer("p1"), peer("p2")]);
    for (const peerId of ["p2", "p1"]) {
      const state = { ...silent, handRaised: true };
      call.dispatch({ type: "peerUpdated", peerId, state, userInfo: null });
    }
    const names = screen
      .getAllByTestId("tile")
      .map((tile) => tile.querySelector("figcaption")?.textContent);
    expect(names).toEqual(["Hand raised, number1Name p2", "Hand raised, number2Name p1"]);
  });

  test("a message while the chat is shut: badge, toast, and the way to it", async () => {
    const { call, person } = await renderInCall(<CallScreen />, [peer("p1")]);
    call.dispatch({ type: "chatReceived", message: message("m1", "hello"), clientId: undefined });
    expect(id("chat-toggle").textContent).toBe("1");
    expect(id("toast").textContent).toContain("bob: hello");
    await person.click(screen.getByRole("button", { name: "Open chat" }));
    expect(id("chat-message").textContent).toContain("hello");
    expect(id("chat-toggle").textContent).toBe("");
  });

  test("whoever opens the chat sees its toast no more", async () => {
    const { person, call } = await renderInCall(<CallScreen />, [peer("p1")]);
    call.dispatch({ type: "chatReceived", message: message("m1"), clientId: undefined });
    expect(screen.queryAllByTestId("toast")).toHaveLength(1);
    await person.click(id("chat-toggle"));
    expect(screen.queryAllByTestId("toast")).toHaveLength(0);
  });

  test("the reactions close when another control is used", async () => {
    const { person } = await renderInCall(<CallScreen />, [peer("p1")]);
    await person.click(id("reactions-toggle"));
    await person.click(screen.getAllByTestId("reaction")[0] as HTMLElement);
    expect(screen.getAllByTestId("reaction")).toHaveLength(8);
    await person.click(id("participants-toggle"));
    expect(screen.queryAllByTestId("reaction")).toHaveLength(0);
  });

  test("toasts go by themselves, but not while somebody points at them", async () => {
    const { call, person } = await renderInCall(<CallScreen />);
    vi.useFakeTimers({ shouldAdvanceTime: true });
    act(() => call.toasts.show({ type: "linkCopied" }));
    await person.hover(id("toast"));
    act(() => void vi.advanceTimersByTime(10_000));
    expect(id("toast")).toBeDefined();
    await person.unhover(id("toast"));
    act(() => void vi.advanceTimersByTime(10_000));
    expect(screen.queryByTestId("toast")).toBeNull();
  });
});
