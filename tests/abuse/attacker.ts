// An attacker's process: says that it is ready, begins at the first line of its standard input, says how
// many attempts it made, and keeps what it has opened until its standard input ends. Argument: JSON of `Order`.
import { once } from "node:events";
import { setPriority } from "node:os";
import type { Target } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { Budget } from "./budget.ts";

export type Order = { attack: string; target: Target; count: number; milliseconds: number };

// The processors are shared: what is measured is what the server does, not who gets them.
setPriority(19);

const order = JSON.parse(process.argv[2] ?? "") as Order;
const attack = ATTACKS.find((one) => one.name === order.attack);
if (attack === undefined) throw new Error(`no attack ${order.attack}`);
process.stdin.on("end", () => process.exit());
console.log("ready");
await once(process.stdin, "data");
const budget = new Budget(order.count, order.milliseconds);
await attack.run(order.target, budget);
console.log(JSON.stringify({ made: budget.made }));
