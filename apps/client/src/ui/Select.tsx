import { ChevronDown } from "lucide-react";
import type { ComponentPropsWithRef, ReactNode } from "react";

type Props = ComponentPropsWithRef<"select"> & { readonly icon?: ReactNode };

/** The browser's own list, in the shape of our buttons. */
export function Select({ icon, children, ...select }: Props) {
  return (
    <span className="relative flex items-center">
      {icon && <span className="pointer-events-none absolute left-3 [&_svg]:size-4">{icon}</span>}
      <select
        {...select}
        className={`h-11 w-full min-w-0 truncate appearance-none rounded-full border border-line bg-surface pr-9 text-sm ${icon ? "pl-9" : "pl-4"}`}
      >
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute right-3 size-4" />
    </span>
  );
}
