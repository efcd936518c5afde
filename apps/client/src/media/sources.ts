// What the m-lines of a peer-to-peer call carry.
import type { Source } from "~/signalling/events";

/** These have one m-line, both ways, for the whole call. */
export const lasting: readonly Source[] = ["mic", "camera"];
/** These have one while something is shared, one way. */
export const passing: readonly Source[] = ["screen", "screen-audio"];

const audioSources: ReadonlySet<Source> = new Set(["mic", "screen-audio"]);

type Line = { readonly mid: string | null; readonly receiver: { track: { kind: string } } };

/** For a page that names no sources: the first of a kind is the person, the second the screen. */
export function guessSources(lines: readonly Line[]): Readonly<Record<string, Source>> {
  const left: Source[] = [...lasting, ...passing];
  const guessed: Record<string, Source> = {};
  for (const { mid, receiver } of lines) {
    const i = left.findIndex((one) => audioSources.has(one) === (receiver.track.kind === "audio"));
    const [source] = i < 0 ? [] : left.splice(i, 1);
    if (mid !== null && source !== undefined) guessed[mid] = source;
  }
  return guessed;
}
