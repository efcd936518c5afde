// Sixteen in a call: fifteen people with sound and picture through the SFU, and one page that shows
// them all. What a person's tile does must cost that tile alone.
import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { Caller as Guest } from "../sfu/caller.ts";
import { picture, type Source, tone } from "../sfu/tracks.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, type ChromiumTab } from "./chromium.ts";
import { SMALL_CAMERA } from "./tab.ts";
import { countWork, readWork, type Work, workSince } from "./work.ts";

const OTHERS = 15;
const SPEAKERS = 5;
/** One tile has some 40 components, parts of its button among them; the control bar alone has 350. */
const RENDERS_OF_A_CHANGE = 60;
/** A second. Left to itself the page has none; where two cores do other work too, tasks stretch. */
const LONG_TASKS = 5;

describe("a page with sixteen tiles", { timeout: 300_000 }, () => {
  let server: Server;
  let chromium: Chromium;
  let ada: Caller<ChromiumTab>;
  const guests: Guest[] = [];
  const voices: Source[] = [];
  const camera = picture(160, 90);

  before(async () => {
    server = await Server.start({ RTC_P2P_MAX_PEERS: "0", RTC_ANNOUNCED_IP: "127.0.0.1" });
    chromium = await Chromium.launch();
    const tab = await chromium.open();
    await tab.limitCamera(SMALL_CAMERA);
    await tab.context.addInitScript(countWork);
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

  /** What the page's main thread did meanwhile; `at` is how long it took. */
  async function workOf(t: TestContext, run: () => Promise<unknown>): Promise<Work> {
    const before = await ada.tab.evaluate(readWork);
    await run();
    const work = workSince(before, await ada.tab.evaluate(readWork));
    t.diagnostic(JSON.stringify(work));
    return work;
  }

  /** A page that does too much does so each time; one whose machine is busy stumbles now and then. */
  async function staysCalm(t: TestContext, run: () => Promise<unknown>, check: (work: Work) => void): Promise<void> {
    await until("a calm page", async () => {
      check(await workOf(t, run));
      return true;
    }, 60_000);
  }

  const bounds = (what: string, count: number, { at: ms }: Work, mostPerSecond: number) => {
    const rate = (1000 * count) / ms;
    assert.ok(rate <= mostPerSecond, `${rate.toFixed(1)} ${what} a second`);
  };

  test("rests while pictures play and the ways are rated", async (t) => {
    await until("a rating of every way", async () => (await ada.all("quality")).length === OTHERS);
    const rated = () => first(guests).line.payloads("sfu:quality").length;
    const rest = async () => {
      const start = rated();
      await until("four ratings", () => rated() >= start + 4);
    };
    await staysCalm(t, rest, (work) => {
      bounds("renders", work.renders, work, 2);
      bounds("commits", work.commits, work, 6);
      bounds("long tasks", work.longTasks, work, LONG_TASKS);
    });
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
    await staysCalm(t, speak, (work) => {
      bounds("renders", work.renders, work, 6);
      bounds("long tasks", work.longTasks, work, LONG_TASKS);
    });
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
    await staysCalm(t, mute, (work) => {
      const each = work.renders / (2 * OTHERS);
      assert.ok(each <= RENDERS_OF_A_CHANGE, `${each} renders a change`);
      bounds("long tasks", work.longTasks, work, LONG_TASKS);
    });
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
