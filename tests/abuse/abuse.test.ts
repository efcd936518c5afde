// Each attack once, by count and not by time: the server lives, holds little for it, names it in
// `/metrics`, and answers everyone else. How long they waited is printed and not judged; `scripts/bench
// abuse` measures that.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ATTACKS } from "./attacks.ts";
import { MEMORY_MAX_MB, tryAttack } from "./trial.ts";

const DEADLINE_MS = 60_000; // of one attack, on a slow machine

describe("floods", () => {
  for (const attack of ATTACKS) {
    test(`${attack.name}: ${attack.what}`, async (t) => {
      const { count } = attack;
      const outcome = await tryAttack(attack, { count, milliseconds: DEADLINE_MS, quietMs: 1_000 });
      const { made, memoryMb, quiet, attacked, risen } = outcome;
      t.diagnostic(`${made} attempts, ${memoryMb.toFixed(0)} MB; p99 in ms ${JSON.stringify(quiet.p99)}, ` +
        `under attack ${JSON.stringify(attacked?.p99)}; counters ${risen.join(" ")}`);
      assert.ok(outcome.lives, "the server lives");
      assert.deepEqual(outcome.failures, [], "everyone else was answered");
      assert.ok(memoryMb <= MEMORY_MAX_MB, `${memoryMb} MB above idle`);
      const { names } = attack;
      assert.ok(risen.some((name) => names.test(name)), `a counter like ${names} among ${risen.join(" ")}`);
    });
  }
});
