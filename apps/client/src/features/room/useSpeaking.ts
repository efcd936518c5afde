import { type RefObject, useEffect } from "react";
import { useCallParts, useLocal } from "~/features/call";
import { createLevelMeter, SPEECH_HANG_MS, SPEECH_LOUDNESS } from "~/media/levels";

/** No divisor of round periods: a sound of 20 ms that comes every half second is not missed for ever. */
const EVERY_MS = 70;
/** Between two reminders that the microphone is off. */
const REMIND_EVERY_MS = 20_000;
/** Talking for this long while muted is no cough. */
const TALK_MS = 600;

/** Keeps `data-speaking` of an element true while the peer speaks. Written past React. */
export function useSpeaking(peerId: string, ref: RefObject<HTMLElement | null>): void {
  const { media } = useCallParts();
  useEffect(() => {
    let heard = Number.NEGATIVE_INFINITY;
    const timer = setInterval(() => {
      if (media.speaks(peerId)) heard = performance.now();
      mark(ref.current, performance.now() - heard < SPEECH_HANG_MS);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [media, peerId, ref]);
}

/** The same for oneself; and who talks into a muted microphone is told so. */
export function useSelfSpeaking(ref: RefObject<HTMLElement | null>): void {
  const { toasts } = useCallParts();
  const track = useLocal((local) => local.mic.track);
  const on = useLocal((local) => local.mic.on);
  useEffect(() => {
    if (track === null) return;
    const meter = createLevelMeter(track);
    let heard = Number.NEGATIVE_INFINITY;
    let since: number | null = null;
    let reminded = Number.NEGATIVE_INFINITY;
    const timer = setInterval(() => {
      const now = performance.now();
      const loud = meter.level() > SPEECH_LOUDNESS;
      if (loud) heard = now;
      const talking = now - heard < SPEECH_HANG_MS;
      since = talking ? (since ?? now) : null;
      mark(ref.current, talking && on);
      const unheard = !on && since !== null && now - since > TALK_MS;
      if (unheard && now - reminded > REMIND_EVERY_MS) {
        reminded = now;
        toasts.show({ type: "talkingWhileMuted" });
      }
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      meter.close();
    };
  }, [track, on, ref, toasts]);
}

function mark(element: HTMLElement | null, speaking: boolean): void {
  const value = String(speaking);
  if (element !== null && element.dataset["speaking"] !== value) {
    element.dataset["speaking"] = value;
  }
}
