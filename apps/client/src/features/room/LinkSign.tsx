import { useEffect, useState } from "react";
import { useCallParts, useLinkState } from "~/features/call";
import { GOOD, type PathSample, type Quality, rate } from "~/media/quality";
import { cx } from "~/ui/cx";
import { Spinner } from "~/ui/Spinner";

const EVERY_MS = 3_000;

/** A bad connection is shown as bars, a broken one as a veil; a good one needs no sign. */
export function LinkSign({ peerId, name }: { readonly peerId: string; readonly name: string }) {
  const state = useLinkState(peerId);
  const quality = useQuality(peerId);
  const broken = state === "disconnected" || state === "failed";
  const shown = broken ? 0 : quality;
  return (
    <>
      {broken && (
        <span className="absolute inset-0 flex items-center justify-center gap-2 bg-black/60 text-sm font-medium">
          <Spinner />
          Reconnecting to {name}…
        </span>
      )}
      {shown !== null && <Bars quality={shown} />}
    </>
  );
}

function Bars({ quality }: { readonly quality: Quality }) {
  const good = quality >= GOOD;
  return (
    <span
      className={cx(
        good
          ? "sr-only"
          : "absolute right-2 bottom-2 flex h-7 items-end gap-0.5 rounded-full bg-black/60 px-2 pb-1.5",
      )}
    >
      <span className="sr-only">Connection, 0 to 5: </span>
      <span className="sr-only" data-testid="quality">
        {quality}
      </span>
      {!good &&
        [1, 2, 3].map((bar) => (
          <span
            key={bar}
            aria-hidden
            style={{ height: bar * 4 + 2 }}
            className={cx("w-1 rounded-sm", bar <= quality ? "bg-amber" : "bg-white/30")}
          />
        ))}
    </span>
  );
}

/** Of the path to a peer, by the SFU's word or the statistics of the last seconds; null until something is known. */
function useQuality(peerId: string): Quality | null {
  const { media } = useCallParts();
  const [quality, setQuality] = useState<Quality | null>(null);
  useEffect(() => {
    let before: PathSample | null = null;
    let gone = false;
    const sample = async () => {
      const now = await media.path(peerId);
      if (gone || now === null) return;
      const seen = before === null ? null : rate(before, now);
      setQuality(media.rating(peerId) ?? seen);
      before = now;
    };
    const timer = setInterval(() => void sample().catch(() => {}), EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [media, peerId]);
  return quality;
}
