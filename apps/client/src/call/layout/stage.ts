// What the stage shows, from who is there and what they share. Pure.
import type { Size } from "./grid";

export type Participant = {
  readonly peerId: string;
  readonly sharing: boolean;
};

export type Stage =
  | { readonly kind: "alone" }
  /** The other one large, self floating above. */
  | { readonly kind: "pair"; readonly peerId: string }
  /** Everyone in tiles, self last. */
  | { readonly kind: "tiles"; readonly peerIds: readonly string[] }
  /** One person large, pinned by this one; the shares and the others beside. */
  | {
      readonly kind: "pinned";
      readonly main: string;
      readonly otherShares: readonly string[];
      readonly peerIds: readonly string[];
    }
  /** One share large, other shares and the people beside it (below it in portrait). */
  | {
      readonly kind: "share";
      readonly main: string;
      readonly otherShares: readonly string[];
      readonly peerIds: readonly string[];
    };

/**
 * Arranges the others, given in the order of joining. Hands that are up come first, in the order
 * of raising; everyone else keeps the place, so visible tiles do not jump. Of several shares
 * `chosenShare` is large, else the first; before all shares comes who is pinned.
 */
export function arrange(
  others: readonly Participant[],
  hands: readonly string[],
  chosenShare: string | null,
  pinned: string | null = null,
): Stage {
  const [first] = others;
  if (first === undefined) return { kind: "alone" };
  const shares = others.filter((one) => one.sharing).map((one) => one.peerId);
  const peerIds = handsFirst(others, hands);
  if (pinned !== null && peerIds.includes(pinned)) {
    const beside = peerIds.filter((id) => id !== pinned);
    return { kind: "pinned", main: pinned, otherShares: shares, peerIds: beside };
  }
  const [firstShare] = shares;
  if (firstShare !== undefined) {
    const main = chosenShare !== null && shares.includes(chosenShare) ? chosenShare : firstShare;
    return { kind: "share", main, otherShares: shares.filter((id) => id !== main), peerIds };
  }
  return others.length === 1 ? { kind: "pair", peerId: first.peerId } : { kind: "tiles", peerIds };
}

function handsFirst(others: readonly Participant[], hands: readonly string[]): readonly string[] {
  const ids = others.map((one) => one.peerId);
  const up = hands.filter((id) => ids.includes(id));
  return [...up, ...ids.filter((id) => !up.includes(id))];
}

export function isPortrait({ width, height }: Size): boolean {
  return height > width;
}
