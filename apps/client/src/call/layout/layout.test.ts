import { describe, expect, test } from "vitest";
import { cornerAt, moveCorner } from "./floating";
import { bestGrid, fitTile, GAP } from "./grid";
import { bringIn, capacityOf, pageOf, seat } from "./seats";
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

test("who is pinned is large, before any share, as long as they are there", () => {
  const others = [
    { peerId: "a", sharing: true },
    { peerId: "b", sharing: false },
  ];
  expect(arrange(others, [], null, "b")).toEqual({
    kind: "pinned",
    main: "b",
    otherShares: ["a"],
    peerIds: ["a"],
  });
  expect(arrange(others, [], null, "gone").kind).toBe("share");
});

describe("many people", () => {
  test("a page holds what fits, at least two and at most 49", () => {
    expect(capacityOf({ width: 3840, height: 2160 })).toBe(49);
    expect(capacityOf({ width: 664, height: 286 })).toBe(12);
    expect(capacityOf({ width: 100, height: 60 })).toBe(2);
    expect(capacityOf({ width: 0, height: 0 })).toBe(49);
  });

  test("the own picture is on the first page, and nobody is missing or twice", () => {
    const ids = Array.from({ length: 10 }, (_, i) => `p${i}`);
    const pages = [0, 1, 2].map((page) => pageOf(ids, page, 4));
    expect(pages.map((one) => one.peerIds.length + (one.withSelf ? 1 : 0))).toEqual([4, 4, 3]);
    expect(pages.flatMap((one) => one.peerIds)).toEqual(ids);
    expect(pageOf(ids, 9, 4).page).toBe(2);
    expect(pageOf([], 0, 4)).toMatchObject({ pages: 1, withSelf: true });
  });

  test("everyone keeps the seat while others come and go", () => {
    const order = ["c", "a", "b"];
    expect(seat(order, ["a", "b", "c"])).toBe(order);
    expect(seat(order, ["a", "c", "d"])).toEqual(["c", "a", "d"]);
  });

  test("a speaker out of sight takes the last seat in sight, one in sight stays", () => {
    const order = ["a", "b", "c", "d"];
    expect(bringIn(order, "d", ["a", "b"])).toEqual(["a", "d", "c", "b"]);
    expect(bringIn(order, "a", ["a", "b"])).toBe(order);
    expect(bringIn(order, "self", ["a", "b"])).toBe(order);
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
