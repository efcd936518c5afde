import { Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useLive } from "~/features/call";
import { Tooltip } from "~/ui/Tooltip";
import { useCopyLink } from "./useCopyLink";

/** The time and the meeting; a click copies the link. */
export function MeetingLine() {
  const room = useLive((call) => call.room);
  const copy = useCopyLink();
  return (
    <div className="flex min-w-0 items-center gap-3 px-3 text-sm font-medium md:px-0">
      <Clock />
      <span aria-hidden className="hidden h-4 w-px bg-line lg:block" />
      <Tooltip text="Copy the link of this meeting">
        <button
          type="button"
          data-testid="copy-link"
          onClick={copy}
          className="flex min-h-11 min-w-11 items-center gap-2 rounded-lg px-2 hover:bg-control-hover/50"
        >
          <span dir="auto" className="truncate md:max-lg:sr-only">
            {room.name}
          </span>
          <span className="sr-only">: copy the link of this meeting</span>
          <Copy aria-hidden className="size-4 shrink-0 text-ink-soft" />
        </button>
      </Tooltip>
    </div>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function Clock() {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return <time className="hidden shrink-0 whitespace-nowrap lg:block">{clock.format(now)}</time>;
}
