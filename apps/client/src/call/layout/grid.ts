// How many columns and rows of tiles fit an area best. Pure arithmetic, in CSS pixels.

export type Size = { readonly width: number; readonly height: number };

export type Grid = {
  readonly columns: number;
  readonly rows: number;
  readonly tile: Size;
};

export const GAP = 8;
const WIDEST = 16 / 9;
/** Faces may be cut to a phone's shape where the area itself is higher than wide. */
const NARROWEST = { landscape: 4 / 3, portrait: 9 / 16 } as const;

/** The grid for `count` tiles in which they are largest. Zero tiles or no room: an empty grid. */
export function bestGrid(count: number, area: Size, gap = GAP): Grid {
  const narrowest = area.height > area.width ? NARROWEST.portrait : NARROWEST.landscape;
  let best: Grid = { columns: 0, rows: 0, tile: { width: 0, height: 0 } };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cell = {
      width: (area.width - gap * (columns - 1)) / columns,
      height: (area.height - gap * (rows - 1)) / rows,
    };
    const tile = fitTile(cell, narrowest);
    if (tile.width * tile.height > best.tile.width * best.tile.height) {
      best = { columns, rows, tile };
    }
  }
  return best;
}

/** The largest tile in one cell, in whole pixels, between `narrowest` and 16:9. */
export function fitTile(cell: Size, narrowest: number): Size {
  const width = Math.max(0, Math.min(cell.width, cell.height * WIDEST));
  const height = Math.max(0, Math.min(cell.height, width / narrowest));
  return { width: Math.floor(width), height: Math.floor(height) };
}
