import { WifiOff } from "lucide-react";
import type { Connection } from "~/call/callState";
import { useCall, useCallDispatch, useCallParts, useObservable } from "~/features/call";
import { Button } from "~/ui/Button";
import { Spinner } from "~/ui/Spinner";

/** Of signalling and media together: the call is as well connected as the worse of them. */
function useConnection(): Connection | null {
  const connection = useCall((call) => ("connection" in call ? call.connection : null));
  const broken = useObservable(useCallParts().media.broken);
  return broken && connection === "connected" ? "reconnecting" : connection;
}

/** The state of the connection in one word, for screen readers, support and tests. */
export function ConnectionState() {
  const connection = useConnection();
  if (connection === null) return null;
  return (
    <span data-testid="connection-state" className="sr-only">
      {connection}
    </span>
  );
}

/** The bar at the top while the connection is away. Media may well go on meanwhile. */
export function ConnectionBanner() {
  const connection = useConnection();
  const dispatch = useCallDispatch();
  const lost = connection === "lost";
  return (
    <div aria-live="assertive">
      {(lost || connection === "reconnecting") && (
        <div className="flex min-h-12 items-center justify-center gap-3 bg-amber px-4 py-1.5 text-sm font-medium text-[#202124]">
          {lost ? <WifiOff className="size-5" /> : <Spinner />}
          {lost ? "The connection is lost. Check your network." : "Reconnecting…"}
          {lost && (
            <Button
              look="ghost"
              compact
              className="border border-[#202124]/40 !text-[#202124] hover:bg-black/10"
              onClick={() => dispatch({ type: "retryRequested" })}
            >
              Try again
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
