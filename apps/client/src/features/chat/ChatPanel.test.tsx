import { screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { renderInCall } from "~tests/fakes/callScreen";
import { message, peer } from "~tests/fakes/session";
import { ChatPanel } from "./ChatPanel";

async function open() {
  const view = await renderInCall(<ChatPanel onClose={() => {}} />, [peer("p1"), peer("p2")]);
  const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
  const sent = () => view.call.effects.flatMap((e) => (e.type === "sendChat" ? [e.content] : []));
  return { ...view, input, sent };
}

describe("writing", () => {
  test("the field has the focus; Enter sends, Shift and Enter begins a line", async () => {
    const { person, input, sent } = await open();
    expect(document.activeElement).toBe(input);
    await person.keyboard("one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(sent()).toEqual(["one\ntwo"]);
    expect(input.value).toBe("");
  });

  test("nothing but spaces is not sent", async () => {
    const { person, sent } = await open();
    await person.keyboard("   {Enter}");
    expect(sent()).toEqual([]);
    expect(screen.getByTestId<HTMLButtonElement>("chat-send").disabled).toBe(true);
  });

  test("the others learn that somebody writes, once, and that it ended", async () => {
    const { person, call } = await open();
    await person.keyboard("hello{Enter}");
    const typing = call.effects.flatMap((e) => (e.type === "sendTyping" ? [e.typing] : []));
    expect(typing).toEqual([true, false]);
  });

  test("what was not sent can be tried again", async () => {
    const { person, call, sent } = await open();
    await person.keyboard("hello{Enter}");
    const effect = call.effects.find((one) => one.type === "sendChat");
    if (effect?.type !== "sendChat") throw new Error("nothing sent");
    call.dispatch({ type: "chatFailed", clientId: effect.clientId });
    await person.click(screen.getByRole("button", { name: "Try again" }));
    expect(sent()).toEqual(["hello", "hello"]);
  });
});

describe("reading", () => {
  test("markup is text, and only web addresses are links", async () => {
    const { call, container } = await open();
    const content = "<b>x</b> javascript:alert(1) https://example.com/a?b=1.";
    call.dispatch({ type: "chatReceived", message: message("m1", content), clientId: undefined });
    expect(screen.getByTestId("chat-message").textContent).toContain(content);
    expect(container.querySelector("b")).toBeNull();
    const links = screen.getAllByRole<HTMLAnchorElement>("link");
    expect(links.map((link) => link.href)).toEqual(["https://example.com/a?b=1"]);
    expect(links[0]?.rel).toContain("noopener");
  });

  test("the direction of a text turns nothing around it", async () => {
    const { call } = await open();
    const turned = { ...message("m1", "\u202Eolleh"), username: "\u05E2\u05D3\u05D4" };
    call.dispatch({ type: "chatReceived", message: turned, clientId: undefined });
    for (const text of [turned.content, turned.username]) {
      expect(screen.getByText(text).getAttribute("dir")).toBe("auto");
    }
  });

  test("older messages are asked for by a button, while there are any", async () => {
    const { call, person } = await open();
    expect(screen.queryByRole("button", { name: /older/ })).toBeNull();
    call.dispatch({ type: "olderLoaded", page: { messages: [message("m0")], nextCursor: "m0" } });
    await person.click(screen.getByRole("button", { name: /older/ }));
    expect(call.effects).toContainEqual({ type: "loadOlder", before: "m0" });
  });

  test("who writes is named", async () => {
    const { call } = await open();
    call.dispatch({ type: "typingReceived", peerId: "p1", typing: true });
    expect(screen.getByText("Name p1 is typing…")).toBeDefined();
    call.dispatch({ type: "typingReceived", peerId: "p2", typing: true });
    expect(screen.getByText("Name p1 and Name p2 are typing…")).toBeDefined();
  });
});
