import { screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { ApiError } from "~/api/errors";
import { ada, fakeApi, renderPage } from "~tests/fakes/callScreen";
import { room } from "~tests/fakes/session";
import { Lobby } from "./Lobby";
import { readRoomCode } from "./roomCode";

const where = () => screen.getByTestId("where").textContent;

test.each([
  ["abc-defg-hij", "abc-defg-hij"],
  [" ABCDEFGHIJ ", "abc-defg-hij"],
  ["https://chat.example/room/abc-defg-hij?x=1#y", "abc-defg-hij"],
  ["localhost:3000/room/my-team", "my-team"],
  ["my-team", "my-team"],
  ["ab", null],
  ["what is this?", null],
  ["https://chat.example/", null],
  ["../../etc", null],
])("the code in %s is %s", (input, code) => {
  expect(readRoomCode(input)).toBe(code);
});

describe("the home page", () => {
  test("Join waits for a code and goes to its door, by keyboard alone", async () => {
    const { person } = renderPage(<Lobby />);
    expect(screen.getByTestId<HTMLButtonElement>("join").disabled).toBe(true);
    await person.type(screen.getByTestId("join-code"), "abcdefghij{Enter}");
    expect(where()).toBe("/room/abc-defg-hij");
  });

  test("what cannot be a code is said beside the field", async () => {
    const { person } = renderPage(<Lobby />);
    await person.type(screen.getByTestId("join-code"), "??{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("abc-defg-hij");
    expect(where()).toBe("/");
  });

  test("a meeting is created and entered", async () => {
    const names: string[] = [];
    const createRoom = async (name: string) => {
      names.push(name);
      return room;
    };
    const { person } = renderPage(<Lobby />, fakeApi({ me: async () => ada, createRoom }));
    await screen.findByTestId("profile-menu");
    await person.type(screen.getByTestId("room-name"), "Stand-up{Enter}");
    await waitFor(() => expect(where()).toBe("/room/abc-defg-hij"));
    expect(names).toEqual(["Stand-up"]);
  });

  test("a guest is asked to sign in first", async () => {
    const { person } = renderPage(<Lobby />);
    await screen.findByText("Sign in");
    await person.click(screen.getByTestId("create-room"));
    expect(where()).toBe("/login");
  });

  test("a refusal is shown, and signing out is at hand", async () => {
    const createRoom = () => Promise.reject(new ApiError("RATE_LIMITED", [], 30));
    const { person } = renderPage(<Lobby />, fakeApi({ me: async () => ada, createRoom }));
    await screen.findByTestId("profile-menu");
    await person.click(screen.getByTestId("create-room"));
    expect((await screen.findByRole("alert")).textContent).toContain("30 s");
    await person.click(screen.getByTestId("profile-menu"));
    await person.click(await screen.findByTestId("logout"));
    await waitFor(() => expect(screen.queryByTestId("profile-menu")).toBeNull());
  });

  test("recent meetings lead back in", async () => {
    const rooms = async () => [room];
    const { person } = renderPage(<Lobby />, fakeApi({ me: async () => ada, rooms }));
    await person.click(await screen.findByRole("link", { name: /Design review/ }));
    expect(where()).toBe("/room/abc-defg-hij");
  });
});
