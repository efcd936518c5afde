import { type RefObject, useEffect, useEffectEvent } from "react";
import { useCallDispatch, useCallParts } from "~/features/call";
import { letterKeys, matchShortcut, type SettingsTab, type ShortcutId } from "~/features/settings";
import { isTyping } from "./focus";
import { toggleFullScreen } from "./fullScreen";
import { switchDevice } from "./switchDevice";
import { useScreenShare } from "./useScreenShare";

type Options = {
  readonly screen: RefObject<HTMLElement | null>;
  readonly openSettings: (tab: SettingsTab) => void;
  readonly openReactions: () => void;
  readonly askToLeave: () => void;
};

/** The keys of the call, after the catalogue. Letters mean nothing while somebody writes. */
export function useShortcuts(options: Options): void {
  const { screen, openSettings, openReactions, askToLeave } = options;
  const { local } = useCallParts();
  const dispatch = useCallDispatch();
  const share = useScreenShare();

  const run = useEffectEvent((id: ShortcutId) => {
    switch (id) {
      case "mic":
      case "camera":
        return void switchDevice(local, id, () => openSettings("devices"));
      case "hand":
        return dispatch({ type: "handToggled" });
      case "chat":
      case "people":
        return dispatch({ type: "panelToggled", panel: id });
      case "screen":
        return share.toggle();
      case "reactions":
        return openReactions();
      case "fullScreen":
        return toggleFullScreen();
      case "toolbar":
        return screen.current?.querySelector<HTMLElement>('[role="toolbar"] button')?.focus();
      case "help":
        return openSettings("shortcuts");
      case "leave":
        return askToLeave();
    }
  });

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.repeat || event.defaultPrevented) return;
      const letters = letterKeys.get() && !isTyping(event.target);
      const id = matchShortcut(event, letters);
      const nowhere = event.target === document.body;
      if (event.key === "Escape" && nowhere) dispatch({ type: "panelClosed" });
      if (id === null) return;
      event.preventDefault();
      run(id);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [dispatch]);
}
