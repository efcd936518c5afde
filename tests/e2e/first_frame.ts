// Runs in the page: how long it takes from a click on join, here or at a peer's, until a first picture is seen.

export type Noted = { click: number | null; frame: number | null };

/** From now on, or before the page's scripts; times are of the machine's clock, so that those of two pages compare. */
export function noteFirstFrame(): void {
  const noted: Noted = { click: null, frame: null };
  Object.assign(window, { firstFrame: noted });
  const onClick = ({ target }: Event) => {
    if (target instanceof Element && target.closest('[data-testid="join-call"]')) noted.click = Date.now();
  };
  addEventListener("click", onClick, true);
  const known = new WeakSet<Element>();
  new MutationObserver(() => {
    for (const video of document.querySelectorAll<HTMLVideoElement>('[data-testid="tile"] video')) {
      if (known.has(video)) continue;
      known.add(video);
      video.requestVideoFrameCallback(() => (noted.frame ??= Date.now()));
    }
  }).observe(document, { childList: true, subtree: true });
}

export function readFirstFrame(): Noted {
  return (window as unknown as { firstFrame: Noted }).firstFrame;
}
