import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";
import { Tooltip } from "./Tooltip";

const looks = {
  quiet: "bg-control text-on-control hover:bg-control-hover",
  off: "bg-danger text-white hover:bg-danger-hover",
  active: "bg-active text-on-active hover:brightness-95",
  ghost: "text-ink hover:bg-control-hover/60",
} as const;

export type RoundButtonProps = ComponentProps<"button"> & {
  /** What the click will do: tooltip and accessible name. */
  readonly label: string;
  readonly keys?: string | undefined;
  /** What the badge means, for who cannot see it. */
  readonly status?: string | undefined;
  readonly look?: keyof typeof looks;
  /** A number or sign at the upper right corner. */
  readonly badge?: ReactNode;
  /** The badge warns. */
  readonly warns?: boolean;
  readonly size?: "md" | "lg";
};

/** A round icon button with a tooltip: the controls of the bar and of the preview. */
export function RoundButton(props: RoundButtonProps) {
  const { label, keys, status, look = "quiet", badge, warns = false, ...more } = props;
  const { size = "md", className, children, ...rest } = more;
  const name = status === undefined ? label : `${label}, ${status}`;
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        aria-label={keys === undefined ? name : `${name} (${keys})`}
        {...rest}
        className={cx(
          "relative inline-flex shrink-0 items-center justify-center rounded-full transition-colors",
          "disabled:opacity-50 [&_svg]:size-[22px]",
          size === "lg" ? "size-14" : "size-11 md:size-12",
          looks[look],
          className,
        )}
      >
        {children}
        {badge !== undefined && badge !== null && (
          <span
            aria-hidden
            className={cx(
              "absolute -top-1 -right-1 inline-flex h-5 min-w-5 items-center justify-center rounded-full px-1 text-[11px] font-semibold",
              warns ? "bg-amber text-[#202124]" : "bg-primary text-on-primary",
            )}
          >
            {badge}
          </span>
        )}
      </button>
    </Tooltip>
  );
}
