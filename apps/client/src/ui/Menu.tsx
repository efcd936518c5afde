import { DropdownMenu } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";

type Props = {
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly side?: "top" | "bottom";
  readonly align?: "start" | "center" | "end";
};

/** A menu that opens from its trigger; arrows move in it, Escape gives the focus back. */
export function Menu({ trigger, children, side = "top", align = "center" }: Props) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side={side}
          align={align}
          sideOffset={10}
          collisionPadding={8}
          className="z-50 min-w-56 animate-rise rounded-xl border border-line/60 bg-surface py-2 text-sm text-ink shadow-2xl"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const itemClass =
  "flex min-h-11 items-center gap-3 px-4 outline-none select-none data-highlighted:bg-control-hover/50 [&_svg]:size-5 [&_svg]:shrink-0";

type ItemProps = ComponentProps<typeof DropdownMenu.Item> & {
  readonly icon?: ReactNode;
  readonly keys?: string | undefined;
};

export function MenuItem({ icon, keys, children, className, ...rest }: ItemProps) {
  return (
    <DropdownMenu.Item {...rest} className={cx(itemClass, className)}>
      {icon}
      <span className="flex-1">{children}</span>
      {keys !== undefined && <kbd className="font-sans text-xs text-ink-soft">{keys}</kbd>}
    </DropdownMenu.Item>
  );
}

export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-4 pt-2 pb-1 text-xs font-medium text-ink-soft">
      {children}
    </DropdownMenu.Label>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-2 border-t border-line/60" />;
}

type ChoiceProps = {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: ReadonlyArray<{ readonly id: string; readonly label: string }>;
};

/** One of several, inside a menu. */
export function MenuChoice({ value, onChange, options }: ChoiceProps) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
      {options.map(({ id, label }) => (
        <DropdownMenu.RadioItem
          key={id}
          value={id}
          className={cx(itemClass, "max-w-80 data-[state=checked]:text-link")}
        >
          <span className="w-4">
            <DropdownMenu.ItemIndicator>✓</DropdownMenu.ItemIndicator>
          </span>
          <span className="truncate">{label}</span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
