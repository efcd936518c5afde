import { memo, useRef } from "react";
import { useAuth } from "~/features/auth";
import { useLive, useLocal } from "~/features/call";
import { Avatar } from "~/ui/Avatar";
import { TrackVideo } from "~/ui/TrackVideo";
import { Corner, NameLine, TileReaction } from "./Tile";
import { useSelfSpeaking } from "./useSpeaking";

/** Oneself, mirrored, as large as its place; the others get the picture as it is. */
export const SelfTile = memo(function SelfTile() {
  const ref = useRef<HTMLElement>(null);
  const camera = useLocal((local) => local.camera);
  const micOn = useLocal((local) => local.mic.on);
  const selfId = useLive((call) => call.selfId);
  const { user } = useAuth();
  const guestName = useLive((call) => call.entry.guestName);
  const name = user?.username ?? guestName ?? "You";
  useSelfSpeaking(ref);
  return (
    <figure
      ref={ref}
      data-testid="self-tile"
      data-audio={micOn}
      data-video={camera.on}
      data-speaking="false"
      aria-label="You"
      className="relative size-full overflow-hidden rounded-xl bg-[#3c4043] text-white"
    >
      <span className="@container absolute inset-0 flex items-center justify-center">
        <Avatar
          name={name}
          seed={user?.id ?? name}
          className="w-[min(34cqw,8rem)] text-[min(13cqw,3rem)]"
        />
      </span>
      {camera.track !== null && camera.on && (
        <TrackVideo track={camera.track} fit="cover" mirrored label="Your camera" />
      )}
      <span className="speaking-ring pointer-events-none absolute inset-0 rounded-xl" />
      <Corner muted={!micOn} />
      <NameLine peerId={selfId}>
        <span className="truncate">You</span>
      </NameLine>
      <TileReaction peerId={selfId} />
    </figure>
  );
});
