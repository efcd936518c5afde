// A hundred joins and leaves through the SFU leave nothing behind, neither at the server nor in the
// page of the one who stays.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { until } from "../support/poll.ts";
import { metric, Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, type ChromiumTab } from "./chromium.ts";

const TINY_CAMERA = { width: 160, height: 90, frameRate: 10 };
/** Until pools, caches and compiled code have their size. */
const WARM_UP = 10;
const ROUNDS = 100;
const MB = 1024 * 1024;

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** What the page's scripts hold once everything unreachable is gone. */
async function heapBytes({ context, page }: ChromiumTab): Promise<number> {
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

test("a hundred joins and leaves leave nothing behind", { timeout: 300_000 }, async (t) => {
  const server = await Server.start({ RTC_P2P_MAX_PEERS: "0" });
  const chromium = await Chromium.launch();
  try {
    const size = { width: 640, height: 480 };
    const ada = new Caller(await chromium.open({ size }), "ada", server.url);
    const bob = new Caller(await chromium.open({ size }), "bob", server.url);
    for (const one of [ada, bob]) await one.tab.limitCamera(TINY_CAMERA);
    await ada.register();
    const code = await ada.createRoom("Come and go");
    await ada.joinCall();
    await bob.comeAsGuest(code);
    await bob.joinCall();

    const round = async () => {
      const id = await bob.isInCall();
      await ada.plays(1);
      await bob.tab.click("leave");
      await ada.seesGo(id);
      await bob.tab.click("rejoin");
    };
    const measure = async () => ({ server: await residentBytes(server.pid), page: await heapBytes(ada.tab) });

    for (let i = 0; i < WARM_UP; i++) await round();
    const before = await measure();
    for (let i = 0; i < ROUNDS; i++) await round();
    const now = await measure();
    const grown = { server: now.server - before.server, page: now.page - before.page };
    t.diagnostic(`server ${(before.server / MB).toFixed(1)} MB ${(grown.server / MB).toFixed(2)} more, ` +
      `page ${(before.page / MB).toFixed(1)} MB ${(grown.page / MB).toFixed(2)} more`);
    assert.ok(grown.server <= 1 * MB, `the server grew by ${grown.server} bytes`);
    assert.ok(grown.page <= 5 * MB, `the page grew by ${grown.page} bytes`);

    for (const one of [ada, bob]) await one.tab.close();
    for (const kind of ["sockets", "rooms", "peers", "sfu_transports", "sfu_producers", "sfu_consumers", "media_tcp_connections"]) {
      await until(`no ${kind} left`, async () => (await metric(server, `webrtc_chat_${kind}`)) === 0);
    }
  } finally {
    await chromium.close();
    await server.stop();
  }
});
