// Whether single letters are shortcuts (WCAG 2.1.4: it must be possible to switch them off).
import { createCell } from "~/media/observable";

const KEY = "webrtc-chat.letterKeys";

function read(): boolean {
  try {
    return globalThis.localStorage?.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

const cell = createCell(read());

export const letterKeys = {
  ...cell,
  set: (on: boolean) => {
    try {
      localStorage.setItem(KEY, on ? "on" : "off");
    } catch {
      // Without storage the choice lasts until the page is left.
    }
    cell.set(on);
  },
};
