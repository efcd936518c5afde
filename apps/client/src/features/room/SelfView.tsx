import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { type Corner, cornerAt, moveCorner } from "~/call/layout/floating";
import { cx } from "~/ui/cx";
import { SelfTile } from "./SelfTile";

const places = {
  "top-left": "top-3 left-3",
  "top-right": "top-3 right-3",
  "bottom-left": "bottom-3 left-3",
  "bottom-right": "bottom-3 right-3",
} as const satisfies Record<Corner, string>;

/** A name in the lower left stays to be read, on a narrow stage from the right too. */
const raised: Partial<Record<Corner, string>> = {
  "bottom-left": "mb-9",
  "bottom-right": "max-md:mb-9",
};

type Props = {
  /** Above everything else in a corner, to which it is dragged or moved by arrow keys. */
  readonly floating?: boolean;
  readonly overName?: boolean;
  readonly style?: CSSProperties;
  readonly className?: string;
};

/** The own picture, in its place among the others or floating. */
export function SelfView({ floating = false, overName = false, style, className }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const [corner, setCorner] = useState<Corner>("bottom-right");
  const start = useRef<{ x: number; y: number } | null>(null);

  function drag(event: PointerEvent): void {
    if (start.current === null || ref.current === null) return;
    const x = event.clientX - start.current.x;
    const y = event.clientY - start.current.y;
    ref.current.style.translate = `${x}px ${y}px`;
  }

  function drop(event: PointerEvent): void {
    const stage = ref.current?.parentElement?.getBoundingClientRect();
    if (start.current === null || ref.current === null || stage === undefined) return;
    start.current = null;
    ref.current.style.translate = "";
    setCorner(cornerAt({ x: event.clientX - stage.x, y: event.clientY - stage.y }, stage));
  }

  function press(event: KeyboardEvent): void {
    const next = moveCorner(corner, event.key);
    if (next === corner) return;
    event.preventDefault();
    setCorner(next);
  }

  const movable = {
    role: "group",
    "aria-label": "Your picture; arrow keys move it",
    tabIndex: 0,
    onKeyDown: press,
    onPointerDown: (event: PointerEvent) => {
      start.current = { x: event.clientX, y: event.clientY };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: drag,
    onPointerUp: drop,
    onPointerCancel: drop,
  };
  return (
    <div
      ref={ref}
      {...(floating && movable)}
      style={style}
      className={
        floating
          ? cx(
              "absolute z-10 aspect-video w-36 cursor-grab touch-none rounded-xl shadow-xl ring-1 ring-black/40 md:w-60",
              places[corner],
              overName && raised[corner],
            )
          : className
      }
    >
      <SelfTile />
    </div>
  );
}
