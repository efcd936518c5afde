import { describe, expect, test } from "vitest";
import { cornerAt, moveCorner } from "./floating";
import { bestGrid, fitTile, GAP } from "./grid";
import { arrange } from "./stage";

describe("bestGrid", () => {
  test.each([
    [1, 1600, 900, 1, 1],
    [2, 1600, 900, 2, 1],
    [4, 1600, 900, 2, 2],
    [9, 1600, 900, 3, 3],
    [3, 390, 700, 1, 3],
    [4, 390, 700, 2, 2],
    [10, 390, 700, 2, 5],
  ])("%i tiles in %i x %i take %i columns and %i rows", (count, width, height, columns, rows) => {
    expect(bestGrid(count, { width, height })).toMatchObject({ columns, rows });
  });

  test("never needs more room than there is", () => {
    for (let count = 1; count <= 49; count++) {
      for (const area of [
        { width: 1440, height: 700 },
        { width: 390, height: 640 },
      ]) {
        const { columns, rows, tile } = bestGrid(count, area);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect(columns * tile.width + (columns - 1) * GAP).toBeLessThanOrEqual(area.width);
        expect(rows * tile.height + (rows - 1) * GAP).toBeLessThanOrEqual(area.height);
      }
    }
  });

  test("without room or people there is no grid", () => {
    expect(bestGrid(0, { width: 800, height: 600 }).columns).toBe(0);
    expect(bestGrid(3, { width: 0, height: 0 }).columns).toBe(0);
  });

  test("tiles are never wider than 16:9 nor narrower than asked", () => {
    expect(fitTile({ width: 1000, height: 100 }, 1)).toEqual({ width: 177, height: 100 });
    expect(fitTile({ width: 100, height: 1000 }, 0.8)).toEqual({ width: 100, height: 125 });
  });
});

describe("arrange", () => {
  const one = (peerId: string, sharing = false) => ({ peerId, sharing });

  test("nobody else: alone", () => {
    expect(arrange([], [], null)).toEqual({ kind: "alone" });
  });

  test("one other: large", () => {
    expect(arrange([one("a")], [], null)).toEqual({ kind: "pair", peerId: "a" });
  });

  test("more: tiles in the order of joining, raised hands first", () => {
    const stage = arrange([one("a"), one("b"), one("c")], ["c", "self", "b"], null);
    expect(stage).toEqual({ kind: "tiles", peerIds: ["c", "b", "a"] });
  });

  test("a share is large even for two; of several the chosen one", () => {
    expect(arrange([one("a", true)], [], null)).toMatchObject({ kind: "share", main: "a" });
    const two = [one("a", true), one("b", true)];
    expect(arrange(two, [], "b")).toMatchObject({ main: "b", otherShares: ["a"] });
    expect(arrange(two, [], "gone")).toMatchObject({ main: "a", otherShares: ["b"] });
  });
});

describe("the floating self view", () => {
  test("drops into the nearest corner", () => {
    expect(cornerAt({ x: 10, y: 590 }, { width: 800, height: 600 })).toBe("bottom-left");
  });

  test("moves by arrow keys and stays at other keys", () => {
    expect(moveCorner("bottom-right", "ArrowUp")).toBe("top-right");
    expect(moveCorner("top-right", "ArrowLeft")).toBe("top-left");
    expect(moveCorner("top-left", "Enter")).toBe("top-left");
  });
});
