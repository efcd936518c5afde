import { X } from "lucide-react";
import { useCallDispatch, useLive } from "~/features/call";
import { RoundButton } from "~/ui/RoundButton";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { typingText } from "./text";

export function ChatPanel({ onClose }: { readonly onClose: () => void }) {
  const peers = useLive((call) => call.peers);
  const typing = useLive((call) => call.chat.typing);
  const dispatch = useCallDispatch();
  const names = [...typing].flatMap((id) => peers.get(id)?.userInfo.username ?? []);
  return (
    <>
      <div className="flex items-center justify-between py-2 pr-2 pl-5">
        <h2 className="text-lg font-medium">Chat</h2>
        <RoundButton label="Close chat" look="ghost" onClick={onClose}>
          <X />
        </RoundButton>
      </div>
      <MessageList onOlder={() => dispatch({ type: "olderRequested" })} />
      <p className="h-6 truncate px-5 text-xs text-ink-soft" aria-live="polite">
        {typingText(names)}
      </p>
      <Composer />
    </>
  );
}
