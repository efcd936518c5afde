import { X } from "lucide-react";
import { type Notice, noticeText } from "~/call/notices";
import { useCallDispatch, useCallParts, useLive, useToasts } from "~/features/call";

/** What happened in passing: lower left (on a phone above the own picture), never with the focus. */
export function ToastList() {
  const toasts = useToasts();
  const { toasts: store } = useCallParts();
  const panel = useLive((call) => call.panel);
  // Whoever has the chat before them needs no toast about it.
  const shown = toasts.filter(({ notice }) => panel === null || targetOf(notice)?.panel !== panel);
  return (
    <div
      role="status"
      aria-live="polite"
      onMouseEnter={() => store.pause(true)}
      onMouseLeave={() => store.pause(false)}
      onFocus={() => store.pause(true)}
      onBlur={() => store.pause(false)}
      className="pointer-events-none absolute inset-x-3 bottom-27 z-20 flex flex-col items-start gap-2 md:right-auto md:bottom-3 md:max-w-md"
    >
      {shown.map(({ id, notice }) => (
        <div
          key={id}
          data-testid="toast"
          className="pointer-events-auto flex min-h-12 max-w-full animate-rise items-center gap-2 rounded-lg bg-[#303134] py-1 pr-1 pl-4 text-sm text-white shadow-xl ring-1 ring-white/10"
        >
          <span className="line-clamp-2 min-w-0 break-words">{noticeText(notice)}</span>
          <ToastAction notice={notice} onDone={() => store.dismiss(id)} />
          <button
            type="button"
            aria-label="Dismiss"
            onClick={() => store.dismiss(id)}
            className="flex size-11 shrink-0 items-center justify-center rounded-full hover:bg-white/10"
          >
            <X className="size-4" />
          </button>
        </div>
      ))}
    </div>
  );
}

type ActionProps = { readonly notice: Notice; readonly onDone: () => void };

function ToastAction({ notice, onDone }: ActionProps) {
  const dispatch = useCallDispatch();
  const target = targetOf(notice);
  if (target === null) return null;
  return (
    <button
      type="button"
      onClick={() => {
        dispatch({ type: "panelToggled", panel: target.panel });
        onDone();
      }}
      className="min-h-11 shrink-0 rounded-full px-3 font-medium text-[#8ab4f8] hover:bg-white/10"
    >
      {target.label}
    </button>
  );
}

function targetOf(notice: Notice) {
  if (notice.type === "message") return { panel: "chat", label: "Open chat" } as const;
  if (notice.type === "handRaised") return { panel: "people", label: "Open queue" } as const;
  return null;
}
