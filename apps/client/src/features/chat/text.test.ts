import { describe, expect, test } from "vitest";
import { message } from "~tests/fakes/session";
import { splitLinks, toLines, typingText } from "./text";

describe("splitLinks", () => {
  test.each([
    ["plain", []],
    ["see https://a.b/c.", ["https://a.b/c"]],
    ["(http://a.b/x) and https://c.d!", ["http://a.b/x", "https://c.d"]],
    ["javascript:alert(1) ftp://x data:text/html,x", []],
    ['https://a.b/"onclick="x', ["https://a.b/"]],
  ])("%s", (text, links) => {
    const parts = splitLinks(text);
    expect(parts.map((part) => part.text).join("")).toBe(text);
    expect(parts.flatMap((part) => part.href ?? [])).toEqual(links);
  });
});

describe("toLines", () => {
  test("joins what one person says within five minutes, and marks day and unread", () => {
    const lines = toLines(
      [
        message("1", "a", "2026-01-01T10:00:00.000Z"),
        message("2", "b", "2026-01-01T10:04:59.000Z"),
        message("3", "c", "2026-01-01T10:10:00.000Z"),
        { ...message("4", "d", "2026-01-01T10:10:01.000Z"), userId: "u9", username: "cy" },
        message("5", "e", "2026-01-03T10:10:00.000Z"),
      ],
      "4",
    );
    const short = lines.map((line) =>
      line.type === "message" ? `${line.id}${line.joined ? "+" : ""}` : line.type,
    );
    expect(short).toEqual(["day", "1", "2+", "3", "new", "4", "day", "5"]);
  });
});

test("typingText names two and counts no further", () => {
  expect(typingText([])).toBe("");
  expect(typingText(["a", "b", "c"])).toBe("Several people are typing…");
});
