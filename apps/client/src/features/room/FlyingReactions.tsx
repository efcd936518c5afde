import { useLive, useReactions } from "~/features/call";

/** Reactions rise from the lower left for three seconds. */
export function FlyingReactions() {
  const reactions = useReactions();
  const peers = useLive((call) => call.peers);
  return (
    <div aria-hidden className="pointer-events-none absolute bottom-2 left-6 z-20">
      {reactions.map(({ id, peerId, emoji }) => (
        <span
          key={id}
          className="absolute bottom-0 flex animate-fly flex-col items-center gap-1"
          style={{ left: (id * 47) % 160 }}
        >
          <span className="text-4xl">{emoji}</span>
          <span className="rounded-full bg-black/60 px-2 py-0.5 text-xs whitespace-nowrap text-white">
            {peers.get(peerId)?.userInfo.username ?? "You"}
          </span>
        </span>
      ))}
    </div>
  );
}
