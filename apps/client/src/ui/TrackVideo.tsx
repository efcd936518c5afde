import { useEffect, useRef, useState } from "react";
import { cx } from "./cx";
import { useHandover } from "./useHandover";

type Props = {
  readonly track: MediaStreamTrack;
  readonly fit: "cover" | "contain";
  readonly mirrored?: boolean;
  readonly label: string;
  /** The track is to be seen. */
  readonly onShown?: (track: MediaStreamTrack) => void;
};

/**
 * Plays one video track without sound; stays clear until the first frame is there. When the
 * picture comes by another track, the old one lies over the new one until that runs.
 */
export function TrackVideo({ track, onShown, ...look }: Props) {
  const { tracks, onReady } = useHandover(track);
  return [...tracks].reverse().map((each) => (
    <Picture
      key={each.id}
      track={each}
      {...look}
      fades={tracks.length === 1}
      onReady={() => {
        onReady(each);
        onShown?.(each);
      }}
    />
  ));
}

/** Calls back when so many frames were on the screen; where the browser does not tell, at once. */
function afterFrames(video: HTMLVideoElement, count: number, done: () => void): void {
  if (count === 0 || !("requestVideoFrameCallback" in video)) done();
  else video.requestVideoFrameCallback(() => afterFrames(video, count - 1, done));
}

type PictureProps = Omit<Props, "onShown"> & {
  /** Whether it comes out of nothing; in the place of another one it is there at once. */
  readonly fades: boolean;
  readonly onReady: () => void;
};

function Picture({ track, fit, mirrored = false, label, fades, onReady }: PictureProps) {
  const ref = useRef<HTMLVideoElement>(null);
  const [fading] = useState(fades);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const video = ref.current;
    if (video === null) return;
    video.srcObject = new MediaStream([track]);
    // Muted video may always play; a refusal means that the element is going away.
    video.play().catch(() => {});
    return () => {
      video.srcObject = null;
      setShown(false);
    };
  }, [track]);
  return (
    <video
      ref={ref}
      muted
      autoPlay
      playsInline
      aria-label={label}
      onLoadedData={(event) => {
        setShown(true);
        afterFrames(event.currentTarget, 3, onReady);
      }}
      className={cx(
        "absolute inset-0 size-full",
        fading && "transition-opacity duration-150",
        fit === "cover" ? "object-cover" : "object-contain",
        mirrored && "-scale-x-100",
        !shown && "opacity-0",
      )}
    />
  );
}
