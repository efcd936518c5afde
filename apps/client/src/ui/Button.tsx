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

type Props = ComponentProps<"button"> & { readonly look?: ButtonLook; readonly busy?: boolean };

/** The class names of a button, for links that look like one. */
export function buttonClass(look: ButtonLook = "primary", extra?: string): string {
  return cx(
    "inline-flex h-11 items-center justify-center gap-2 rounded-full px-6 text-sm font-medium",
    "whitespace-nowrap transition-colors disabled:opacity-40",
    looks[look],
    extra,
  );
}

export function Button({ look = "primary", busy = false, className, ...rest }: Props) {
  const { children, disabled, ...props } = rest;
  return (
    <button
      type="button"
      {...props}
      disabled={disabled || busy}
      aria-busy={busy}
      className={buttonClass(look, className)}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}
