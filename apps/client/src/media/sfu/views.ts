// Where each picture is on the screen: several tiles may show one, and the largest decides.
import type { Source } from "~/signalling/events";
import type { TileSize } from "./layers";

export interface View {
  /** The size of the tile; null while it is not to be seen. */
  show(size: TileSize | null): void;
  close(): void;
}

/** A tile that shrinks or goes often comes back at once: another layout, another page. */
const SHRINK_AFTER_MS = 300;

type Picture = {
  readonly tiles: Map<View, TileSize | null>;
  timer: ReturnType<typeof setTimeout> | undefined;
};

export class Views {
  private readonly pictures = new Map<string, Picture>();
  private readonly onChange: (peerId: string, source: Source) => void;

  /** `onChange`: growth is told at once, the rest a moment later. */
  constructor(onChange: (peerId: string, source: Source) => void) {
    this.onChange = onChange;
  }

  open(peerId: string, source: Source): View {
    const key = keyOf(peerId, source);
    const picture = this.pictures.get(key) ?? { tiles: new Map(), timer: undefined };
    this.pictures.set(key, picture);
    const change = (apply: () => void) => {
      const before = this.size(peerId, source);
      apply();
      const now = this.size(peerId, source);
      clearTimeout(picture.timer);
      const tell = () => this.onChange(peerId, source);
      if (areaOf(now) > areaOf(before)) tell();
      else picture.timer = setTimeout(tell, SHRINK_AFTER_MS);
    };
    const view: View = {
      show: (size) => change(() => picture.tiles.set(view, size)),
      close: () => change(() => picture.tiles.delete(view)),
    };
    return view;
  }

  /** The peer left, and nobody will ask again. */
  forget(peerId: string): void {
    for (const [key, { timer }] of this.pictures) {
      if (!key.startsWith(`${peerId}/`)) continue;
      clearTimeout(timer);
      this.pictures.delete(key);
    }
  }

  /** Of the largest tile; null: nowhere to be seen; undefined: nobody has asked for it yet. */
  size(peerId: string, source: Source): TileSize | null | undefined {
    const picture = this.pictures.get(keyOf(peerId, source));
    if (picture === undefined) return undefined;
    let largest: TileSize | null = null;
    for (const size of picture.tiles.values()) {
      if (areaOf(size) > areaOf(largest)) largest = size;
    }
    return largest;
  }
}

const keyOf = (peerId: string, source: Source) => `${peerId}/${source}`;

function areaOf(size: TileSize | null | undefined): number {
  return size ? size.width * size.height : 0;
}
