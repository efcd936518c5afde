// How often a page draws, and its pictures. The functions run in the page.

/** The bare video elements of `stripPage`. */
export const BARE = "#bare video";

/** Frames a second: of the page, and of each picture in the order of the page. */
export type Drawn = { page: number; pictures: number[] };

/** Of the pictures of a call for so long; one that stands still draws none. */
export async function countDrawn(selector: string, ms: number): Promise<Drawn> {
  type Seen = { at: number; count: number };
  let isOver = false;
  const follow = (video: HTMLVideoElement) => {
    const ends: { first?: Seen; last?: Seen } = {};
    const next = () =>
      video.requestVideoFrameCallback((_now, { presentationTime: at, presentedFrames: count }) => {
        ends.last = { at, count };
        ends.first ??= ends.last;
        if (!isOver) next();
      });
    next();
    return ends;
  };
  const all = [...document.querySelectorAll<HTMLVideoElement>(selector)].map(follow);
  const start = performance.now();
  let frames = 0;
  await new Promise<void>((resolve) => {
    const next = () => {
      frames++;
      if (performance.now() - start < ms) requestAnimationFrame(next);
      else resolve();
    };
    requestAnimationFrame(next);
  });
  const spent = performance.now() - start;
  isOver = true;
  const rate = ({ first, last }: { first?: Seen; last?: Seen }) =>
    first && last && last.at > first.at ? (1000 * (last.count - first.count)) / (last.at - first.at) : 0;
  return { page: (1000 * frames) / spent, pictures: all.map(rate) };
}

/**
 * Puts bare video elements in the place of the pictures, as large and with the same tracks, and hides all else; the pictures
 * themselves rest. With `false` the page is as before.
 */
export async function stripPage(selector: string, strip: boolean): Promise<void> {
  const pictures = [...document.querySelectorAll<HTMLVideoElement>(selector)];
  const rest = () => [...document.body.children].filter((one): one is HTMLElement => one instanceof HTMLElement && one.id !== "bare");
  if (!strip) {
    document.getElementById("bare")?.remove();
    for (const one of rest()) one.style.visibility = "";
    await Promise.all(pictures.map((one) => one.play()));
    return;
  }
  const frame = Object.assign(document.createElement("div"), { id: "bare" });
  const bare = pictures.map((picture) => {
    const { left, top, width, height } = picture.getBoundingClientRect();
    const video = Object.assign(document.createElement("video"), { muted: true, srcObject: picture.srcObject });
    const place = { position: "fixed", left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` };
    Object.assign(video.style, place, { objectFit: "cover" });
    return video;
  });
  frame.append(...bare);
  document.body.append(frame);
  for (const one of pictures) one.pause();
  for (const one of rest()) one.style.visibility = "hidden";
  await Promise.all(bare.map((one) => one.play()));
}
