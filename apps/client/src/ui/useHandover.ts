import { useCallback, useState } from "react";

type Track = { readonly id: string };

/**
 * One track after another without a gap: the old one stays until the new one is ready. Gives at
 * most two, the newest last. Null ends both at once.
 */
export function useHandover<T extends Track>(
  newest: T | null,
): { readonly tracks: readonly T[]; readonly onReady: (track: T) => void } {
  const [tracks, setTracks] = useState<readonly T[]>(newest === null ? [] : [newest]);
  const last = tracks.at(-1) ?? null;
  if (newest !== last) {
    const [oldest] = tracks;
    // Set while rendering, so that no frame is drawn without the track that still plays.
    if (newest === null) setTracks([]);
    else setTracks(oldest === undefined || oldest === newest ? [newest] : [oldest, newest]);
  }
  const onReady = useCallback((track: T) => {
    setTracks((all) => (all.at(-1) === track && all.length > 1 ? [track] : all));
  }, []);
  return { tracks, onReady };
}
