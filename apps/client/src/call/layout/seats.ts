// Who sits where when there are more people than tiles: pages, an order that does not jump, and a
// speaker who is brought into sight. Pure.
import { GAP, type Size } from "./grid";

/** Smaller tiles show no face any more. */
const SMALLEST: Size = { width: 160, height: 90 };
const TILES_MAX = 49;

/** How many tiles one page holds; of a stage that was not measured yet, as many as there may be. */
export function capacityOf({ width, height }: Size): number {
  if (width === 0 || height === 0) return TILES_MAX;
  const columns = Math.floor((width + GAP) / (SMALLEST.width + GAP));
  const rows = Math.floor((height + GAP) / (SMALLEST.height + GAP));
  return Math.min(TILES_MAX, Math.max(2, columns * rows));
}

/** Everyone keeps the seat; newcomers come last. The same array when nobody came or went. */
export function seat(order: readonly string[], peerIds: readonly string[]): readonly string[] {
  const kept = order.filter((id) => peerIds.includes(id));
  const fresh = peerIds.filter((id) => !order.includes(id));
  return kept.length === order.length && fresh.length === 0 ? order : [...kept, ...fresh];
}

/** A speaker out of sight changes seats with the last one in sight; the others stay. */
export function bringIn(
  order: readonly string[],
  speaker: string | null,
  visible: readonly string[],
): readonly string[] {
  const last = visible.at(-1);
  if (speaker === null || last === undefined || visible.includes(speaker)) return order;
  if (!order.includes(speaker)) return order;
  return order.map((id) => (id === speaker ? last : id === last ? speaker : id));
}

export type Page = {
  /** From 0; the nearest one that there is. */
  readonly page: number;
  readonly pages: number;
  readonly peerIds: readonly string[];
  /** The own picture takes the last place of the first page. */
  readonly withSelf: boolean;
};

export function pageOf(peerIds: readonly string[], wanted: number, capacity: number): Page {
  const pages = Math.max(1, Math.ceil((peerIds.length + 1) / capacity));
  const page = Math.min(Math.max(wanted, 0), pages - 1);
  const start = page === 0 ? 0 : page * capacity - 1;
  const end = (page + 1) * capacity - 1;
  return { page, pages, peerIds: peerIds.slice(start, end), withSelf: page === 0 };
}
