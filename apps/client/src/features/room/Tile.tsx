import { Hand, Maximize, MicOff, MonitorUp, Pin, PinOff } from "lucide-react";
import { type CSSProperties, memo, type ReactNode, useRef } from "react";
import { useCallParts, useLive, useReactionOf, useRemoteTrack } from "~/features/call";
import { Avatar } from "~/ui/Avatar";
import { cx } from "~/ui/cx";
import { RoundButton } from "~/ui/RoundButton";
import { TrackVideo } from "~/ui/TrackVideo";
import { LinkSign } from "./LinkSign";
import { useSpeaking } from "./useSpeaking";
import { useView } from "./useView";

type Props = {
  readonly peerId: string;
  readonly source: "camera" | "screen";
  readonly style?: CSSProperties;
  readonly className?: string;
  /** Makes the tile a button's worth of "show this one large". */
  readonly onChoose?: ((peerId: string) => void) | undefined;
  /** Shows this one large, or no longer; by double click too. */
  readonly onPin?: ((peerId: string) => void) | undefined;
  readonly pinned?: boolean;
};

/** One other person, or what that person shares. What changes elsewhere does not render it. */
export const Tile = memo(function Tile(props: Props) {
  const { peerId, source, style, className, onChoose, onPin, pinned } = props;
  const ref = useRef<HTMLElement>(null);
  const { media } = useCallParts();
  const peer = useLive((call) => call.peers.get(peerId));
  const track = useRemoteTrack(peerId, source);
  useSpeaking(peerId, ref);
  useView(peerId, source, ref);
  if (peer === undefined) return null;
  const { username: name, id } = peer.userInfo;
  const isScreen = source === "screen";
  const hasVideo = isScreen ? peer.state.screen : peer.state.video;
  const label = isScreen ? `${name}'s screen` : name;
  return (
    <figure
      ref={ref}
      data-testid="tile"
      data-peer-id={peerId}
      data-source={source}
      data-audio={peer.state.audio}
      data-video={hasVideo}
      data-speaking="false"
      aria-label={label}
      style={style}
      onDoubleClick={onPin && (() => onPin(peerId))}
      className={cx("group relative overflow-hidden rounded-xl bg-[#3c4043] text-white", className)}
    >
      {!isScreen && <Middle name={name} seed={id} />}
      {hasVideo && track !== null && (
        <TrackVideo
          track={track}
          fit={isScreen ? "contain" : "cover"}
          label={label}
          onShown={(shown) => media.markPlaying(shown)}
        />
      )}
      {!isScreen && (
        <span className="speaking-ring pointer-events-none absolute inset-0 rounded-xl" />
      )}
      {!isScreen && <Corner muted={!peer.state.audio} />}
      {!isScreen && <LinkSign peerId={peerId} name={name} />}
      <NameLine peerId={peerId}>
        {isScreen && <MonitorUp className="size-4 shrink-0" />}
        <span dir="auto" className="truncate">
          {isScreen ? `${name} is presenting` : name}
        </span>
      </NameLine>
      {isScreen && (
        <ScreenTools tile={ref} onChoose={onChoose && (() => onChoose(peerId))} label={label} />
      )}
      {onPin !== undefined && (
        <PinButton name={name} pinned={pinned ?? false} onPin={() => onPin(peerId)} />
      )}
      {!isScreen && <TileReaction peerId={peerId} />}
    </figure>
  );
});

function Middle({ name, seed }: { readonly name: string; readonly seed: string }) {
  return (
    <span className="@container absolute inset-0 flex items-center justify-center">
      <Avatar name={name} seed={seed} className="w-[min(34cqw,8rem)] text-[min(13cqw,3rem)]" />
    </span>
  );
}

/** Upper right: a crossed microphone, or moving bars while the person speaks. */
export function Corner({ muted }: { readonly muted: boolean }) {
  return muted ? (
    <span className="absolute top-2 right-2 flex size-7 items-center justify-center rounded-full bg-black/60">
      <MicOff className="size-4" />
      <span className="sr-only">Microphone off</span>
    </span>
  ) : (
    <span className="speaking-bars absolute top-2 right-2 size-7 items-center justify-center gap-0.5 rounded-full bg-[#1a73e8] text-white">
      <i />
      <i />
      <i />
    </span>
  );
}

type NameLineProps = { readonly peerId: string; readonly children: ReactNode };

/** Lower left: the name, after the hand with its place in the queue. */
export function NameLine({ peerId, children }: NameLineProps) {
  const order = useLive((call) => call.hands.indexOf(peerId) + 1);
  return (
    <figcaption className="absolute bottom-2 left-2 flex max-w-[calc(100%-1rem)] items-center gap-2 text-sm font-medium">
      {order > 0 && (
        <span className="flex h-7 items-center gap-1 rounded-full bg-amber px-2 text-[#202124]">
          <Hand className="size-4" />
          <span className="sr-only">Hand raised, number</span>
          {order}
        </span>
      )}
      <span className="flex min-w-0 items-center gap-1.5 rounded-md bg-black/60 px-2 py-1">
        {children}
      </span>
    </figcaption>
  );
}

type ToolsProps = {
  readonly tile: { readonly current: HTMLElement | null };
  readonly onChoose: (() => void) | undefined;
  readonly label: string;
};

function ScreenTools({ tile, onChoose, label }: ToolsProps) {
  if (onChoose !== undefined) {
    return (
      <button
        type="button"
        aria-label={`Show ${label} large`}
        onClick={onChoose}
        className="absolute inset-0 rounded-xl"
      />
    );
  }
  return (
    <RoundButton
      label="Full screen"
      className="absolute top-2 right-2 bg-black/60 text-white opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"
      onClick={() => void tile.current?.requestFullscreen?.()}
    >
      <Maximize />
    </RoundButton>
  );
}

type PinProps = {
  readonly name: string;
  readonly pinned: boolean;
  readonly onPin: () => void;
};

function PinButton({ name, pinned, onPin }: PinProps) {
  return (
    <RoundButton
      label={pinned ? `Unpin ${name}` : `Pin ${name}`}
      aria-pressed={pinned}
      className="absolute top-2 left-2 z-10 bg-black/60 text-white opacity-0 focus-visible:opacity-100 group-hover:opacity-100"
      onClick={onPin}
    >
      {pinned ? <PinOff /> : <Pin />}
    </RoundButton>
  );
}

export function TileReaction({ peerId }: { readonly peerId: string }) {
  const newest = useReactionOf(peerId);
  if (newest === null) return null;
  return (
    <span
      key={newest.id}
      aria-hidden
      className="absolute top-2 left-2 z-10 animate-rise rounded-full bg-black/50 px-2 py-1 text-xl"
    >
      {newest.emoji}
    </span>
  );
}
