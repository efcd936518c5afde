import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import { bestGrid, GAP, type Size } from "~/call/layout/grid";
import { bringIn, capacityOf, pageOf, seat } from "~/call/layout/seats";
import { useCallParts, useLive, useObservable } from "~/features/call";
import { RoundButton } from "~/ui/RoundButton";
import { isTyping } from "./focus";
import { SelfTile } from "./SelfTile";
import { Tile } from "./Tile";

type Props = {
  readonly peerIds: readonly string[];
  readonly size: Size;
  readonly onPin: (peerId: string) => void;
};

/** Everyone in tiles, as many pages of them as it takes. */
export function Tiles({ peerIds, size, onPin }: Props) {
  const [wanted, setPage] = useState(0);
  const page = usePage(peerIds, wanted, capacityOf(size));
  const { tile, columns } = bestGrid(page.peerIds.length + (page.withSelf ? 1 : 0), size);
  const { width: tileWidth, height: tileHeight } = tile;
  const style = useMemo(() => ({ width: tileWidth, height: tileHeight }), [tileWidth, tileHeight]);
  const width = columns * (tileWidth + GAP);
  return (
    <div className="flex size-full items-center justify-center">
      <div className="flex flex-wrap justify-center gap-2" style={{ maxWidth: width }}>
        {page.peerIds.map((id) => (
          <Tile key={id} peerId={id} source="camera" style={style} onPin={onPin} />
        ))}
        {page.withSelf && <SelfTile style={style} />}
      </div>
      {page.pages > 1 && <Pager page={page.page} pages={page.pages} onPage={setPage} />}
    </div>
  );
}

/** The people of one page: each keeps the seat, and who speaks is brought into sight. */
function usePage(peerIds: readonly string[], wanted: number, capacity: number) {
  const hands = useLive((call) => call.hands);
  const dominant = useObservable(useCallParts().media.dominant);
  const [seats, setSeats] = useState({ order: peerIds, speaker: dominant });
  const raised = hands.filter((id) => peerIds.includes(id));
  const inView = (order: readonly string[]) =>
    pageOf([...raised, ...order.filter((id) => !raised.includes(id))], wanted, capacity);
  let order = seat(seats.order, peerIds);
  if (dominant !== seats.speaker) order = bringIn(order, dominant, inView(order).peerIds);
  if (order !== seats.order || dominant !== seats.speaker) setSeats({ order, speaker: dominant });
  return inView(order);
}

type PagerProps = {
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
};

function Pager({ page, pages, onPage }: PagerProps) {
  const turn = useEffectEvent((event: KeyboardEvent) => {
    if (isTyping(event.target)) return;
    if (event.key === "PageDown" && page < pages - 1) onPage(page + 1);
    if (event.key === "PageUp" && page > 0) onPage(page - 1);
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => turn(event);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <nav
      aria-label="Pages of people"
      className="absolute bottom-2 left-1/2 z-10 flex -translate-x-1/2 items-center gap-1 rounded-full bg-black/60 text-white"
    >
      <RoundButton label="Previous page" disabled={page === 0} onClick={() => onPage(page - 1)}>
        <ChevronLeft />
      </RoundButton>
      <span aria-live="polite" className="px-1 text-sm">
        {page + 1} of {pages}
      </span>
      <RoundButton label="Next page" disabled={page === pages - 1} onClick={() => onPage(page + 1)}>
        <ChevronRight />
      </RoundButton>
    </nav>
  );
}
