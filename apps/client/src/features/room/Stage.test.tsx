import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderInCall } from "~tests/fakes/callScreen";
import { peer, silent } from "~tests/fakes/session";
import { CallScreen } from "./CallScreen";

const tile = (peerId: string, source = "camera") =>
  screen
    .getAllByTestId("tile")
    .find(({ dataset }) => dataset["peerId"] === peerId && dataset["source"] === source);

test("who stays in sight plays on while others come, share, are pinned and go", async () => {
  const { call, person } = await renderInCall(<CallScreen />, [peer("a")]);
  const [other, self] = [tile("a"), screen.getByTestId("self-tile")];
  const bothAreThere = () => {
    expect(tile("a")).toBe(other);
    expect(screen.getByTestId("self-tile")).toBe(self);
  };
  expect(screen.getByRole("group", { name: /arrow keys/ }).contains(self)).toBe(true);
  call.dispatch({ type: "peerJoined", peer: peer("b") });
  expect(screen.queryByRole("group", { name: /arrow keys/ })).toBeNull();
  bothAreThere();
  await person.click(screen.getByRole("button", { name: "Pin Name a" }));
  bothAreThere();
  await person.click(screen.getByRole("button", { name: "Unpin Name a" }));
  const state = { ...silent, screen: true };
  call.dispatch({ type: "peerUpdated", peerId: "b", state, userInfo: null });
  const shared = tile("b", "screen");
  expect(shared).toBeDefined();
  bothAreThere();
  await person.click(screen.getByRole("button", { name: "Pin Name b" }));
  expect(tile("b", "screen")).toBe(shared);
  call.dispatch({ type: "peerLeft", peerId: "b" });
  bothAreThere();
});
