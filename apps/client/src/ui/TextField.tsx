import { type ComponentProps, useId } from "react";
import { cx } from "./cx";

type Props = ComponentProps<"input"> & {
  readonly label: string;
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
};

/** A labelled input with its error or hint below. */
export function TextField({ label, error, hint, className, ...rest }: Props) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={cx("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        {...rest}
        className={fieldClass}
      />
      {note !== undefined && (
        <p id={`${id}-note`} className={cx("text-xs", error ? "text-danger-ink" : "text-ink-soft")}>
          {note}
        </p>
      )}
    </div>
  );
}

export const fieldClass =
  "h-12 w-full rounded-lg border border-line bg-surface px-4 text-base text-ellipsis text-ink placeholder:text-ink-soft focus-visible:border-focus aria-invalid:border-danger-ink";
