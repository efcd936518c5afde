import { Copy } from "lucide-react";
import { useLive } from "~/features/call";
import { roomLink } from "~/features/lobby";
import { Button } from "~/ui/Button";
import { useCopyLink } from "./useCopyLink";

/** While nobody else is here: how to get them in. */
export function Invitation() {
  const slug = useLive((call) => call.room.slug);
  const copy = useCopyLink();
  return (
    <div className="flex size-full items-center justify-center p-4">
      <section className="flex w-full max-w-md flex-col gap-4 rounded-2xl border border-line/60 bg-surface p-6 shadow-lg">
        <h2 className="text-xl font-medium">Your meeting is ready</h2>
        <p className="text-sm text-ink-soft">Send this link to the people you want to meet.</p>
        <div className="rounded-lg bg-raised px-4 py-3 text-sm break-all select-all">
          {roomLink(window.location.origin, slug)}
        </div>
        <Button onClick={copy} className="self-start">
          <Copy className="size-4" />
          Copy the link
        </Button>
      </section>
    </div>
  );
}
