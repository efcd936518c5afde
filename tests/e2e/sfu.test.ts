// Three people through the SFU, in Chromium and Firefox: there from peer to peer, and back again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium } from "./chromium.ts";
import { Firefox } from "./firefox.ts";
import { type Change, readChanges, recordPictures } from "./recorder.ts";
import { SMALL_CAMERA } from "./tab.ts";

type Transport = { direction: string; state: string };

const transports = (one: Caller): Promise<Transport[]> =>
  one.tab.evaluate(() => {
    const { transports } = (window as unknown as { __call: { transports: Transport[] } }).__call;
    return transports.map(({ direction, state }) => ({ direction, state }));
  });

/** Waits until the page calls by these transports and no others, all of them connected. */
async function callsBy(one: Caller, directions: readonly string[]): Promise<void> {
  await until(`${one.name} to call by ${directions.join(" and ")}`, async () => {
    const all = await transports(one);
    const connected = all.every(({ state }) => state === "connected");
    return connected && all.map(({ direction }) => direction).sort().join() === [...directions].sort().join();
  }, 40_000);
}

/** Waits until every tile of this page with a picture plays it. */
async function showsAll(one: Caller, count: number): Promise<void> {
  await until(`${one.name} to show ${count} pictures`, async () => {
    const playing = await one.tab.evaluate(() => {
      const videos = [...document.querySelectorAll<HTMLVideoElement>('[data-testid="tile"] video')];
      return videos.filter((video) => video.videoWidth > 0 && !video.paused && video.readyState >= 2).length;
    });
    return playing === count;
  }, 40_000);
}

describe("three people through the SFU", { timeout: 600_000 }, () => {
  let server: Server;
  let chromium: Chromium;
  let firefox: Firefox;
  let ada: Caller;
  let bob: Caller;
  let cleo: Caller;
  let code: string;
  let ids: { ada: string; bob: string; cleo: string };

  const guest = async (one: Caller) => {
    await one.goto(`/room/${code}`);
    await one.sees("guest-name");
    await one.tab.fill("guest-name", one.name);
    await one.joinCall();
    return one.isInCall();
  };

  before(async () => {
    server = await Server.start();
    [chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()]);
    const size = { width: 900, height: 600 };
    ada = new Caller(await chromium.open({ size }), "ada", server.url);
    bob = new Caller(await chromium.open({ size }), "bob", server.url);
    cleo = new Caller(await firefox.open(), "cleo", server.url);
    for (const one of [ada, bob, cleo]) await one.tab.limitCamera(SMALL_CAMERA);
    await ada.register();
    code = await ada.createRoom("Three");
    await ada.joinCall();
    ids = { ada: await ada.isInCall(), bob: await guest(bob), cleo: "" };
    await Promise.all([ada.seesAndHears(ids.bob), bob.seesAndHears(ids.ada)]);
  });
  after(async () => {
    await Promise.all([chromium?.close(), firefox?.close()]);
    await server?.stop();
  });

  /** The new path's picture came before the old one's last frame. */
  const assertGapless = (change: Change | null, what: string) => {
    assert.ok(change, `${what}: another track took the tile over`);
    assert.ok(change.firstOfNew < change.lastOfOld, `${what}: ${JSON.stringify(change)}`);
  };

  test("the third one moves the call to the SFU, without a gap for the first two", async (t) => {
    for (const one of [ada, bob]) {
      await one.sees("call-mode", "p2p");
      await callsBy(one, ["p2p"]);
    }
    await ada.tab.evaluate(recordPictures, ids.bob);
    ids.cleo = await guest(cleo);
    for (const one of [ada, bob, cleo]) await one.sees("call-mode", "sfu", 40_000);
    await Promise.all([
      ada.seesAndHears(ids.bob),
      ada.seesAndHears(ids.cleo),
      bob.seesAndHears(ids.ada),
      bob.seesAndHears(ids.cleo),
      cleo.seesAndHears(ids.ada),
      cleo.seesAndHears(ids.bob),
    ]);
    for (const one of [ada, bob, cleo]) {
      await showsAll(one, 2);
      await callsBy(one, ["send", "recv"]);
      await one.sees("connection-state", "connected");
    }
    const change = await until("bob's tile to change hands", () => ada.tab.evaluate(readChanges), 20_000);
    t.diagnostic(`p2p to sfu: ${JSON.stringify(change)}`);
    assertGapless(change, "p2p to sfu");
  });

  test("mute and camera off are seen by all and take effect, and so does their end", async () => {
    await bob.tab.click("mic-toggle");
    await bob.tab.click("camera-toggle");
    for (const one of [ada, cleo]) await one.seesTile(ids.bob, "camera", { audio: "false", video: "false" });
    for (const one of [ada, cleo]) {
      await until(`silence and stillness of bob at ${one.name}`, async () => {
        const before = (await one.received())[ids.bob];
        await one.says(`still ${performance.now()}`); // a round trip's worth of time
        const now = (await one.received())[ids.bob];
        if (before === undefined || now === undefined) return false;
        return now.frames === before.frames && now.audioEnergy - before.audioEnergy < 1e-7;
      }, 40_000);
    }
    await bob.tab.click("mic-toggle");
    await bob.tab.click("camera-toggle");
    await Promise.all([ada.seesAndHears(ids.bob), cleo.seesAndHears(ids.bob)]);
    await showsAll(ada, 2);
  });

  test("two screens at once are seen by all", async () => {
    for (const one of [ada, bob]) await one.tab.click("screen-toggle");
    await bob.receives(ids.ada, ["screenFrames", "frames", "audioEnergy"]);
    await ada.receives(ids.bob, ["screenFrames", "frames", "audioEnergy"]);
    await cleo.seesTile(ids.ada, "screen");
    await cleo.seesTile(ids.bob, "screen");
    await Promise.all([cleo.receives(ids.ada, ["screenFrames"]), cleo.receives(ids.bob, ["screenFrames"])]);
    for (const one of [ada, bob]) await one.tab.click("screen-toggle");
    await cleo.seesNoTile(ids.ada, "screen");
    await cleo.seesNoTile(ids.bob, "screen");
    await cleo.seesAndHears(ids.ada);
  });

  test("a reload brings bob back to both", async () => {
    await bob.tab.reload();
    await ada.seesNoTile(ids.bob, "camera");
    await bob.sees("join-call");
    ids.bob = await guest(bob);
    await Promise.all([ada.seesAndHears(ids.bob), cleo.seesAndHears(ids.bob), bob.seesAndHears(ids.cleo)]);
  });

  test("when the third one leaves, the two call peer to peer again, without a gap", async (t) => {
    for (const one of [ada, bob]) await one.sees("call-mode", "sfu");
    await showsAll(ada, 2);
    await ada.tab.evaluate(recordPictures, ids.bob);
    await cleo.tab.click("leave");
    for (const one of [ada, bob]) {
      await one.seesNoTile(ids.cleo, "camera", 3_000);
      await one.sees("call-mode", "p2p", 40_000);
    }
    await Promise.all([ada.seesAndHears(ids.bob), bob.seesAndHears(ids.ada)]);
    for (const one of [ada, bob]) {
      await callsBy(one, ["p2p"]);
      await showsAll(one, 1);
    }
    const change = await until("bob's tile to change hands", () => ada.tab.evaluate(readChanges), 20_000);
    t.diagnostic(`sfu to p2p: ${JSON.stringify(change)}`);
    assertGapless(change, "sfu to p2p");
  });
});
