import { useCallDispatch, useLive } from "~/features/call";
import { Avatar } from "~/ui/Avatar";
import { Button } from "~/ui/Button";
import { KnockButtons } from "./KnockButtons";

/** Who waits in the lobby, first come first. */
export function WaitingList() {
  const knocks = useLive((call) => call.knocks);
  const dispatch = useCallDispatch();
  if (knocks.size === 0) return null;
  const admitAll = () => {
    for (const peerId of knocks.keys()) {
      dispatch({ type: "hostRequested", request: { event: "host:admit", payload: { peerId } } });
    }
  };
  return (
    <section className="mb-4">
      <div className="flex items-center justify-between">
        <h3 className="px-2 py-2 text-xs font-medium text-ink-soft">Waiting ({knocks.size})</h3>
        {knocks.size > 1 && (
          <Button look="ghost" compact className="text-link" onClick={admitAll}>
            Admit all
          </Button>
        )}
      </div>
      <ul>
        {[...knocks].map(([peerId, { id, username }]) => (
          <li key={peerId} className="flex min-h-14 items-center gap-3 px-2">
            <Avatar name={username} seed={id} className="size-9 text-sm" />
            <span dir="auto" className="min-w-0 flex-1 truncate">
              {username}
            </span>
            <KnockButtons peerId={peerId} name={username} />
          </li>
        ))}
      </ul>
    </section>
  );
}
