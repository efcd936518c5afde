import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { ApiError } from "~/api/errors";
import type { EndReason } from "~/call/callState";
import { CallContext } from "~/features/call";
import { CallMedia } from "~/media/callMedia";
import { signallingErrorCodes } from "~/signalling/events";
import { ada, createTestCall, fakeApi, renderPage, type TestCall } from "~tests/fakes/callScreen";
import { room } from "~tests/fakes/session";
import { After } from "./After";
import { PreJoin } from "./PreJoin";
import { RoomProblem } from "./RoomProblem";

const within = (call: TestCall, ui: React.ReactNode) => (
  <CallContext value={call}>{ui}</CallContext>
);

async function open(api = fakeApi(), prepare: (call: TestCall) => void = () => {}) {
  const call = createTestCall();
  prepare(call);
  await call.local.start();
  return { ...renderPage(within(call, <PreJoin code={room.slug} />), api), call };
}

describe("the green room", () => {
  test("a guest gives a name and goes in by Enter; the name is remembered", async () => {
    const { person, call } = await open();
    const join = await screen.findByTestId<HTMLButtonElement>("join-call");
    expect(join.disabled).toBe(true);
    await person.type(screen.getByTestId("guest-name"), " Bo {Enter}");
    expect(call.effects).toContainEqual({ type: "openSocket", guestName: "Bo" });
    expect(call.effects).not.toContainEqual({ type: "prepareSocket" });
    expect(localStorage.getItem("webrtc-chat.name")).toBe("Bo");
  });

  test("who is signed in needs no name, and is connected at the door", async () => {
    const { person, call } = await open(fakeApi({ me: async () => ada }));
    const join = await screen.findByTestId("join-call");
    expect(call.effects).toEqual([{ type: "prepareSocket" }]);
    await person.click(join);
    expect(screen.queryByTestId("guest-name")).toBeNull();
    expect(call.effects).toContainEqual({ type: "openSocket", guestName: null });
  });

  test("shows how many are in, not who", async () => {
    await open(fakeApi({ room: async () => ({ ...room, peerCount: 3 }) }));
    expect(await screen.findByText("3 people are in this meeting")).toBeDefined();
  });

  test("what the SFU needs is loaded at the door of a room that will call through it", async () => {
    for (const [peerCount, prepared] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const prepare = vi.spyOn(CallMedia.prototype, "prepareSfu");
      const { unmount } = await open(fakeApi({ room: async () => ({ ...room, peerCount }) }));
      await screen.findByTestId("guest-name");
      await waitFor(() => expect(prepare).toHaveBeenCalledTimes(prepared));
      unmount();
      prepare.mockRestore();
    }
  });

  test("a meeting without guests asks to sign in", async () => {
    await open(fakeApi({ room: async () => ({ ...room, guests: false }) }));
    expect(await screen.findByText(/for people with an account/)).toBeDefined();
    expect(screen.queryByTestId("join-call")).toBeNull();
  });

  test("a denied camera is explained, and does not keep anyone out", async () => {
    const { person, call } = await open(fakeApi(), ({ devices }) => {
      devices.failures.video = new DOMException("", "NotAllowedError");
    });
    expect((await screen.findByTestId("camera-problem")).textContent).toContain(
      "camera is blocked",
    );
    await person.type(await screen.findByTestId("guest-name"), "Bo{Enter}");
    expect(call.effects).toContainEqual({ type: "openSocket", guestName: "Bo" });
  });

  test("one text when both are denied, and one click tries both again", async () => {
    const { person, call } = await open(fakeApi(), ({ devices }) => {
      devices.failures.audio = new DOMException("", "NotAllowedError");
      devices.failures.video = new DOMException("", "NotAllowedError");
    });
    const problem = await screen.findByTestId("both-problem");
    expect(problem.textContent).toContain("Your microphone and camera are blocked");
    expect(screen.queryByTestId("mic-problem")).toBeNull();
    delete call.devices.failures.audio;
    delete call.devices.failures.video;
    await person.click(screen.getByRole("button", { name: "Try again" }));
    expect(call.local.get()).toMatchObject({ mic: { on: true }, camera: { on: true } });
  });

  test("microphone, camera and devices are set before joining", async () => {
    const { person, call } = await open();
    await person.click(screen.getByTestId("mic-toggle"));
    await person.click(screen.getByTestId("camera-toggle"));
    expect(call.local.get()).toMatchObject({ mic: { on: false }, camera: { on: false } });
    await person.selectOptions(screen.getByTestId("select-mic"), "Headset");
    await waitFor(() => expect(call.local.get().mic.track?.label).toBe("Headset"));
  });

  test("while the server is silent the wait is said, and can be ended", async () => {
    const { person, call } = await open(fakeApi({ me: async () => ada }));
    await person.click(await screen.findByTestId("join-call"));
    expect(screen.getByTestId("connection-state").textContent).toBe("connecting");
    call.dispatch({ type: "offlineFor", long: false });
    expect(screen.getByText(/does not answer yet/)).toBeDefined();
    await person.click(screen.getByRole("button", { name: "Cancel" }));
    expect(call.store.getState().phase).toBe("ended");
  });

  test.each<[string, ApiError, string, RegExp]>([
    ["an unknown code", new ApiError("ROOM_NOT_FOUND"), "ROOM_NOT_FOUND", /no such meeting/],
    ["no network", new ApiError("NETWORK"), "NO_ANSWER", /cannot be reached/],
  ])("%s has its own page with a way out", async (_name, error, code, text) => {
    await open(fakeApi({ room: () => Promise.reject(error) }));
    const problem = await screen.findByTestId("room-error");
    expect(problem.dataset["code"]).toBe(code);
    expect(problem.textContent).toMatch(text);
    expect(screen.getByRole("link", { name: "Return home" })).toBeDefined();
  });
});

describe("refusals", () => {
  test("every code has a text and a way out", () => {
    for (const code of signallingErrorCodes) {
      const { unmount } = renderPage(within(createTestCall(), <RoomProblem failure={code} />));
      expect(screen.getByTestId("room-error").textContent?.length).toBeGreaterThan(30);
      expect(screen.getByRole("link", { name: "Return home" })).toBeDefined();
      unmount();
    }
  });
});

describe("after the call", () => {
  const entry = { code: room.slug, guestName: "Bo", userId: null };
  const reasons: EndReason[] = ["left", "removed", "ended", "deleted"];

  test.each(reasons)("%s has its own heading", (reason) => {
    renderPage(within(createTestCall(), <After entry={entry} reason={reason} />));
    expect(screen.getByRole("heading", { level: 1 }).textContent).toContain(reason);
    expect(screen.queryByTestId("rejoin") === null).toBe(reason === "deleted");
  });

  test("rejoin goes straight back in", async () => {
    const call = createTestCall();
    const { person } = renderPage(within(call, <After entry={entry} reason="left" />));
    await act(() => person.click(screen.getByTestId("rejoin")));
    expect(call.effects).toContainEqual({ type: "openSocket", guestName: "Bo" });
  });
});
