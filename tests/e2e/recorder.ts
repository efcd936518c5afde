// When each frame of a peer's tile was shown, and by which track: `recordPictures` and `readPictures`
// run in the page, the rest reads what they saw.

/**
 * `at`: milliseconds since the page began, by the browser's own clock of frames; `count`: how many frames of the
 * track were presented until then, which a page that was busy did not all hear of.
 */
export type Shown = { at: number; track: string; count: number };

/** Follows the pictures in the tile of one peer's camera from now on. */
export function recordPictures(peerId: string): void {
  const shown: Shown[] = [];
  const known = new WeakSet<HTMLVideoElement>();
  const follow = (video: HTMLVideoElement) => {
    const stream = video.srcObject;
    if (!(stream instanceof MediaStream)) return;
    const track = stream.getVideoTracks()[0]?.id ?? "";
    const next = () =>
      video.requestVideoFrameCallback((_now, { presentationTime: at, presentedFrames: count }) => {
        shown.push({ at, track, count });
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

type Recording = { shown: Shown[] };

/** From this frame of the recording on. */
export function readPictures(from = 0): Shown[] {
  return (window as unknown as Recording).shown.slice(from);
}

/** Whether the newest `frames` frames came by one track, and where it `switches` by another one than the frame at `from`. */
export function isCalm(from: number, frames: number, switches: boolean): boolean {
  const shown = (window as unknown as Recording).shown.slice(from);
  const newest = shown.at(-1)?.track;
  const isOne = shown.length > frames && shown.slice(-frames).every(({ track }) => track === newest);
  return isOne && (!switches || newest !== shown[0]?.track);
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

/** How often a track began anew in another video element, whose picture stands still until then. */
export function restarts(shown: readonly Shown[]): number {
  const last = new Map<string, number>();
  return shown.filter(({ track, count }) => {
    const before = last.get(track) ?? 0;
    last.set(track, count);
    return count < before;
  }).length;
}

/** `sinceNew`: when it began, since the newest track's first frame. */
export type Gap = { ms: number; sinceNew: number };

/** The longest time without a new picture among these frames. A track that goes on hides the one that comes. */
export function longestGap(shown: readonly Shown[]): Gap {
  const tracks = [...new Set(shown.map(({ track }) => track))];
  const ends = tracks.map((one) => shown.findLast(({ track }) => track === one)?.at ?? 0);
  const seen = shown.filter(({ at, track }) => at >= (ends[tracks.indexOf(track) - 1] ?? 0));
  const firstOfNewest = shown.find(({ track }) => track === tracks.at(-1))?.at ?? 0;
  let longest: Gap = { ms: 0, sinceNew: 0 };
  for (const [i, one] of seen.sort((a, b) => a.at - b.at).entries()) {
    const last = seen[i - 1];
    if (last === undefined) continue;
    const steps = last.track === one.track ? Math.max(1, one.count - last.count) : 1;
    const ms = (one.at - last.at) / steps;
    if (ms > longest.ms) longest = { ms, sinceNew: last.at - firstOfNewest };
  }
  return longest;
}
