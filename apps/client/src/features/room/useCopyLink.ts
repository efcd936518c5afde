import { useCallParts, useLive } from "~/features/call";
import { roomLink } from "~/features/lobby";

/** Copies the meeting's address and says whether that worked. */
export function useCopyLink(): () => void {
  const { toasts } = useCallParts();
  const slug = useLive((call) => call.room.slug);
  return () => {
    const link = roomLink(window.location.origin, slug);
    // On insecure origins there is no clipboard at all.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const copied = clipboard?.writeText(link) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => toasts.show({ type: "linkCopied" }),
      () => toasts.show({ type: "copyFailed" }),
    );
  };
}
