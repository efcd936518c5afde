import { expect, test } from "vitest";
import { relaysOf } from "./relays";

test("of the servers that a page is given, the relays lead to the SFU", () => {
  const account = { username: "u", credential: "c" };
  const servers = [
    { urls: "stun:192.0.2.1:40000" },
    {
      urls: ["stun:turn.example", "turn:turn.example", "turns:turn.example?transport=tcp"],
      ...account,
    },
    { urls: "turn:192.0.2.2", ...account },
  ];
  expect(relaysOf(servers)).toEqual([
    { urls: ["turn:turn.example", "turns:turn.example?transport=tcp"], ...account },
    { urls: ["turn:192.0.2.2"], ...account },
  ]);
});
