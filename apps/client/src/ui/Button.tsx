import type { ComponentProps } from "react";
import { cx } from "./cx";
import { Spinner } from "./Spinner";

const looks = {
  primary: "bg-primary text-on-primary hover:bg-primary-hover",
  secondary: "bg-control text-on-control hover:bg-control-hover",
  outline: "border border-line text-ink hover:bg-control-hover/40",
  ghost: "text-ink hover:bg-control-hover/50",
  danger: "bg-danger text-white hover:bg-danger-hover",
} as const;

export type ButtonLook = keyof typeof looks;

type Props = ComponentProps<"button"> & {
  readonly look?: ButtonLook;
  readonly busy?: boolean;
  /** Smaller, for bars and lists. */
  readonly compact?: boolean;
};

/** The class names of a button, for links that look like one. */
export function buttonClass(look: ButtonLook = "primary", extra?: string, compact = false): string {
  return cx(
    "inline-flex items-center justify-center gap-2 rounded-full text-sm font-medium",
    compact ? "h-10 px-4" : "h-11 px-6",
    "whitespace-nowrap transition-colors disabled:opacity-40",
    looks[look],
    extra,
  );
}

export function Button({ look = "primary", busy = false, compact = false, ...rest }: Props) {
  const { children, disabled, className, ...props } = rest;
  return (
    <button
      type="button"
      {...props}
      disabled={disabled || busy}
      aria-busy={busy}
      className={buttonClass(look, className, compact)}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}
