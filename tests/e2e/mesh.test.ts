// Four people in one mesh, at a small resolution so that two cores can encode twelve streams.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium } from "./chromium.ts";

const NAMES = ["ada", "bob", "cleo", "dan"];

/** At this width no control of the bar lies over another one or outside of the page. */
async function fits(one: Caller, width: number): Promise<void> {
  await one.tab.resize({ width, height: 700 });
  await until(`the bar to fit ${width} px`, () =>
    one.tab.evaluate(() => {
      const buttons = [...document.querySelectorAll('[role="toolbar"] button')];
      const boxes = buttons.map((button) => button.getBoundingClientRect()).sort((a, b) => a.left - b.left);
      const apart = boxes.every((box, i) => box.left >= (boxes[i - 1]?.right ?? 0) - 1);
      return boxes.length > 5 && apart && (boxes.at(-1)?.right ?? 0) <= innerWidth;
    }));
}

test("a mesh of four: everyone sees and hears the three others", { timeout: 300_000 }, async () => {
  const server = await Server.start({ RTC_P2P_MAX_PEERS: "10" });
  const chromium = await Chromium.launch();
  try {
    const people: Caller[] = [];
    for (const name of NAMES) {
      const tab = await chromium.open({ size: { width: 800, height: 600 } });
      await tab.limitCamera({ width: 160, height: 90, frameRate: 10 });
      people.push(new Caller(tab, name, server.url));
    }
    const [first, ...others] = people;
    assert.ok(first);
    await first.register();
    const code = await first.createRoom("Mesh");
    await first.joinCall();
    for (const other of others) {
      await other.comeAsGuest(code);
      await other.joinCall();
    }
    const ids = await Promise.all(people.map((one) => one.isInCall()));
    for (const [index, one] of people.entries()) {
      const peers = ids.filter((_, at) => at !== index);
      await Promise.all(peers.map((peerId) => one.seesAndHears(peerId, 60_000)));
      for (const peerId of peers) await one.seesTile(peerId, "camera", { video: "true" });
      assert.equal((await one.all("tile")).length, 3);
    }
    for (const width of [320, 390, 768, 1024, 1440, 800]) await fits(first, width);
    const [, , , dan] = people;
    await dan?.tab.click("leave");
    for (const one of people.slice(0, 3)) {
      await one.seesGo(ids[3] ?? "");
      assert.equal((await one.all("tile")).length, 2);
    }
  } finally {
    await chromium.close();
    await server.stop();
  }
});
