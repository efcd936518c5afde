// Where each picture of an arrangement is on the stage, as properties of its tile. Pure.
import type { ComponentProps, CSSProperties } from "react";
import type { Size } from "~/call/layout/grid";
import type { Page } from "~/call/layout/seats";
import { isPortrait, type Stage } from "~/call/layout/stage";
import type { SelfView } from "./SelfView";
import type { Tile } from "./Tile";

type Place = { readonly style?: CSSProperties; readonly className?: string };
type Picture = ComponentProps<typeof Tile> & { readonly key: string };
type Choose = (peerId: string) => void;

type Room = {
  readonly size: Size;
  /** Who is in sight while everyone is in tiles. */
  readonly page: Page;
  /** The styles of each of these tiles, and of what is around them. */
  readonly grid: { readonly tile: CSSProperties; readonly frame: CSSProperties };
  readonly onPin: Choose;
  readonly onChoose: Choose;
};

type Places = {
  readonly frame: Place;
  readonly pictures: readonly Picture[];
  readonly self: ComponentProps<typeof SelfView> | null;
};

export function placesOf(stage: Stage, room: Room): Places {
  switch (stage.kind) {
    case "alone":
      return { frame: whole, pictures: [], self: { floating: true } };
    case "pair":
      return {
        frame: whole,
        pictures: [camera(stage.peerId, whole)],
        self: { floating: true, overName: true },
      };
    case "tiles":
      return tiles(room);
    default:
      return large(stage, room);
  }
}

const whole: Place = { className: "size-full" };

const camera = (peerId: string, rest: Omit<Picture, "key" | "peerId" | "source">): Picture => ({
  key: peerId,
  peerId,
  source: "camera",
  ...rest,
});

const share = (peerId: string, rest: Omit<Picture, "key" | "peerId" | "source">): Picture => ({
  key: `${peerId}-screen`,
  peerId,
  source: "screen",
  ...rest,
});

function tiles({ page, grid, onPin }: Room): Places {
  const place: Place = { style: grid.tile };
  return {
    frame: { className: "flex flex-wrap justify-center gap-2", style: grid.frame },
    pictures: page.peerIds.map((id) => camera(id, { ...place, onPin })),
    self: page.withSelf ? place : null,
  };
}

/**
 * One picture large, and a strip of the others at its right, or below where the stage is higher than
 * wide. A strip that is too long is scrolled, and the large one stays. A last, empty track takes what
 * the strip leaves over.
 */
function large(
  stage: Extract<Stage, { kind: "pinned" | "share" }>,
  { size, onPin, onChoose }: Room,
): Places {
  const portrait = isPortrait(size);
  const { frame, main, strip } = portrait ? below : beside;
  const count = stage.otherShares.length + stage.peerIds.length + 1;
  const tracks = `repeat(${count}, max-content) 1fr`;
  const first =
    stage.kind === "pinned"
      ? camera(stage.main, { className: main, pinned: true, onPin })
      : share(stage.main, { className: main });
  return {
    frame: {
      className: frame,
      style: portrait ? { gridTemplateColumns: tracks } : { gridTemplateRows: tracks },
    },
    pictures: [
      first,
      ...stage.otherShares.map((id) => share(id, { className: strip, onChoose })),
      ...stage.peerIds.map((id) => camera(id, { className: strip, onPin })),
    ],
    self: { className: strip },
  };
}

const beside = {
  frame: "grid size-full grid-cols-[minmax(0,1fr)_auto] gap-2 overflow-auto",
  main: "sticky top-0 col-start-1 row-span-full h-[100cqh] bg-[#17181a]",
  strip: "col-start-2 aspect-video w-40 md:w-56",
};
const below = {
  frame: "grid size-full grid-rows-[minmax(0,1fr)_auto] gap-2 overflow-auto",
  main: "sticky left-0 col-span-full row-start-1 w-[100cqw] bg-[#17181a]",
  strip: "row-start-2 aspect-video w-40 md:w-52",
};
