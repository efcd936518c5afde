// More people than tiles, one of them pinned, and the numbers behind the tiles.
import { act, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderInCall } from "~tests/fakes/callScreen";
import { peer } from "~tests/fakes/session";
import { CallScreen } from "./CallScreen";

const shown = () => screen.getAllByTestId("tile").map((tile) => tile.dataset["peerId"]);
const people = ["a", "b", "c", "d", "e"].map((id) => peer(id));

const unmeasured = ResizeObserver;
afterEach(() => {
  vi.stubGlobal("ResizeObserver", unmeasured);
});

/** Room for one row of two tiles. */
function narrowStage(): void {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      private readonly tell: (entries: unknown[]) => void;
      constructor(tell: (entries: unknown[]) => void) {
        this.tell = tell;
      }
      observe() {
        this.tell([{ contentRect: { width: 340, height: 100 } }]);
      }
      unobserve() {}
      disconnect() {}
    },
  );
}

test("pages are turned by their buttons and by keys", async () => {
  narrowStage();
  const { person } = await renderInCall(<CallScreen />, people);
  expect(shown()).toEqual(["a"]);
  expect(screen.getByText("1 of 3")).toBeDefined();
  await person.click(screen.getByRole("button", { name: "Next page" }));
  expect(shown()).toEqual(["b", "c"]);
  await person.keyboard("{PageDown}");
  expect(shown()).toEqual(["d", "e"]);
  await person.keyboard("{PageUp}{PageUp}");
  expect(shown()).toEqual(["a"]);
});

test("who speaks on another page takes the last place of this one", async () => {
  narrowStage();
  const { call } = await renderInCall(<CallScreen />, people);
  const payload = { peerIds: ["e"], dominant: "e" };
  act(() => call.media.receive({ name: "sfu:active-speakers", payload }));
  expect(shown()).toEqual(["e"]);
});

test("a person is pinned and let go again", async () => {
  const { person } = await renderInCall(<CallScreen />, people.slice(0, 2));
  await person.click(screen.getByRole("button", { name: "Pin Name b" }));
  expect(shown()).toEqual(["b", "a"]);
  await person.click(screen.getByRole("button", { name: "Unpin Name b" }));
  expect(shown()).toEqual(["a", "b"]);
});

test("the statistics open from the menu", async () => {
  const { person } = await renderInCall(<CallScreen />, people.slice(0, 1));
  await person.click(screen.getByRole("button", { name: "More" }));
  await person.click(screen.getByRole("menuitem", { name: "Call statistics" }));
  expect(screen.getByRole("dialog", { name: "Call statistics" })).toBeDefined();
});
