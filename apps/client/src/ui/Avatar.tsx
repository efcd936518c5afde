import { cx } from "./cx";

type Props = { readonly name: string; readonly seed: string; readonly className?: string };

/** Initials on a colour of one's own, where there is no picture. */
export function Avatar({ name, seed, className }: Props) {
  const hue = hueOf(seed);
  const background = `linear-gradient(135deg, hsl(${hue} 55% 42%), hsl(${(hue + 40) % 360} 60% 32%))`;
  return (
    <span
      aria-hidden
      data-initials={initials(name)}
      style={{ background }}
      className={cx(
        "before:content-[attr(data-initials)] inline-flex aspect-square shrink-0 select-none items-center justify-center rounded-full font-medium text-white",
        className,
      )}
    ></span>
  );
}

/** One or two letters: of the first and the last word, or of the parts of a username. */
export function initials(name: string): string {
  const words = name.split(/[\s_\-.]+/).filter((word) => word !== "");
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** FNV-1a over the whole id: ids that begin alike get colours that do not. */
function hueOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (const char of seed) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash % 360;
}
