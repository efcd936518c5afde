import type { EndReason, Entry } from "~/call/callState";
import { Problem, SiteHeader } from "~/features/auth";
import { useCall, useCallDispatch } from "~/features/call";
import { Button } from "~/ui/Button";
import { Page } from "~/ui/Page";
import { Spinner } from "~/ui/Spinner";
import { JoiningState } from "./JoiningState";

const titles = {
  left: "You left the meeting",
  removed: "You were removed from the meeting",
  ended: "The meeting has ended",
  deleted: "The meeting was deleted",
} as const satisfies Record<EndReason, string>;

const texts = {
  left: "Left by accident? You can go right back in.",
  removed: "Somebody who hosts this meeting removed you.",
  ended: "The host ended it for everyone.",
  deleted: "The host deleted this meeting and its messages.",
} as const satisfies Record<EndReason, string>;

/** The goodbye: with the way back in, as long as there is one. */
export function After({ entry, reason }: { readonly entry: Entry; readonly reason: EndReason }) {
  const dispatch = useCallDispatch();
  const rejoin = () => dispatch({ type: "joinRequested", entry });
  return (
    <Page header={<SiteHeader />}>
      <Problem
        title={titles[reason]}
        actions={
          reason !== "deleted" && (
            <Button data-testid="rejoin" onClick={rejoin}>
              Rejoin
            </Button>
          )
        }
      >
        {texts[reason]}
      </Problem>
    </Page>
  );
}

/** Between "Rejoin" and the meeting. */
export function GoingBackIn() {
  const connection = useCall((call) => (call.phase === "joining" ? call.connection : null));
  return (
    <Page header={<SiteHeader />}>
      <Spinner className="mb-6 size-8" />
      <h1 className="mb-6 text-2xl font-semibold tracking-tight">Going back in…</h1>
      {connection !== null && <JoiningState connection={connection} />}
    </Page>
  );
}
