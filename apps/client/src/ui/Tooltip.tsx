import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";

type Props = {
  readonly text: string;
  readonly keys?: string | undefined;
  readonly children: ReactNode;
};

/** Says what the click will do, with its key. Shown on hover and on keyboard focus. */
export function Tooltip({ text, keys, children }: Props) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side="top"
          sideOffset={8}
          collisionPadding={8}
          className="z-50 animate-rise rounded-md bg-[#3c4043] px-2.5 py-1.5 text-xs font-medium text-white shadow-lg"
        >
          {text}
          {keys !== undefined && <span className="text-white/75"> ({keys})</span>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={400} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  );
}
