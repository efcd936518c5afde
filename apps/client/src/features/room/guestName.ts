// The name a guest gave last time, kept in this browser.

export const NAME_MAX = 40;
const KEY = "webrtc-chat.name";

export function loadGuestName(): string {
  try {
    return localStorage.getItem(KEY)?.slice(0, NAME_MAX) ?? "";
  } catch {
    return "";
  }
}

export function saveGuestName(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Without storage the name is asked again next time.
  }
}
