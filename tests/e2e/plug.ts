// A camera or microphone that is pulled out and plugged in again, as the page sees it: the browsers'
// fake devices never go away by themselves.

/** Runs before the page's scripts: keeps the tracks within reach, and refuses a device that is out. */
export function watchDevices(): void {
  const tracks: MediaStreamTrack[] = [];
  const out = new Set<string>();
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked = {}) => {
    if (out.has(asked.video ? "video" : "audio")) throw new DOMException("Requested device not found", "NotFoundError");
    const stream = await open(asked);
    tracks.push(...stream.getTracks());
    return stream;
  };
  Object.assign(window, { plugs: { tracks, out } });
}

type Plugs = { plugs: { tracks: MediaStreamTrack[]; out: Set<string> } };

/** Pulls the device out. `spare`: there is another one of this kind. */
export function unplug(kind: "audio" | "video", spare: boolean): void {
  const { tracks, out } = (window as unknown as Plugs).plugs;
  if (!spare) out.add(kind);
  for (const track of tracks.filter((one) => one.kind === kind && one.readyState === "live")) {
    track.stop(); // which alone tells nobody
    track.dispatchEvent(new Event("ended"));
  }
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
}

export function plugIn(kind: "audio" | "video"): void {
  (window as unknown as Plugs).plugs.out.delete(kind);
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
}
