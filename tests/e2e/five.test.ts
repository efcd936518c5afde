// Five people through the SFU, then three, in Chromium and Firefox, and all that they do to each other.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium } from "./chromium.ts";
import { Firefox } from "./firefox.ts";
import { plugIn, unplug, watchDevices } from "./plug.ts";

// For two cores that code five times, decode twenty times and draw it all.
const SMALLEST_CAMERA = { width: 160, height: 90, frameRate: 15 };
const SCALE = 0.5;

const NAMES = ["ada", "bob", "cleo", "dan", "eve"] as const;
type Name = (typeof NAMES)[number];

describe("five people through the SFU", { timeout: 600_000 }, () => {
  let server: Server;
  let chromium: Chromium;
  let firefox: Firefox;
  let code: string;
  let people: Record<Name, Caller>;
  /** Of who is in the call. */
  const ids = new Map<Name, string>();

  const all = () => [...ids.keys()];
  const idOf = (name: Name) => ids.get(name) ?? assert.fail(`${name} is not in the call`);
  const idsOfOthers = (name: Name) => all().filter((other) => other !== name).map(idOf);
  const othersOf = (name: Name) => all().filter((other) => other !== name).map((other) => people[other]);

  // One page after the other, for reading statistics costs them time too.
  const everyoneSeesEveryone = async () => {
    for (const name of all()) await people[name].receives(idsOfOthers(name), ["frames"]);
  };

  /** One speaks at a time: of more than three voices the server passes on the loudest three. */
  const isHeardByAll = async (name: Name) => {
    await people[name].tab.click("mic-toggle");
    for (const one of othersOf(name)) await one.receives(idOf(name), ["audioEnergy"]);
    await people[name].tab.click("mic-toggle");
  };

  const join = async (name: Name) => {
    await people[name].joinCall();
    ids.set(name, await people[name].isInCall());
  };

  /** The others see this one go, at once. */
  const isGone = async (name: Name) => {
    const id = idOf(name);
    await Promise.all(othersOf(name).map((other) => other.seesGo(id)));
    ids.delete(name);
  };

  const turnsOffAndOn = async (name: Name) => {
    const { tab } = people[name];
    const id = idOf(name);
    await tab.click("mic-toggle");
    for (const one of othersOf(name)) await one.seesTile(id, "camera", { audio: "true", video: "true" });
    for (const one of othersOf(name)) await one.receives(id, ["frames", "audioEnergy"]);
    for (const toggle of ["mic-toggle", "camera-toggle"]) await tab.click(toggle);
    for (const one of othersOf(name)) await one.seesTile(id, "camera", { audio: "false", video: "false" });
    for (const one of othersOf(name)) await one.receivesNoMore(id, ["frames", "audioEnergy"]);
    await tab.click("camera-toggle");
    for (const one of othersOf(name)) await one.receives(id, ["frames"]);
  };

  const shareAtOnce = async (...sharers: readonly Name[]) => {
    for (const name of sharers) await people[name].tab.click("screen-toggle");
    for (const name of sharers) {
      const id = idOf(name);
      const watch = async (one: Caller) => {
        await one.seesTile(id, "screen");
        await one.receives(id, ["screenFrames"]); // cameras beside it may be out of sight
      };
      for (const one of othersOf(name)) await watch(one);
    }
    for (const name of sharers) await people[name].tab.click("screen-toggle");
    for (const name of sharers) {
      await Promise.all(othersOf(name).map((one) => one.seesNoTile(idOf(name), "screen")));
    }
    await everyoneSeesEveryone();
  };

  const changesMicrophone = async (name: Name) => {
    await people[name].tab.evaluate(unplug, "audio", true);
    await isHeardByAll(name);
  };

  const losesCamera = async (name: Name) => {
    const id = idOf(name);
    await people[name].tab.evaluate(unplug, "video", false);
    for (const one of othersOf(name)) await one.seesTile(id, "camera", { video: "false" });
    for (const one of othersOf(name)) await one.receivesNoMore(id, ["frames"]);
    await people[name].tab.evaluate(plugIn, "video");
    for (const one of othersOf(name)) await one.seesTile(id, "camera", { video: "true" });
    for (const one of othersOf(name)) await one.receives(id, ["frames"]);
  };

  const reloads = async (name: Name) => {
    await people[name].tab.reload();
    await isGone(name);
    await people[name].namesThemselves();
    await join(name);
    await everyoneSeesEveryone();
    await isHeardByAll(name);
  };

  before(async () => {
    server = await Server.start();
    [chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch({ preferences: { "layout.css.devPixelsPerPx": String(SCALE) } })]);
    const size = { width: 900, height: 600 };
    const inChromium = async (name: Name) => new Caller(await chromium.open({ size, scale: SCALE }), name, server.url);
    const [ada, bob, dan, eve] = [await inChromium("ada"), await inChromium("bob"), await inChromium("dan"), await inChromium("eve")];
    const cleo = new Caller(await firefox.open(size), "cleo", server.url);
    await bob.tab.context.addInitScript(watchDevices);
    people = { ada, bob, cleo, dan, eve };
    for (const name of NAMES) await people[name].tab.limitCamera(SMALLEST_CAMERA);
    await ada.register();
    code = await ada.createRoom("Five");
    await join("ada");
    for (const name of ["bob", "cleo", "dan", "eve"] as const) {
      await people[name].comeAsGuest(code);
      await join(name);
    }
    for (const name of NAMES) await people[name].tab.click("mic-toggle");
  });
  after(async () => {
    await Promise.all([chromium?.close(), firefox?.close()]);
    await server?.stop();
  });

  test("each sees and hears every other one", async () => {
    for (const name of NAMES) await people[name].sees("call-mode", "sfu", 40_000);
    await everyoneSeesEveryone();
    for (const name of NAMES) await isHeardByAll(name);
    for (const name of NAMES) {
      await people[name].plays(4);
      await people[name].callsBy("send", "recv");
      await people[name].sees("connection-state", "connected");
    }
  });

  test("mute and camera off are seen by all and take effect, and so does their end", () => turnsOffAndOn("bob"));
  test("two screens at once are seen by all, and their end too", () => shareAtOnce("ada", "dan"));
  test("a microphone that is pulled out gives way to another one, and the others hear on", () => changesMicrophone("bob"));
  test("the only camera pulled out is seen by all, and so is its return", () => losesCamera("bob"));
  test("a reload brings one back to all", () => reloads("cleo"));

  test("who leaves, and whose tab is closed, is gone at once for all, and the others go on", async () => {
    await people.eve.tab.click("leave");
    await isGone("eve");
    await people.dan.tab.close();
    await isGone("dan");
    await everyoneSeesEveryone();
    for (const name of all()) await people[name].plays(2);
  });

  test("the three who are left do all of it too", async () => {
    for (const name of all()) await isHeardByAll(name);
    await turnsOffAndOn("bob");
    await shareAtOnce("ada", "bob");
    await changesMicrophone("bob");
    await losesCamera("bob");
    await reloads("cleo");
    await people.cleo.tab.close();
    await isGone("cleo");
  });
});
