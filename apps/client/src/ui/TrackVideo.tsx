import { useEffect, useRef, useState } from "react";
import { cx } from "./cx";

type Props = {
  readonly track: MediaStreamTrack;
  readonly fit: "cover" | "contain";
  readonly mirrored?: boolean;
  readonly label: string;
};

/** Plays one video track without sound; stays clear until the first frame is there. */
export function TrackVideo({ track, fit, mirrored = false, label }: Props) {
  const ref = useRef<HTMLVideoElement>(null);
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
      onLoadedData={() => setShown(true)}
      className={cx(
        "absolute inset-0 size-full transition-opacity duration-150",
        fit === "cover" ? "object-cover" : "object-contain",
        mirrored && "-scale-x-100",
        !shown && "opacity-0",
      )}
    />
  );
}
