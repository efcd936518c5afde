import { TriangleAlert } from "lucide-react";
import type { ComponentProps } from "react";
import { cx } from "./cx";

/** A refusal inside a form or a page, read out at once. */
export function ErrorNotice({ className, children, ...rest }: ComponentProps<"div">) {
  return (
    <div
      role="alert"
      {...rest}
      className={cx(
        "flex items-start gap-3 rounded-lg border border-danger/60 bg-danger/10 px-4 py-3 text-sm text-ink",
        className,
      )}
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger-ink" />
      <div>{children}</div>
    </div>
  );
}
