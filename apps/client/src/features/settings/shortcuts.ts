// The one catalogue of keys: the handler, the tooltips and the help page read it.

export type ShortcutId =
  | "mic"
  | "camera"
  | "hand"
  | "chat"
  | "people"
  | "screen"
  | "reactions"
  | "fullScreen"
  | "toolbar"
  | "help"
  | "leave";

type Combo = {
  /** KeyboardEvent.key, lower case. */
  readonly key: string;
  readonly ctrl?: true;
  readonly alt?: true;
  readonly shift?: true;
};

export type Shortcut = {
  readonly id: ShortcutId;
  readonly label: string;
  /** The first is the one that tooltips show. */
  readonly combos: readonly Combo[];
};

export const shortcuts: readonly Shortcut[] = [
  {
    id: "mic",
    label: "Microphone on or off",
    combos: [{ key: "d", ctrl: true }, { key: "m" }],
  },
  { id: "camera", label: "Camera on or off", combos: [{ key: "e", ctrl: true }, { key: "v" }] },
  {
    id: "hand",
    label: "Raise or lower the hand",
    combos: [{ key: "h", ctrl: true, alt: true }, { key: "r" }, { key: "h" }],
  },
  { id: "chat", label: "Chat", combos: [{ key: "c", ctrl: true, alt: true }] },
  {
    id: "people",
    label: "People",
    combos: [{ key: "p", ctrl: true, alt: true }, { key: "p" }],
  },
  {
    id: "screen",
    label: "Share the screen",
    combos: [{ key: "s", ctrl: true, shift: true }, { key: "d" }],
  },
  { id: "reactions", label: "Reactions", combos: [{ key: "e", ctrl: true, shift: true }] },
  { id: "fullScreen", label: "Full screen", combos: [{ key: "f" }] },
  { id: "toolbar", label: "Go to the controls", combos: [{ key: "f2" }] },
  { id: "help", label: "This list", combos: [{ key: "/", ctrl: true }, { key: "?" }] },
  { id: "leave", label: "Leave the meeting", combos: [{ key: "l", ctrl: true, alt: true }] },
];

export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"
>;

/** Which shortcut a key press means; `letters` false leaves out those without a modifier. */
export function matchShortcut(press: KeyPress, letters: boolean): ShortcutId | null {
  for (const { id, combos } of shortcuts) {
    if (combos.some((combo) => matches(press, combo, letters))) return id;
  }
  return null;
}

function matches(press: KeyPress, combo: Combo, letters: boolean): boolean {
  const isLetter = !combo.ctrl && combo.key.length === 1;
  if (isLetter && !letters) return false;
  const ctrl = press.ctrlKey || press.metaKey;
  if (ctrl !== (combo.ctrl ?? false) || press.altKey !== (combo.alt ?? false)) return false;
  // "?" takes Shift on many keyboards, so Shift counts only for letters and with Ctrl.
  const shiftMatters = combo.ctrl !== undefined || /^[a-z]$/.test(combo.key);
  if (shiftMatters && press.shiftKey !== (combo.shift ?? false)) return false;
  // With Alt some systems compose another character; the code still names the key.
  return press.key.toLowerCase() === combo.key || press.code === `Key${combo.key.toUpperCase()}`;
}

function comboText({ key, ctrl, alt, shift }: Combo): string {
  const name = key.length === 1 ? key.toUpperCase() : `${key[0]?.toUpperCase()}${key.slice(1)}`;
  return [ctrl && "Ctrl", alt && "Alt", shift && "Shift", name].filter(Boolean).join(" + ");
}

/** The key of a shortcut as tooltips show it, such as "Ctrl + D". */
export function keysOf(id: ShortcutId): string {
  const combo = shortcuts.find((shortcut) => shortcut.id === id)?.combos[0];
  return combo === undefined ? "" : comboText(combo);
}

export function allKeysOf({ combos }: Shortcut): readonly string[] {
  return combos.map(comboText);
}
