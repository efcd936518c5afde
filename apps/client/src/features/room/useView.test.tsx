import { render } from "@testing-library/react";
import { useRef } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { CallContext, type CallParts } from "~/features/call";
import { createTestCall } from "~tests/fakes/callScreen";
import { useView } from "./useView";

const { ResizeObserver, IntersectionObserver } = globalThis;
afterEach(() => vi.stubGlobal("ResizeObserver", ResizeObserver));
afterEach(() => vi.stubGlobal("IntersectionObserver", IntersectionObserver));

/** An element of this size on the screen, and the browser's word that it changed. */
function stage() {
  const box = { width: 160, height: 90 };
  const tell: Array<(entries: unknown[]) => void> = [];
  class Observer {
    constructor(callback: (entries: unknown[]) => void) {
      tell.push(callback);
    }
    observe() {}
    disconnect() {}
  }
  vi.stubGlobal("ResizeObserver", Observer);
  vi.stubGlobal("IntersectionObserver", Observer);
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(() => box as DOMRect);
  const resize = (width: number, height: number) => {
    Object.assign(box, { width, height });
    tell[0]?.([]);
  };
  const scroll = (isIntersecting: boolean) => tell[1]?.([{ isIntersecting }]);
  return { resize, scroll };
}

function Seen() {
  const ref = useRef<HTMLDivElement>(null);
  useView("p1", "camera", ref);
  return <div ref={ref} />;
}

test("a tile that fills the screen is told at once, in device pixels, and one out of sight too", () => {
  const { resize, scroll } = stage();
  vi.stubGlobal("devicePixelRatio", 2);
  const call: CallParts = createTestCall();
  const shown: unknown[] = [];
  const close = vi.fn();
  vi.spyOn(call.media, "openView").mockReturnValue({ show: (size) => shown.push(size), close });
  const view = render(
    <CallContext value={call}>
      <Seen />
    </CallContext>,
  );
  resize(160, 90);
  resize(1440, 900);
  scroll(false);
  scroll(true);
  expect(shown).toEqual([
    { width: 320, height: 180 },
    { width: 2880, height: 1800 },
    null,
    { width: 2880, height: 1800 },
  ]);
  view.unmount();
  expect(close).toHaveBeenCalledOnce();
});
