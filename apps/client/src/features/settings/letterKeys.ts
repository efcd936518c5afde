// Whether single letters are shortcuts (WCAG 2.1.4: it must be possible to switch them off).
import { createStoredChoice } from "~/media/storedChoice";

const choice = createStoredChoice("webrtc-chat.letterKeys", ["on", "off"]);

export const letterKeys = {
  subscribe: choice.subscribe,
  get: () => choice.get() === "on",
  set: (on: boolean) => choice.set(on ? "on" : "off"),
};
