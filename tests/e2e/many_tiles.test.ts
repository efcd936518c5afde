// Sixteen in a call: fifteen people with sound and picture through the SFU, and one page that shows
// them all. What a person's tile does must cost that tile alone.
import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import type { CDPSession } from "playwright-core";
import { Caller as Guest } from "../sfu/caller.ts";
import { picture, type Source, tone } from "../sfu/tracks.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, type ChromiumTab } from "./chromium.ts";
import { BARE, countDrawn, type Drawn, stripPage } from "./drawing.ts";
import { SMALL_CAMERA } from "./tab.ts";
import { countWork, readWork, type Work, workSince } from "./work.ts";

const OTHERS = 15;
const SPEAKERS = 5;
/** One tile has some 40 components, parts of its button among them; the control bar alone has 350. */
const RENDERS_OF_A_CHANGE = 60;
/** A second. Left to itself the page has none; where two cores do other work too, tasks stretch. */
const LONG_TASKS = 5;
/** A second, while people begin and cease to speak: signs that move do so without. */
const LAYOUTS = 20;
/** Of what is done, so that one in which the machine had other work tells nothing. */
const ROUNDS = 3;
const PICTURES = '[data-testid="tile"] video, [data-testid="self-tile"] video';
const DRAWING_MS = 2_000;
/** Of the frames that bare video elements draw in the page's place, of each picture and of the page: names, signs and rings may cost no more. */
const LEAST_SHARE = 0.8;

describe("a page with sixteen tiles", { timeout: 300_000 }, () => {
  let server: Server;
  let chromium: Chromium;
  let ada: Caller<ChromiumTab>;
  let devtools: CDPSession;
  const guests: Guest[] = [];
  const voices: Source[] = [];
  const camera = picture(160, 90);

  before(async () => {
    server = await Server.start({ RTC_P2P_MAX_PEERS: "0", RTC_ANNOUNCED_IP: "127.0.0.1" });
    chromium = await Chromium.launch();
    const tab = await chromium.open();
    await tab.limitCamera(SMALL_CAMERA);
    await tab.context.addInitScript(countWork);
    devtools = await tab.context.newCDPSession(tab.page);
    await devtools.send("Performance.enable");
    ada = new Caller(tab, "ada", server.url);
    await ada.register();
    const code = await ada.createRoom("Many");
    await ada.joinCall();
    for (let i = 0; i < OTHERS; i++) {
      const guest = await Guest.enter(server, code, `guest ${i + 1}`);
      guests.push(guest);
      const voice = tone();
      voices.push(voice);
      voice.track.enabled = false;
      await guest.produce("mic", voice.track);
      await guest.produce("camera", camera.track);
      await guest.ask("peer:update", { audio: true, video: true });
    }
    await until("fifteen pictures", () => ada.tab.evaluate((count) => {
      const videos = [...document.querySelectorAll<HTMLVideoElement>('[data-testid="tile"] video')];
      return videos.filter((video) => video.videoWidth > 0 && !video.paused).length === count;
    }, OTHERS), 60_000);
    for (const guest of guests) await ada.receives(guest.peerId, ["frames"]);
    await ada.seesNo("toast");
  });
  after(async () => {
    for (const guest of guests) guest.close();
    for (const { stop } of [...voices, camera]) stop();
    await chromium?.close();
    await server?.stop();
  });

  /** How often the page was laid out so far, and when, in seconds. */
  async function layouts(): Promise<{ count: number; at: number }> {
    const metrics = (await devtools.send("Performance.getMetrics")).metrics;
    const read = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    return { count: read("LayoutCount"), at: read("Timestamp") };
  }

  /** What the page's main thread did in each of the rounds; `at` is how long it took. */
  async function workOf(run: () => Promise<unknown>): Promise<Work[]> {
    const rounds: Work[] = [];
    while (rounds.length < ROUNDS) {
      const before = await ada.tab.evaluate(readWork);
      await run();
      rounds.push(workSince(before, await ada.tab.evaluate(readWork)));
    }
    return rounds;
  }

  /** The middle one of the rounds counts: a page that does too much does so each time. */
  function bounds(t: TestContext, rounds: readonly Work[], mostPerSecond: Partial<Record<keyof Work, number>>): void {
    for (const [name, most] of Object.entries(mostPerSecond) as [keyof Work, number][]) {
      const rate = middle(rounds.map((work) => (1000 * work[name]) / work.at));
      t.diagnostic(`${rate.toFixed(1)} ${name} a second, at most ${most}`);
      assert.ok(rate <= most, `${rate.toFixed(1)} ${name} a second: ${JSON.stringify(rounds)}`);
    }
  }

  test("rests while pictures play and the ways are rated", async (t) => {
    await until("a rating of every way", async () => (await ada.all("quality")).length === OTHERS);
    const rated = () => first(guests).line.payloads("sfu:quality").length;
    const rest = async () => {
      const start = rated();
      await until("four ratings", () => rated() >= start + 4);
    };
    bounds(t, await workOf(rest), { renders: 2, commits: 6, longTasks: LONG_TASKS });
  });

  test("who speaks is shown past React, and no tile moves", async (t) => {
    const speak = async () => {
      for (const [i, guest] of guests.slice(0, SPEAKERS).entries()) {
        for (const [at, { track }] of voices.entries()) track.enabled = at === i;
        await ada.seesTile(guest.peerId, "camera", { speaking: "true" });
        await until(`guest ${i + 1} to be the main speaker`, () => {
          const told = first(guests).line.payloads("sfu:active-speakers").at(-1);
          return told?.["dominant"] === guest.peerId;
        });
      }
    };
    const before = await layouts();
    bounds(t, await workOf(speak), { renders: 6, longTasks: LONG_TASKS });
    const now = await layouts();
    const rate = (now.count - before.count) / (now.at - before.at);
    t.diagnostic(`${rate.toFixed(1)} layouts a second, at most ${LAYOUTS}`);
    assert.ok(rate <= LAYOUTS, `${rate} layouts a second`);
  });

  test("who mutes renders one tile", async (t) => {
    const mute = async () => {
      for (const audio of [false, true]) {
        for (const guest of guests) {
          await guest.ask("peer:update", { audio });
          await ada.seesTile(guest.peerId, "camera", { audio: String(audio) });
        }
      }
    };
    const rounds = await workOf(mute);
    bounds(t, rounds, { longTasks: LONG_TASKS });
    const each = middle(rounds.map(({ renders }) => renders / (2 * OTHERS)));
    t.diagnostic(`${each.toFixed(1)} renders a change`);
    assert.ok(each <= RENDERS_OF_A_CHANGE, `${each} renders a change`);
  });

  test("draws its pictures as often as bare video elements in their place", async (t) => {
    const [inCall, bare]: [Drawn[], Drawn[]] = [[], []];
    const count = () => ada.tab.evaluate(countDrawn, PICTURES, DRAWING_MS);
    while (bare.length < ROUNDS) {
      inCall.push(await count());
      await ada.tab.evaluate(stripPage, PICTURES, true);
      bare.push(await ada.tab.evaluate(countDrawn, BARE, DRAWING_MS));
      await ada.tab.evaluate(stripPage, PICTURES, false);
    }
    const share = (read: (drawn: Drawn) => number) => middle(inCall.map(read)) / middle(bare.map(read));
    const told = (drawn: readonly Drawn[]) =>
      drawn.map(({ page, pictures }) => `${page.toFixed(0)} (${pictures.map((rate) => rate.toFixed(0)).join(" ")})`).join(", ");
    t.diagnostic(`frames a second of the page (and of each picture): ${told(inCall)}; bare: ${told(bare)}`);
    const shares = { page: share(({ page }) => page), pictures: share(({ pictures }) => sum(pictures)) };
    t.diagnostic(`of the bare ones: page ${shares.page.toFixed(2)}, pictures ${shares.pictures.toFixed(2)}`);
    for (let i = 0; i <= OTHERS; i++) {
      const each = share(({ pictures }) => pictures[i] ?? 0);
      assert.ok(each >= LEAST_SHARE, `picture ${i + 1} is drawn ${each.toFixed(2)} times as often as a bare one`);
    }
    assert.ok(shares.page >= LEAST_SHARE && shares.pictures >= LEAST_SHARE, JSON.stringify(shares));
  });

  test("beside one who is pinned the others are scrolled, each as high as before", async () => {
    const { page } = ada.tab;
    const one = page.locator(`[data-testid="tile"][data-peer-id="${first(guests).peerId}"]`);
    await one.dblclick();
    await until("the strip", async () => {
      const heights = await ada.tab.evaluate(() =>
        [...document.querySelectorAll('[data-testid="tile"], [data-testid="self-tile"]')].map((tile) => Math.round(tile.getBoundingClientRect().height)));
      const [large = 0, ...others] = heights;
      return others.length === OTHERS && large > 500 && others.every((height) => height === 126);
    });
    await one.dblclick();
  });

  test("the statistics tell the time from capture to playout of each picture", async (t) => {
    const { page } = ada.tab;
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Call statistics" }).click();
    const delays = await until("fifteen delays within a second", async () => {
      const all = await ada.tab.evaluate(readDelays);
      return all.length === OTHERS && all.every((ms) => ms > 0 && ms < 1_000) && all;
    });
    t.diagnostic(`${delays.sort((a, b) => a - b).join(" ")} ms`);
    await ada.tab.press("Escape");
  });
});

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

/** Of an odd number of values. */
function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Runs in the page: the delay of every camera that is received; NaN where the table has none. */
function readDelays(): number[] {
  const cells = (row: Element) => [...row.children].map((cell) => cell.textContent ?? "");
  const [head, ...rows] = [...document.querySelectorAll('[data-testid="statistics"] tr')].map(cells);
  const received = rows.filter(([who, what]) => !who?.startsWith("You") && what === "camera");
  return received.map((row) => Number.parseFloat(row[head?.indexOf("Delay") ?? -1] ?? ""));
}

function first<T>(list: readonly T[]): T {
  const [one] = list;
  assert.ok(one);
  return one;
}
