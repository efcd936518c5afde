import { MonitorX } from "lucide-react";
import { memo, useCallback, useMemo, useState } from "react";
import { bestGrid, GAP, type Size } from "~/call/layout/grid";
import { arrange } from "~/call/layout/stage";
import { useCallParts, useLive, useLocal } from "~/features/call";
import { Button } from "~/ui/Button";
import { useSize } from "~/ui/useSize";
import { Invitation } from "./Invitation";
import { Pager } from "./Pager";
import { placesOf } from "./places";
import { SelfView } from "./SelfView";
import { Tile } from "./Tile";
import { usePage } from "./usePage";

const nobody: readonly string[] = [];

/**
 * Everyone, laid out for the room there is. All pictures have one parent, whatever the arrangement:
 * who stays in sight plays on while others come, go, share or are pinned.
 */
export function Stage() {
  const [ref, size] = useSize<HTMLDivElement>();
  const peers = useLive((call) => call.peers);
  const hands = useLive((call) => call.hands);
  const [chosenShare, setChosenShare] = useState<string | null>(null);
  const others = [...peers.values()].map(({ peerId, state }) => ({
    peerId,
    sharing: state.screen,
  }));
  const [pinned, setPinned] = useState<string | null>(null);
  const stage = arrange(others, hands, chosenShare, pinned);
  const onPin = useCallback(
    (peerId: string) => setPinned((now) => (now === peerId ? null : peerId)),
    [],
  );
  const onChoose = useCallback((peerId: string) => {
    setChosenShare(peerId);
    setPinned(null);
  }, []);
  const page = usePage(stage.kind === "tiles" ? stage.peerIds : nobody, size);
  const grid = useGrid(page.peerIds.length + (page.withSelf ? 1 : 0), size);
  const { frame, pictures, self } = placesOf(stage, { size, page, grid, onPin, onChoose });
  return (
    <main aria-label="Stage" className="flex min-h-0 min-w-0 flex-1 flex-col gap-2 p-2 md:p-3">
      <Presenting />
      <div
        ref={ref}
        className="relative flex min-h-0 flex-1 items-center justify-center [container-type:size]"
      >
        <div {...frame}>
          {stage.kind === "alone" && <Invitation />}
          {pictures.map(({ key, ...picture }) => (
            <Tile key={key} {...picture} />
          ))}
          {self !== null && <SelfView {...self} />}
        </div>
        {page.pages > 1 && <Pager page={page.page} pages={page.pages} onPage={page.turnTo} />}
      </div>
    </main>
  );
}

/** The style of a tile when so many of one size fill the stage, and that of their frame. */
function useGrid(count: number, size: Size) {
  const { tile, columns } = bestGrid(count, size);
  const { width, height } = tile;
  return useMemo(
    () => ({ tile: { width, height }, frame: { maxWidth: columns * (width + GAP) } }),
    [width, height, columns],
  );
}

/** While this page shares its own screen: a reminder instead of a picture of itself. */
const Presenting = memo(function Presenting() {
  const { local } = useCallParts();
  const on = useLocal((state) => state.screen.on);
  if (!on) return null;
  return (
    <div
      role="status"
      className="flex min-h-12 flex-wrap items-center justify-center gap-x-4 rounded-xl bg-active px-4 py-1 text-sm font-medium text-on-active"
    >
      You are presenting to everyone
      <Button
        look="ghost"
        compact
        className="text-on-active"
        onClick={() => void local.setScreen(false)}
      >
        <MonitorX className="size-5" />
        Stop presenting
      </Button>
    </div>
  );
});
