import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import { RoundButton } from "~/ui/RoundButton";
import { isTyping } from "./focus";

type Props = {
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
};

/** Turns the pages of people, by its buttons and by keys. */
export function Pager({ page, pages, onPage }: Props) {
  const turn = useEffectEvent((event: KeyboardEvent) => {
    if (isTyping(event.target)) return;
    if (event.key === "PageDown" && page < pages - 1) onPage(page + 1);
    if (event.key === "PageUp" && page > 0) onPage(page - 1);
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => turn(event);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <nav
      aria-label="Pages of people"
      className="absolute bottom-2 left-1/2 z-10 flex -translate-x-1/2 items-center gap-1 rounded-full bg-black/60 text-white"
    >
      <RoundButton label="Previous page" disabled={page === 0} onClick={() => onPage(page - 1)}>
        <ChevronLeft />
      </RoundButton>
      <span aria-live="polite" className="px-1 text-sm">
        {page + 1} of {pages}
      </span>
      <RoundButton label="Next page" disabled={page === pages - 1} onClick={() => onPage(page + 1)}>
        <ChevronRight />
      </RoundButton>
    </nav>
  );
}
