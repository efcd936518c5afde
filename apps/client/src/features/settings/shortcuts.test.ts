import { expect, test } from "vitest";
import { keysOf, matchShortcut, shortcuts } from "./shortcuts";

const press = (
  key: string,
  modifiers: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {},
) => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

test.each([
  [press("d", { ctrlKey: true }), "mic"],
  [press("d", { metaKey: true }), "mic"],
  [press("m"), "mic"],
  [press("M", { shiftKey: true }), null],
  [press("e", { ctrlKey: true }), "camera"],
  [press("E", { ctrlKey: true, shiftKey: true }), "reactions"],
  [press("˙", { ctrlKey: true, altKey: true }), null],
  [{ ...press("˙", { metaKey: true, altKey: true }), code: "KeyH" }, "hand"],
  [press("?", { shiftKey: true }), "help"],
  [press("/", { ctrlKey: true }), "help"],
  [press("F2"), "toolbar"],
  [press("c"), null],
  [press("c", { ctrlKey: true }), null],
] as const)("%o means %s", (key, id) => {
  expect(matchShortcut(key, true)).toBe(id);
});

test("letters can be switched off, and only letters", () => {
  expect(matchShortcut(press("m"), false)).toBeNull();
  expect(matchShortcut(press("?", { shiftKey: true }), false)).toBeNull();
  expect(matchShortcut(press("F2"), false)).toBe("toolbar");
  expect(matchShortcut(press("d", { ctrlKey: true }), false)).toBe("mic");
});

test("no key means two things", () => {
  const all = shortcuts.flatMap(({ combos }) => combos.map((combo) => JSON.stringify(combo)));
  expect(new Set(all).size).toBe(all.length);
  expect(keysOf("screen")).toBe("Ctrl + Shift + S");
});
