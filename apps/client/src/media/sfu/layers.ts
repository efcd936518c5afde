// Which layers of a picture a tile of some size needs. Pure.

/** The size of a tile on the screen, in device pixels. */
export type TileSize = { readonly width: number; readonly height: number };

export type Layers = { readonly spatial: number; readonly temporal: number };

/** How many layers a consumer has, from its scalability mode such as `L3T3`. */
export function layerCount(scalabilityMode: string | undefined): Layers {
  const [, spatial, temporal] = /^[LS](\d+)T(\d+)/.exec(scalabilityMode ?? "") ?? [];
  return { spatial: Number(spatial ?? 1), temporal: Number(temporal ?? 1) };
}

/** The top layer is captured about this high: 720p in three layers, 360p in two. */
const TOP_HEIGHT = [180, 360, 720] as const;
/** A tile a little higher than a layer is fine with it. */
const STRETCH = 1.25;
/** Tiles lower than this are too small for quick movement to be seen. */
const SLOW_BELOW = 120;

/** The lowest layers that fill the tile; indices from 0. */
export function layersFor({ height }: TileSize, count: Layers): Layers {
  const top = count.spatial - 1;
  const topHeight = TOP_HEIGHT[Math.min(top, TOP_HEIGHT.length - 1)] ?? TOP_HEIGHT[0];
  let spatial = top;
  let below = topHeight / 2;
  while (spatial > 0 && height <= below * STRETCH) {
    spatial--;
    below /= 2;
  }
  const slow = height < SLOW_BELOW && count.temporal > 1;
  return { spatial, temporal: count.temporal - (slow ? 2 : 1) };
}
