import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx";

type Props = {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  /** As wide as its content needs. */
  readonly wide?: boolean;
  readonly children: ReactNode;
};

/** A dialog in the middle; the whole screen on a phone. Escape and a click outside close it. */
export function Modal({ title, open, onClose, wide = false, children }: Props) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => next || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/60" />
        <Dialog.Content
          aria-describedby={undefined}
          className={cx(
            "fixed inset-0 z-40 flex animate-rise flex-col bg-surface text-ink shadow-2xl md:inset-auto md:top-1/2 md:left-1/2 md:max-h-[85vh] md:-translate-x-1/2 md:-translate-y-1/2 md:rounded-2xl",
            wide ? "md:w-max md:max-w-[calc(100vw-3rem)] md:min-w-[640px]" : "md:w-[640px]",
          )}
        >
          <div className="flex items-center justify-between py-3 pr-3 pl-6">
            <Dialog.Title className="text-lg font-medium">{title}</Dialog.Title>
            {/* No tooltip here: it would take the first Escape for itself. */}
            <Dialog.Close
              aria-label="Close"
              className="flex size-11 items-center justify-center rounded-full hover:bg-control-hover/60"
            >
              <X className="size-5" />
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-6 pb-6">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
