// Dark or light: as the system says, unless the person chose. The choice is kept in this browser.
import { useSyncExternalStore } from "react";

export const themes = ["system", "dark", "light"] as const;
export type Theme = (typeof themes)[number];

const KEY = "webrtc-chat.theme";

/** Runs in the head before anything is painted, so that no page flashes in the wrong colours. */
export const themeScript = `try{var t=localStorage.getItem("${KEY}")}catch(e){}
document.documentElement.dataset.theme=t==="dark"||t==="light"?t:matchMedia("(prefers-color-scheme: light)").matches?"light":"dark"`;

const listeners = new Set<() => void>();

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return themes.find((theme) => theme === stored) ?? "system";
  } catch {
    return "system";
  }
}

function isLight(theme: Theme): boolean {
  return theme === "system" ? window.matchMedia(LIGHT).matches : theme === "light";
}

const LIGHT = "(prefers-color-scheme: light)";

function apply(): void {
  document.documentElement.dataset["theme"] = isLight(readTheme()) ? "light" : "dark";
  for (const listener of listeners) listener();
}

export function setTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  apply();
}

/** From now on the page changes with the system, also in a call at dusk. Returns the end of it. */
export function followSystem(): () => void {
  const media = window.matchMedia(LIGHT);
  media.addEventListener("change", apply);
  return () => media.removeEventListener("change", apply);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme, () => "system");
}
