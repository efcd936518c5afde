import type { ReactNode } from "react";

type Props = { readonly header?: ReactNode; readonly children: ReactNode };

/** A page outside the call: a header line and a centred middle. */
export function Page({ header, children }: Props) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-16 shrink-0 items-center justify-between gap-4 px-4 md:px-6">
        {header}
      </header>
      <main className="flex flex-1 flex-col items-center justify-center px-4 pb-16 md:px-6">
        {children}
      </main>
    </div>
  );
}
