// When each frame of a peer's tile was shown, and by which track: `recordPictures` and `readPictures`
// run in the page, the rest reads what they saw.

/** `at`: milliseconds since the page began, by the browser's own clock of frames. */
export type Shown = { at: number; track: string };

/** Follows the pictures in the tile of one peer's camera from now on. */
export function recordPictures(peerId: string): void {
  const shown: Shown[] = [];
  const known = new WeakSet<HTMLVideoElement>();
  const follow = (video: HTMLVideoElement) => {
    const stream = video.srcObject;
    if (!(stream instanceof MediaStream)) return;
    const track = stream.getVideoTracks()[0]?.id ?? "";
    const next = () =>
      video.requestVideoFrameCallback((at) => {
        shown.push({ at, track });
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
  Object.assign(window, { shown });
}

export function readPictures(): Shown[] {
  return (window as unknown as { shown: Shown[] }).shown;
}

/** Where one track took the tile over from another one. */
export type Change = { firstOfNew: number; lastOfOld: number };

export function changes(shown: readonly Shown[]): Change[] {
  const tracks = [...new Set(shown.map(({ track }) => track))];
  const times = tracks.map((one) => shown.filter(({ track }) => track === one).map(({ at }) => at));
  return times.slice(1).map((fresh, i) => ({
    firstOfNew: fresh[0] ?? Number.NaN,
    lastOfOld: times[i]?.at(-1) ?? Number.NaN,
  }));
}

/** The longest time without a new picture among these frames, in milliseconds. A track that has come hides the one before. */
export function longestGap(shown: readonly Shown[]): number {
  const tracks = [...new Set(shown.map(({ track }) => track))];
  let newest = 0;
  let last = Number.NaN;
  let longest = 0;
  for (const { at, track } of [...shown].sort((a, b) => a.at - b.at)) {
    if (tracks.indexOf(track) < newest) continue;
    newest = tracks.indexOf(track);
    if (at - last > longest) longest = at - last;
    last = at;
  }
  return longest;
}
