import { SendHorizontal } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef } from "react";
import { useCallDispatch, useLive } from "~/features/call";
import { RoundButton } from "~/ui/RoundButton";
import { useTyping } from "./useTyping";

export const MESSAGE_MAX = 4_000;
/** From here on the characters that are left are shown. */
const NEARLY_FULL = MESSAGE_MAX - 200;

/** Where a message is written: Enter sends, Shift and Enter begins a new line. */
export function Composer() {
  const draft = useLive((call) => call.chat.draft);
  const dispatch = useCallDispatch();
  const field = useRef<HTMLTextAreaElement>(null);
  const typing = useTyping();
  const empty = draft.trim() === "";

  useEffect(() => field.current?.focus(), []);

  function send(event: FormEvent): void {
    event.preventDefault();
    if (empty) return;
    typing.stop();
    const clientId = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    dispatch({ type: "chatSubmitted", content: draft.trim(), clientId });
    dispatch({ type: "chatDrafted", draft: "" });
  }

  function onKeyDown(event: KeyboardEvent): void {
    // While an input method composes a character, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  }

  return (
    <form onSubmit={send} className="p-3 pt-1">
      <div className="flex items-end gap-1 rounded-3xl border border-line bg-raised py-1 pr-1 pl-4 focus-within:border-focus">
        <textarea
          ref={field}
          data-testid="chat-input"
          aria-label="Message to everyone"
          placeholder="Send a message"
          rows={1}
          maxLength={MESSAGE_MAX}
          value={draft}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            dispatch({ type: "chatDrafted", draft: event.target.value });
            typing.touch();
          }}
          className="field-sizing-content max-h-32 min-h-11 flex-1 resize-none bg-transparent py-2.5 text-sm text-ink outline-none placeholder:text-ink-soft"
        />
        <RoundButton
          type="submit"
          data-testid="chat-send"
          label="Send"
          look={empty ? "ghost" : "active"}
          disabled={empty}
          className="!size-11"
        >
          <SendHorizontal />
        </RoundButton>
      </div>
      {draft.length > NEARLY_FULL && (
        <p className="px-4 pt-1 text-right text-xs text-ink-soft">
          {MESSAGE_MAX - draft.length} left
        </p>
      )}
    </form>
  );
}
