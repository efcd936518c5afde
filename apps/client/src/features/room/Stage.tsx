import { MonitorX } from "lucide-react";
import { useCallback, useState } from "react";
import { arrange, isPortrait } from "~/call/layout/stage";
import { useCallParts, useLive, useLocal } from "~/features/call";
import { Button } from "~/ui/Button";
import { cx } from "~/ui/cx";
import { useSize } from "~/ui/useSize";
import { FloatingSelf } from "./FloatingSelf";
import { Invitation } from "./Invitation";
import { SelfTile } from "./SelfTile";
import { Tile } from "./Tile";
import { Tiles } from "./Tiles";

/** Everyone, laid out for the room there is. */
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
  const large = stage.kind === "share" || stage.kind === "pinned" ? stage : null;
  return (
    <main aria-label="Stage" className="flex min-h-0 min-w-0 flex-1 flex-col gap-2 p-2 md:p-3">
      <Presenting />
      <div ref={ref} className="relative min-h-0 flex-1">
        {stage.kind === "alone" && <Invitation />}
        {stage.kind === "pair" && (
          <Tile peerId={stage.peerId} source="camera" className="size-full" />
        )}
        {(stage.kind === "alone" || stage.kind === "pair") && (
          <FloatingSelf overName={stage.kind === "pair"} />
        )}
        {stage.kind === "tiles" && <Tiles peerIds={stage.peerIds} size={size} onPin={onPin} />}
        {large !== null && (
          <div className={cx("flex size-full gap-2", isPortrait(size) && "flex-col")}>
            <Tile
              key={`${large.main}-${large.kind}`}
              peerId={large.main}
              source={large.kind === "pinned" ? "camera" : "screen"}
              className="min-h-0 min-w-0 flex-1 bg-[#17181a]"
              pinned={large.kind === "pinned"}
              onPin={large.kind === "pinned" ? onPin : undefined}
            />
            <Strip portrait={isPortrait(size)}>
              {large.otherShares.map((id) => (
                <Tile
                  key={`${id}-screen`}
                  peerId={id}
                  source="screen"
                  className={stripTile}
                  onChoose={onChoose}
                />
              ))}
              {large.peerIds.map((id) => (
                <Tile key={id} peerId={id} source="camera" className={stripTile} onPin={onPin} />
              ))}
              <SelfTile className={stripTile} />
            </Strip>
          </div>
        )}
      </div>
    </main>
  );
}

const stripTile = "aspect-video w-40 shrink-0 md:w-full";

type StripProps = { readonly portrait: boolean; readonly children: React.ReactNode };

/** The people beside a shared screen; below it where the stage is higher than wide. */
function Strip({ portrait, children }: StripProps) {
  return (
    <div
      className={cx(
        "flex shrink-0 gap-2 overflow-auto",
        portrait ? "flex-row md:[&>*]:w-52" : "w-40 flex-col md:w-56",
      )}
    >
      {children}
    </div>
  );
}

/** While this page shares its own screen: a reminder instead of a picture of itself. */
function Presenting() {
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
}
