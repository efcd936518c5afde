import { useCallDispatch, useLive } from "~/features/call";
import { KnockButtons } from "~/features/people";
import { Avatar } from "~/ui/Avatar";
import { Button } from "~/ui/Button";
import { useKnockSound } from "./useKnockSound";

/** Somebody wants to come in: stays until it is answered, here or in the list of people. */
export function KnockCard() {
  const knocks = useLive((call) => call.knocks);
  const listOpen = useLive((call) => call.panel === "people");
  const dispatch = useCallDispatch();
  useKnockSound();
  const [first, ...more] = knocks;
  if (first === undefined || listOpen) return null;
  const [peerId, { username, guest, id }] = first;
  return (
    <section
      aria-label="Waiting to be let in"
      aria-live="assertive"
      className="absolute top-3 right-3 z-20 w-[min(22rem,calc(100%-1.5rem))] animate-rise rounded-2xl border border-line/60 bg-surface p-4 shadow-2xl"
    >
      <div className="flex items-center gap-3">
        <Avatar name={username} seed={id} className="size-10 text-sm" />
        <p className="min-w-0 text-sm">
          <span dir="auto" className="block truncate font-medium">
            {username}
          </span>
          <span className="text-ink-soft">
            {guest ? "A guest who wants to come in" : "Wants to come in"}
          </span>
        </p>
      </div>
      <div className="mt-3 flex items-center justify-end gap-1">
        {more.length > 0 && (
          <Button
            look="ghost"
            compact
            className="mr-auto text-link"
            onClick={() => dispatch({ type: "panelToggled", panel: "people" })}
          >
            See all ({knocks.size})
          </Button>
        )}
        <KnockButtons peerId={peerId} name={username} />
      </div>
    </section>
  );
}
