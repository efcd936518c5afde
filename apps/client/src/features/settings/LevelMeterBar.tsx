import { useEffect, useRef } from "react";
import { useLocal } from "~/features/call";
import { createLevelMeter } from "~/media/levels";

const BARS = 12;

/** How loud the microphone is, muted or not. Written past React, 20 times a second. */
export function LevelMeterBar() {
  const track = useLocal((local) => local.mic.track);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (track === null) return;
    const meter = createLevelMeter(track);
    const timer = setInterval(() => {
      ref.current?.style.setProperty("--level", String(Math.round(meter.level() * BARS)));
    }, 50);
    return () => {
      clearInterval(timer);
      meter.close();
    };
  }, [track]);
  return (
    <div ref={ref} data-testid="level-meter" className="flex h-2 gap-1" aria-hidden>
      {Array.from({ length: BARS }, (_, i) => (
        <span key={`bar-${String(i)}`} className="relative h-full flex-1 rounded-full bg-control">
          <span
            className="absolute inset-0 rounded-full bg-good"
            style={{ opacity: `clamp(0, var(--level, 0) - ${i}, 1)` }}
          />
        </span>
      ))}
    </div>
  );
}
