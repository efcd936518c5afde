import { useEffect, useRef } from "react";
import { useCallDispatch } from "~/features/call";

/** Repeated so often while somebody writes; the others let it fade a little later. */
const REPEAT_MS = 3_000;
const IDLE_MS = 4_000;

/** Tells the others that somebody writes, and that it ended. */
export function useTyping() {
  const dispatch = useCallDispatch();
  const told = useRef(0);
  const idle = useRef<ReturnType<typeof setTimeout>>(undefined);

  function stop(): void {
    clearTimeout(idle.current);
    if (told.current === 0) return;
    told.current = 0;
    dispatch({ type: "typingChanged", typing: false });
  }

  function touch(): void {
    clearTimeout(idle.current);
    idle.current = setTimeout(stop, IDLE_MS);
    const now = Date.now();
    if (now - told.current < REPEAT_MS) return;
    told.current = now;
    dispatch({ type: "typingChanged", typing: true });
  }

  const stopNow = useRef(stop);
  stopNow.current = stop;
  useEffect(() => () => stopNow.current(), []);
  return { touch, stop };
}
