import { allKeysOf, shortcuts } from "./shortcuts";

export function ShortcutList() {
  return (
    <dl className="divide-y divide-line/60 text-sm">
      {shortcuts.map((shortcut) => (
        <Row key={shortcut.id} label={shortcut.label} keys={allKeysOf(shortcut)} />
      ))}
      <Row label="Talk while held, when muted" keys={["Space", "T"]} />
      <Row label="Close the panel" keys={["Escape"]} />
    </dl>
  );
}

function Row({ label, keys }: { readonly label: string; readonly keys: readonly string[] }) {
  return (
    <div className="flex min-h-11 items-center justify-between gap-4 py-1">
      <dt>{label}</dt>
      <dd className="flex flex-wrap justify-end gap-2">
        {keys.map((text) => (
          <kbd
            key={text}
            className="rounded-md border border-line bg-raised px-2 py-1 font-sans text-xs whitespace-nowrap"
          >
            {text}
          </kbd>
        ))}
      </dd>
    </div>
  );
}
