import type { ComponentProps, ReactNode } from "react";
import { Link } from "react-router";
import { buttonClass } from "~/ui/Button";

type Props = ComponentProps<"section"> & { readonly title: string; readonly actions?: ReactNode };

/** A whole page's worth of "this did not work": what happened, and the way out. */
export function Problem({ title, actions, children, ...rest }: Props) {
  return (
    <section {...rest} className="flex max-w-md flex-col items-center gap-4 text-center">
      <h1 className="text-2xl font-semibold tracking-tight md:text-3xl">{title}</h1>
      <div className="text-ink-soft">{children}</div>
      <div className="mt-4 flex flex-wrap justify-center gap-3">
        {actions}
        <Link to="/" className={buttonClass(actions ? "outline" : "primary")}>
          Return home
        </Link>
      </div>
    </section>
  );
}
