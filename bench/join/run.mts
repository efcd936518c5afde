// Joins a call again and again, peer to peer and through the SFU, in two pages of one Chromium beside
// the release server, and prints one table, which is kept in bench/results/calls.md.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { Caller } from "../../tests/e2e/caller.ts";
import { Chromium, type ChromiumTab } from "../../tests/e2e/chromium.ts";
import { noteFirstFrame, readFirstFrame } from "../../tests/e2e/first_frame.ts";
import { until } from "../../tests/support/poll.ts";
import { Server } from "../../tests/support/server.ts";
import { filmClock, type Join, partsOf, readConnections, readDelays, watchConnections, watchDelay } from "./probe.mts";

const ROOT = resolve(import.meta.dirname, "../..");
const JOINS = 30;
const FRAMES = 300;

type Measured = { joins: Join[]; delays: number[]; browser: string };

/** `settings` decide how two people call. */
async function measure(settings: Record<string, string>): Promise<Measured> {
  const server = await Server.start(settings);
  const chromium = await Chromium.launch();
  try {
    const [host, guest] = [await person("host"), await person("guest")];
    async function person(name: string): Promise<Caller<ChromiumTab>> {
      const tab = await chromium.open({ size: { width: 960, height: 600 } });
      for (const script of [filmClock, noteFirstFrame, watchConnections]) await tab.context.addInitScript(script);
      const one = new Caller(tab, name, server.url);
      await one.register();
      return one;
    }
    const code = await host.createRoom("Measured");
    await host.joinCall();
    const joins: Join[] = [];
    // The first join loads and compiles what the later ones have at hand.
    for (let i = 0; i <= JOINS; i++) {
      const found = await joinOnce(guest, code);
      if (i > 0) joins.push(found);
      if (i < JOINS) await leave(guest, host);
    }
    await guest.tab.evaluate(watchDelay);
    const delays = await until("frames", async () => {
      const all = await guest.tab.evaluate(readDelays);
      return all.length >= FRAMES && all.slice(0, FRAMES);
    }, 60_000);
    const browser = await guest.tab.evaluate(() => /Chrome\/\d+/.exec(navigator.userAgent)?.[0] ?? "");
    return { joins, delays, browser };
  } finally {
    await chromium.close();
    await server.stop();
  }
}

/** From the door with a running preview, as a person joins. */
async function joinOnce(guest: Caller, code: string): Promise<Join> {
  await guest.goto(`/room/${code}`);
  await until("the preview", () =>
    guest.tab.evaluate(() => (document.querySelector<HTMLVideoElement>('[data-testid="preview"] video')?.currentTime ?? 0) > 0));
  await guest.tab.click("join-call");
  return until("the first frame", async () => {
    const noted = await guest.tab.evaluate(readFirstFrame);
    return partsOf(noted, await guest.tab.evaluate(readConnections));
  }, 20_000);
}

async function leave(guest: Caller, host: Caller): Promise<void> {
  const id = await guest.isInCall();
  await guest.tab.click("leave");
  await host.seesNoTile(id, "camera");
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

const ways = { p2p: await measure({}), sfu: await measure({ RTC_P2P_MAX_PEERS: "0" }) };

const PARTS = {
  total: "click on join to the first remote frame",
  signalling: "… until candidates are checked: connecting, joining, descriptions",
  ice: "… ICE",
  dtls: "… DTLS",
  frame: "… the first key frame, to the screen",
} as const;

function row(what: string, read: (way: Measured) => readonly number[], aim: string): string {
  const cell = (way: Measured) => [0.5, 0.95].map((share) => percentile(read(way), share).toFixed(0)).join(" / ");
  return `| ${what} | ${cell(ways.p2p)} | ${cell(ways.sfu)} | ${aim} |`;
}

const rows = Object.entries(PARTS).map(([part, what]) =>
  row(what, ({ joins }) => joins.map((one) => one[part as keyof Join]), part === "total" ? "≤ 400 / ≤ 900" : ""));
rows.push(row("glass to glass", ({ delays }) => delays, "p50 < 150 p2p, < 200 SFU"));

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
const text = `# Joining a call, and how late its picture is

\`scripts/bench join\` at ${commit}, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, ${ways.p2p.browser}, headless.
Server and both pages share the machine, over loopback; both film a canvas of 640 × 360 at 30 frames a second, coded in software.
${JOINS} joins each from the door with a running preview, p50 / p95 in milliseconds; the parts follow each other, of the connection that
receives. Glass to glass: from a time drawn into the sender's canvas to the frame with it on the receiver's screen, ${FRAMES} frames,
without camera and monitor.

| what | peer to peer | SFU | aim |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
console.log(text);
writeFileSync(join(ROOT, "bench/results/calls.md"), text);
