// Where the floating self view sits. Pure.
import type { Size } from "./grid";

export type Corner = "top-left" | "top-right" | "bottom-left" | "bottom-right";
type Point = { readonly x: number; readonly y: number };

/** The corner nearest to a point of the stage. */
export function cornerAt({ x, y }: Point, { width, height }: Size): Corner {
  const vertical = y < height / 2 ? "top" : "bottom";
  const horizontal = x < width / 2 ? "left" : "right";
  return `${vertical}-${horizontal}`;
}

/** The corner that an arrow key leads to; any other key stays. */
export function moveCorner(corner: Corner, key: string): Corner {
  switch (key) {
    case "ArrowUp":
      return corner.endsWith("left") ? "top-left" : "top-right";
    case "ArrowDown":
      return corner.endsWith("left") ? "bottom-left" : "bottom-right";
    case "ArrowLeft":
      return corner.startsWith("top") ? "top-left" : "bottom-left";
    case "ArrowRight":
      return corner.startsWith("top") ? "top-right" : "bottom-right";
    default:
      return corner;
  }
}
