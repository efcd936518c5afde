// Runs in the page: when each frame of a peer's tile was shown, and by which track.

/** Times in milliseconds since the page began, by the browser's own clock of frames. */
export type Change = { firstOfNew: number; lastOfOld: number; longestGapMs: number };
type Shown = { at: number; track: string };
type Recording = { shown: Shown[]; first: string };

/** Follows the pictures in the tile of one peer's camera from now on. */
export function recordPictures(peerId: string): void {
  const recording: Recording = { shown: [], first: "" };
  const known = new WeakSet<HTMLVideoElement>();
  const follow = (video: HTMLVideoElement) => {
    const stream = video.srcObject;
    if (!(stream instanceof MediaStream)) return;
    const track = stream.getVideoTracks()[0]?.id ?? "";
    recording.first ||= track;
    const next = () =>
      video.requestVideoFrameCallback((at) => {
        recording.shown.push({ at, track });
        next();
      });
    next();
  };
  const look = () => {
    const tile = document.querySelector(`[data-testid="tile"][data-peer-id="${peerId}"][data-source="camera"]`);
    for (const video of tile?.querySelectorAll("video") ?? []) {
      if (known.has(video) || video.srcObject === null) continue;
      known.add(video);
      follow(video);
    }
    requestAnimationFrame(look);
  };
  look();
  Object.assign(window, { recording });
}

/** The change from the first track to another one; null until frames of both were seen. */
export function readChanges(): Change | null {
  const { recording } = window as unknown as { recording: Recording };
  const old = recording.shown.filter(({ track }) => track === recording.first);
  const fresh = recording.shown.filter(({ track }) => track !== recording.first);
  const [firstOfNew] = fresh;
  const lastOfOld = old.at(-1);
  if (firstOfNew === undefined || lastOfOld === undefined) return null;
  const times = recording.shown.map(({ at }) => at).sort((a, b) => a - b);
  const gaps = times.map((at, i) => at - (times[i - 1] ?? at));
  return { firstOfNew: firstOfNew.at, lastOfOld: lastOfOld.at, longestGapMs: Math.max(...gaps) };
}
