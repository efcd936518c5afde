// Who has moved from one path to another: to each peer the old path stays until both say that the
// new one carries everything, or until it has had its time. Pure.
import type { Mode } from "~/signalling/events";

/** Both sides' word about one peer. */
type Word = { readonly said: boolean; readonly heard: boolean };

export type Handover = {
  readonly to: Mode;
  /** The peers that are still on two paths. */
  readonly open: ReadonlyMap<string, Word>;
};

export const NO_LONGER_THAN_MS = 10_000;

export function begin(to: Mode, peerIds: Iterable<string>): Handover {
  return { to, open: new Map([...peerIds].map((id) => [id, { said: false, heard: false }])) };
}

/** This side shows the peer over the new path. */
export function say(handover: Handover, peerId: string): Handover {
  return change(handover, peerId, (word) => ({ ...word, said: true }));
}

/** The peer shows this side over `mode`; its word about an earlier move is late. */
export function hear(handover: Handover, peerId: string, mode: Mode): Handover {
  if (mode !== handover.to) return handover;
  return change(handover, peerId, (word) => ({ ...word, heard: true }));
}

/** The peers whose old path has done its work. */
export function done({ open }: Handover): readonly string[] {
  return [...open].filter(([, { said, heard }]) => said && heard).map(([peerId]) => peerId);
}

/** Those this side has not spoken about yet. */
export function unsaid({ open }: Handover): readonly string[] {
  return [...open].filter(([, { said }]) => !said).map(([peerId]) => peerId);
}

export function without(handover: Handover, peerId: string): Handover {
  if (!handover.open.has(peerId)) return handover;
  const open = new Map(handover.open);
  open.delete(peerId);
  return { ...handover, open };
}

function change(handover: Handover, peerId: string, apply: (word: Word) => Word): Handover {
  const word = handover.open.get(peerId);
  if (word === undefined) return handover;
  return { ...handover, open: new Map(handover.open).set(peerId, apply(word)) };
}
