import { Smile } from "lucide-react";
import { Popover } from "radix-ui";
import { reactionEmojis } from "~/call/toasts";
import { useCallDispatch } from "~/features/call";
import { keysOf } from "~/features/settings";
import { RoundButton } from "~/ui/RoundButton";

type Props = { readonly open: boolean; readonly onOpen: (open: boolean) => void };

/** Opens the row of emojis; it stays open until a click elsewhere, so that several can follow. */
export function ReactionsButton({ open, onOpen }: Props) {
  const dispatch = useCallDispatch();
  return (
    <Popover.Root open={open} onOpenChange={onOpen}>
      <Popover.Anchor asChild>
        <span className="inline-flex">
          <Popover.Trigger asChild>
            <RoundButton
              data-testid="reactions-toggle"
              look={open ? "active" : "quiet"}
              label={open ? "Close reactions" : "React"}
              keys={keysOf("reactions")}
            >
              <Smile />
            </RoundButton>
          </Popover.Trigger>
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          side="top"
          sideOffset={14}
          collisionPadding={8}
          aria-label="Reactions"
          className="z-20 flex animate-rise flex-wrap justify-center gap-1 rounded-full border border-line/60 bg-surface p-1.5 shadow-2xl"
        >
          {reactionEmojis.map((emoji) => (
            <button
              key={emoji}
              type="button"
              data-testid="reaction"
              aria-label={`React with ${emoji}`}
              onClick={() => dispatch({ type: "reactionSent", emoji })}
              className="flex size-10 items-center justify-center rounded-full text-xl transition-transform hover:scale-125 md:size-11 md:text-2xl"
            >
              {emoji}
            </button>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
