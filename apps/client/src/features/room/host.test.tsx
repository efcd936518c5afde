import { screen, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { ada, fakeApi, renderInCall } from "~tests/fakes/callScreen";
import { message, peer, room } from "~tests/fakes/session";
import { CallScreen } from "./CallScreen";

const id = (testId: string) => screen.getByTestId(testId);
const asHost = (api = fakeApi({ me: async () => ada })) =>
  renderInCall(<CallScreen />, [peer("p1", { video: true })], api, ada.id);
const requests = ({ call }: Awaited<ReturnType<typeof renderInCall>>) =>
  call.effects.flatMap((effect) => (effect.type === "sendHostRequest" ? [effect.request] : []));

const knock = (peerId: string) =>
  ({ type: "knocked", peerId, userInfo: peer(peerId).userInfo }) as const;

describe("a host", () => {
  test.each([
    ["mute-peer", { event: "host:mute", payload: { peerId: "p1", kind: "audio" } }],
    ["remove-peer", { event: "host:remove", payload: { peerId: "p1" } }],
  ])("uses %s by keyboard", async (testId, request) => {
    const view = await asHost();
    await view.person.click(id("participants-toggle"));
    id("peer-menu").focus();
    await view.person.keyboard("{Enter}");
    (await screen.findByTestId(testId)).focus();
    await view.person.keyboard("{Enter}");
    expect(requests(view)).toEqual([request]);
  });

  test("hands the meeting over", async () => {
    const view = await asHost();
    await view.person.click(id("participants-toggle"));
    await view.person.click(id("peer-menu"));
    await view.person.click(await screen.findByText("Make host"));
    expect(requests(view)).toEqual([{ event: "host:transfer", payload: { peerId: "p1" } }]);
  });

  test("is asked whether the meeting goes on", async () => {
    const view = await asHost();
    await view.person.click(id("leave"));
    expect(view.call.store.getState().phase).toBe("live");
    await view.person.click(await screen.findByTestId("end-call"));
    expect(requests(view)).toEqual([{ event: "host:end", payload: {} }]);
    await view.person.click(id("leave"));
    await view.person.click(await screen.findByTestId("leave-confirm"));
    expect(view.call.store.getState().phase).toBe("ended");
  });

  test("answers a knock on the spot, or all of them in the list", async () => {
    const view = await asHost();
    for (const one of ["k1", "k2", "k3"]) view.call.dispatch(knock(one));
    await view.person.click(id("deny"));
    expect(requests(view)).toEqual([{ event: "host:deny", payload: { peerId: "k1" } }]);
    await view.person.click(screen.getByRole("button", { name: "See all (2)" }));
    expect(screen.getAllByTestId("admit")).toHaveLength(2);
    await view.person.click(screen.getByRole("button", { name: "Admit all" }));
    expect(
      requests(view)
        .slice(1)
        .map(({ event }) => event),
    ).toEqual(["host:admit", "host:admit"]);
    expect(screen.queryByTestId("admit")).toBeNull();
  });

  test("switches the lobby on in the settings", async () => {
    const changes: unknown[] = [];
    const updateRoom = async (_slug: string, change: object) => {
      changes.push(change);
      return { ...room, ...change };
    };
    const view = await asHost(fakeApi({ me: async () => ada, updateRoom }));
    await view.person.click(id("settings"));
    await view.person.click(screen.getByRole("tab", { name: "Meeting" }));
    const lobby = screen.getByRole<HTMLInputElement>("switch", { name: "Ask before coming in" });
    await view.person.click(lobby);
    expect(changes).toEqual([{ lobby: true }]);
    expect(lobby.checked).toBe(true);
  });

  test("has the call go through the server, until told otherwise", async () => {
    const view = await asHost();
    await view.person.click(id("settings"));
    await view.person.click(screen.getByRole("tab", { name: "Meeting" }));
    const label = "Call through the server";
    const through = screen.getByRole<HTMLInputElement>("switch", { name: label });
    await view.person.click(through);
    expect(through.checked).toBe(false); // the room's word decides
    view.call.dispatch({ type: "modeChanged", mode: "sfu" });
    expect(through.checked).toBe(true);
    await view.person.click(through);
    expect(requests(view)).toEqual([
      { event: "host:mode", payload: { mode: "sfu" } },
      { event: "host:mode", payload: { mode: "p2p" } },
    ]);
  });
});

describe("a knock", () => {
  test("is heard, and again while somebody waits and the page is out of sight", async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, "play");
    const heard = () =>
      play.mock.contexts.filter((one) => (one as HTMLMediaElement).src.startsWith("blob:")).length;
    const { call } = await asHost();
    vi.useFakeTimers();
    call.dispatch(knock("k1"));
    expect(heard()).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(heard()).toBe(1);
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    vi.advanceTimersByTime(30_000);
    expect(heard()).toBe(3);
    call.dispatch(knock("k2"));
    expect(heard()).toBe(4);
    for (const peerId of ["k1", "k2"]) call.dispatch({ type: "knockEnded", peerId });
    vi.advanceTimersByTime(60_000);
    expect(heard()).toBe(4);
    hidden.mockRestore();
  });

  test("is counted in the title, as unread messages are, until it is answered", async () => {
    document.title = "abc-defg-hij · WebRTC Chat";
    const view = await asHost();
    view.call.dispatch(knock("k1"));
    expect(document.title).toBe("(1) abc-defg-hij · WebRTC Chat");
    view.call.dispatch({ type: "chatReceived", message: message("m1"), clientId: undefined });
    expect(document.title).toBe("(2) abc-defg-hij · WebRTC Chat");
    await view.person.click(id("admit"));
    expect(document.title).toBe("(1) abc-defg-hij · WebRTC Chat");
    await view.person.click(id("chat-toggle"));
    expect(document.title).toBe("abc-defg-hij · WebRTC Chat");
    view.call.dispatch(knock("k2"));
    document.title = "Another page";
    view.unmount();
    expect(document.title).toBe("Another page");
  });
});

test("everyone else is offered none of that", async () => {
  const view = await renderInCall(<CallScreen />, [peer("p1")]);
  await view.person.click(id("participants-toggle"));
  expect(screen.queryByTestId("peer-menu")).toBeNull();
  await view.person.click(id("settings"));
  expect(within(screen.getByRole("dialog")).queryByRole("tab", { name: "Meeting" })).toBeNull();
});
