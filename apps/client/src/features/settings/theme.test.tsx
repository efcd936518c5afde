import { afterEach, expect, test, vi } from "vitest";
import { followSystem, setTheme } from "./theme";

const { matchMedia } = window;
afterEach(() => vi.stubGlobal("matchMedia", matchMedia));

test("the page changes with the system for as long as nobody chose", () => {
  const changes = new Set<() => void>();
  const media = {
    matches: true, // light
    addEventListener: (_name: string, change: () => void) => changes.add(change),
    removeEventListener: (_name: string, change: () => void) => changes.delete(change),
  };
  vi.stubGlobal("matchMedia", () => media);
  const system = (light: boolean) => {
    media.matches = light;
    for (const change of changes) change();
    return document.documentElement.dataset["theme"];
  };
  const end = followSystem();
  expect([system(true), system(false)]).toEqual(["light", "dark"]);
  setTheme("light");
  expect(system(false)).toBe("light");
  setTheme("system");
  expect(system(false)).toBe("dark");
  end();
  expect(changes.size).toBe(0);
});
