// One attack against a server of its own, beside people who use it: what they saw of it, what it cost,
// and what `/metrics` says of it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import { Authority } from "../support/authority.ts";
import { ask, json } from "../support/http.ts";
import { Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Child } from "../support/process.ts";
import { Server, type Settings } from "../support/server.ts";
import type { Attack, Target } from "./attack.ts";
import type { Order } from "./attacker.ts";
import { Onlookers, type Seen } from "./onlookers.ts";

export const MEMORY_MAX_MB = 64; // above idle, for one attacking address

const SAMPLE_MS = 50;
const ROUNDS_AFTER = 8; // of the onlookers once the attack is over, so that each has had a turn
const HISTORY = 60; // messages, each as long as may be
const HISTORY_PAUSE_MS = 60; // within the limit of what one may say
const HISTORY_MESSAGE = "😀".repeat(4_000);

export type Size = {
  /** Attempts at most; without it the attack goes on, or what it has opened stays open, for all the time. */
  count?: number;
  milliseconds: number;
  /** How long the onlookers are watched before it. */
  quietMs: number;
};
export type Outcome = {
  made: number;
  lives: boolean;
  /** At its highest, above what it was before. */
  memoryMb: number;
  quiet: Seen;
  attacked: Seen | null;
  failures: readonly string[];
  /** Counters that rose as they do not in quiet times, those that rose most first. */
  risen: readonly string[];
};

export async function tryAttack(attack: Attack, size: Size): Promise<Outcome> {
  const authority = attack.tls ? await Authority.create() : null;
  const settings: Record<string, string> = { RATE_LIMIT: "on", RTC_WORKERS: "1" };
  if (authority !== null) {
    await authority.certify("localhost", ["DNS:localhost", "IP:127.0.0.1"]);
    setDefaultCACertificates([await authority.pem()]);
    Object.assign(settings, authority.settings);
  }
  try {
    return await tryOn(attack, size, settings);
  } finally {
    await authority?.remove();
  }
}

async function tryOn(attack: Attack, size: Size, settings: Settings): Promise<Outcome> {
  const server = await Server.start(settings);
  let onlookers: Onlookers | null = null;
  let attacker: Child | null = null;
  try {
    const url = server.url.replace("localhost", "127.0.0.1");
    onlookers = await Onlookers.start(server, url);
    if (attack.name === "history") await fill(server, onlookers);
    const target = { url, port: server.port, mediaPort: await mediaPort(server), room: onlookers.room.slug };
    await until("the onlookers to be at home", () => (onlookers?.rounds ?? 0) >= ROUNDS_AFTER);
    // It is there in quiet times too, so that its start is not measured as its attack.
    attacker = await startAttacker(attack, size, target);
    await onlookers.take();
    const counted = [await counters(server)];
    await pause(size.quietMs);
    counted.push(await counters(server));
    const quiet = await onlookers.take();
    const idle = await residentMb(server.pid);
    const { made, peak } = await attackOnce(attacker, size, server, onlookers);
    const lives = await isAlive(server);
    if (lives) counted.push(await counters(server));
    return { made, lives, memoryMb: peak - idle, quiet, attacked: lives ? await onlookers.take() : null,
      failures: onlookers.failures, risen: risen(counted) };
  } finally {
    attacker?.endInput();
    await attacker?.stop("SIGKILL");
    await onlookers?.stop();
    await server.stop().catch(() => undefined); // it may have crashed, or have much to close
  }
}

async function startAttacker(attack: Attack, size: Size, target: Target): Promise<Child> {
  const order: Order = { attack: attack.name, target, count: size.count ?? Number.MAX_SAFE_INTEGER, milliseconds: size.milliseconds };
  const args = [join(import.meta.dirname, "attacker.ts"), JSON.stringify(order)];
  const attacker = new Child(process.execPath, args, { PATH: process.env["PATH"] }, { keepsInput: true });
  await attacker.line("the attacker to be ready", (line) => (line === "ready" ? line : null));
  return attacker;
}

async function attackOnce(attacker: Child, size: Size, server: Server, onlookers: Onlookers): Promise<{ made: number; peak: number }> {
  attacker.write("go\n");
  const start = performance.now();
  let peak = 0;
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      peak = Math.max(peak, await residentMb(server.pid));
      await pause(SAMPLE_MS);
    }
  })();
  try {
    const ended = attacker.line("the end of the attack", (line) => (line.startsWith('{"made"') ? line : null), size.milliseconds + 60_000);
    const died = server.exited.then(() => null);
    const line = await Promise.race([ended, died]);
    ended.catch(() => undefined);
    if (line === null) return { made: Number.NaN, peak };
    if (size.count === undefined) await pause(Math.max(0, size.milliseconds - (performance.now() - start)));
    const before = onlookers.rounds;
    const served = until("everyone else to be answered", () => onlookers.rounds >= before + ROUNDS_AFTER, 30_000);
    await Promise.race([died, served.catch((error: unknown) => onlookers.failures.push(String(error)))]);
    return { made: (JSON.parse(line) as { made: number }).made, peak };
  } finally {
    isOver = true;
    await watch;
  }
}

/** As much history as a few seconds' talk of one person leaves. */
async function fill(server: Server, { room }: Onlookers): Promise<void> {
  const person = await Person.register(server, "talker");
  const line = await person.connect();
  await line.join(room.slug);
  for (let i = 0; i < HISTORY; i++) {
    const reply = await line.call("chat:send", { content: HISTORY_MESSAGE, clientId: `h${i}` });
    if (reply.error) throw new Error(`history: ${reply.error.code}`);
    await pause(HISTORY_PAUSE_MS);
  }
  line.close();
}

async function mediaPort(server: Server): Promise<number> {
  const { iceServers } = json(await ask(`${server.url}/api/rtc/config`)) as { iceServers: { urls: string | string[] }[] };
  const own = iceServers.flatMap((one) => one.urls).map((url) => /^stun:[^?]*:(\d+)$/.exec(url)?.[1]);
  return Number(own.find((port) => port !== undefined));
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function isAlive(server: Server): Promise<boolean> {
  const answer = await ask(`${server.url}/api/health/live`).catch(() => null);
  return answer?.status === 200;
}

type Counters = { at: number; values: Map<string, number> };

/** By name with labels, of what only rises. */
async function counters(server: Server): Promise<Counters> {
  const values = new Map<string, number>();
  for (const line of (await ask(`${server.url}/metrics`)).body.toString().split("\n")) {
    const [, name, value] = /^(\w+_total(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) values.set(name, Number(value));
  }
  return { at: performance.now(), values };
}

function risen([start, quiet, attacked]: readonly Counters[]): string[] {
  if (start === undefined || quiet === undefined || attacked === undefined) return [];
  const share = (attacked.at - quiet.at) / (quiet.at - start.at);
  const value = (counted: Counters, name: string) => counted.values.get(name) ?? 0;
  return [...attacked.values.keys()]
    .map((name) => ({ name, usual: (value(quiet, name) - value(start, name)) * share, rise: value(attacked, name) - value(quiet, name) }))
    .filter(({ usual, rise }) => rise > 1.5 * usual + 2)
    .sort((a, b) => b.rise - a.rise)
    .map(({ name }) => name);
}
