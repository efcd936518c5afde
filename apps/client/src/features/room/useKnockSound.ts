import { useEffect, useRef } from "react";
import { useLive, useLocal } from "~/features/call";
import { playKnock } from "~/features/settings";

const AGAIN_AFTER_MS = 15_000;

/** Whoever knocks is heard, and again while they wait and this page is out of sight. */
export function useKnockSound(): void {
  const knocks = useLive((call) => call.knocks);
  const speaker = useLocal((local) => local.choice.speaker);
  const heard = useRef(knocks);
  const somebodyWaits = knocks.size > 0;

  useEffect(() => {
    const isNew = [...knocks.keys()].some((peerId) => !heard.current.has(peerId));
    heard.current = knocks;
    if (isNew) void playKnock(speaker);
  }, [knocks, speaker]);

  useEffect(() => {
    if (!somebodyWaits) return;
    const remind = () => document.hidden && void playKnock(speaker);
    const timer = setInterval(remind, AGAIN_AFTER_MS);
    return () => clearInterval(timer);
  }, [somebodyWaits, speaker]);
}
