import { screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { codecChoice, codecChoices } from "~/media/sfu/codecChoice";
import { createStoredChoice } from "~/media/storedChoice";
import { renderInCall } from "~tests/fakes/callScreen";
import { letterKeys } from "./letterKeys";
import { SettingsDialog } from "./SettingsDialog";

afterEach(() => {
  codecChoice.set("auto");
  letterKeys.set(true);
});

test("what is chosen in the settings holds at once, and outlives the page", async () => {
  const view = await renderInCall(<SettingsDialog tab="general" onTab={() => {}} />, []);
  await view.person.selectOptions(screen.getByTestId("select-video-codec"), "VP9");
  await view.person.click(screen.getByRole("checkbox", { name: /Single letters/ }));
  expect(codecChoice.get()).toBe("VP9");
  expect(letterKeys.get()).toBe(false);
  const next = [
    createStoredChoice("webrtc-chat.videoCodec", codecChoices),
    createStoredChoice("webrtc-chat.letterKeys", ["on", "off"]),
  ];
  expect(next.map((choice) => choice.get())).toEqual(["VP9", "off"]);
});

test("a stored choice that there is no more is the first one", () => {
  localStorage.setItem("webrtc-chat.videoCodec", "Theora");
  expect(createStoredChoice("webrtc-chat.videoCodec", codecChoices).get()).toBe("auto");
});
