import { useEffect } from "react";
import { useCallParts } from "~/features/call";
import { letterKeys } from "~/features/settings";
import { isControl, isTyping } from "./focus";

/**
 * Holding Space (where no control has the focus) or T turns a muted microphone on; letting go, or
 * leaving the window, turns it off. When a host mutes meanwhile, letting go changes nothing more.
 */
export function usePushToTalk(): void {
  const { local } = useCallParts();
  useEffect(() => {
    let talking = false;
    const press = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      const space = event.key === " " && !isControl(target) && !isTyping(target);
      const letter = event.key.toLowerCase() === "t" && letterKeys.get() && !isTyping(target);
      if (!(space || letter) || local.get().mic.on) return;
      event.preventDefault();
      talking = true;
      void local.setMic(true);
    };
    const stop = () => {
      if (talking) void local.setMic(false);
      talking = false;
    };
    const release = (event: KeyboardEvent) => {
      if (event.key === " " || event.key.toLowerCase() === "t") stop();
    };
    window.addEventListener("keydown", press);
    window.addEventListener("keyup", release);
    window.addEventListener("blur", stop);
    document.addEventListener("visibilitychange", stop);
    return () => {
      window.removeEventListener("keydown", press);
      window.removeEventListener("keyup", release);
      window.removeEventListener("blur", stop);
      document.removeEventListener("visibilitychange", stop);
    };
  }, [local]);
}
