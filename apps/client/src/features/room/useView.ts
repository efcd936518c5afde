import { type RefObject, useEffect } from "react";
import { useCallParts } from "~/features/call";
import type { Source } from "~/signalling/events";

/** Follows how large a tile is seen, so that no more of its picture is sent than that. */
export function useView(peerId: string, source: Source, ref: RefObject<HTMLElement | null>): void {
  const { media } = useCallParts();
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const view = media.openView(peerId, source);
    let onScreen = true;
    const tell = () => {
      const { width, height } = element.getBoundingClientRect();
      const scale = window.devicePixelRatio;
      const isSeen = onScreen && width > 0 && height > 0;
      view.show(isSeen ? { width: width * scale, height: height * scale } : null);
    };
    const sizes = new ResizeObserver(tell);
    const places = new IntersectionObserver(([entry]) => {
      onScreen = entry?.isIntersecting ?? true;
      tell();
    });
    sizes.observe(element);
    places.observe(element);
    return () => {
      sizes.disconnect();
      places.disconnect();
      view.close();
    };
  }, [media, peerId, source, ref]);
}
