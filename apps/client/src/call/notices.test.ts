import { describe, expect, test } from "vitest";
import { type Notice, noticeText, pushToast, type Toast } from "./notices";

function pushAll(...notices: Notice[]): readonly Toast[] {
  return notices.reduce<readonly Toast[]>((list, notice, i) => pushToast(list, i, notice), []);
}

describe("toasts", () => {
  test("joins that follow each other become one", () => {
    const toasts = pushAll(
      { type: "joined", names: ["Ada"] },
      { type: "joined", names: ["Bob"] },
      { type: "joined", names: ["Cy"] },
    );
    expect(toasts.map((toast) => noticeText(toast.notice))).toEqual(["Ada and 2 others joined"]);
  });

  test("at most three are shown, the oldest goes", () => {
    const left = ["a", "b", "c", "d"].map((name): Notice => ({ type: "left", name }));
    expect(pushAll(...left).map((toast) => noticeText(toast.notice))).toEqual([
      "b left",
      "c left",
      "d left",
    ]);
  });

  test("the same news twice is shown once", () => {
    expect(pushAll({ type: "linkCopied" }, { type: "linkCopied" })).toHaveLength(1);
  });
});
