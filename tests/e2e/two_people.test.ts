// The product's main job: two people in two browsers, from registration to goodbye.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Server } from "../support/server.ts";
import { until } from "../support/poll.ts";
import { Caller } from "./caller.ts";
import { Chromium } from "./chromium.ts";
import { Firefox } from "./firefox.ts";
import { SMALL_CAMERA } from "./tab.ts";

/** `ada` can share a screen (Chromium has a fake one); `bob` may be anyone. */
async function journey(t: TestContext, ada: Caller, bob: Caller): Promise<void> {
  await ada.tab.limitCamera(SMALL_CAMERA);
  await bob.tab.limitCamera(SMALL_CAMERA);
  let code = "";
  let adaId = "";
  let bobId = "";

  await t.test("both register, one creates a room, the other joins by its code", async () => {
    await ada.register();
    await bob.register();
    code = await ada.createRoom("Standup");
    assert.match(code, /^[a-z]{3}-[a-z]{4}-[a-z]{3}$/);
    await ada.joinCall();
    await bob.enterCode(code);
    await bob.sees("preview");
    await bob.joinCall();
    adaId = await ada.isInCall();
    bobId = await bob.isInCall();
    assert.notEqual(adaId, bobId);
  });

  await t.test("they see and hear each other, peer to peer", async () => {
    await Promise.all([ada.seesAndHears(bobId), bob.seesAndHears(adaId)]);
    await ada.seesTile(bobId, "camera", { audio: "true", video: "true" });
    await bob.seesTile(adaId, "camera", { audio: "true", video: "true" });
    for (const one of [ada, bob]) {
      await one.sees("call-mode", "p2p");
      await one.sees("connection-state", "connected");
      await one.sees("self-tile");
      assert.equal((await one.all("tile")).length, 1, "the own picture is no tile");
    }
  });

  await t.test("the speaking one is marked", async () => {
    await bob.seesTile(adaId, "camera", { speaking: "true" });
  });

  await t.test("they chat both ways, and the badge counts what was not read", async () => {
    await ada.says("Hello <b>Bob</b>");
    await until("an unread badge for bob", async () => /1/.test((await bob.sees("chat-toggle")).text));
    await bob.openChat();
    await bob.sees("chat-message", "Hello <b>Bob</b>");
    await bob.says("Hello Ada 👋");
    await ada.sees("chat-message", "Hello Ada 👋");
  });

  await t.test("a screen share is seen beside the camera, and its end too", async () => {
    await ada.tab.click("screen-toggle");
    await bob.seesTile(adaId, "screen");
    await bob.receives(adaId, ["screenFrames", "frames", "audioEnergy"]);
    await ada.tab.click("screen-toggle");
    await bob.seesNoTile(adaId, "screen");
    await bob.seesAndHears(adaId);
  });

  await t.test("mute and camera off are seen, and take effect", async () => {
    await bob.tab.click("mic-toggle");
    await ada.seesTile(bobId, "camera", { audio: "false", video: "true" });
    await bob.tab.click("camera-toggle");
    await ada.seesTile(bobId, "camera", { audio: "false", video: "false" });
    await ada.receivesNoMore(bobId, ["frames", "audioEnergy"]);
    await bob.tab.click("mic-toggle");
    await bob.tab.click("camera-toggle");
    await ada.seesTile(bobId, "camera", { audio: "true", video: "true" });
    await ada.seesAndHears(bobId);
  });

  await t.test("a reload brings bob back, with the chat", async () => {
    await bob.tab.reload();
    await ada.seesNoTile(bobId, "camera");
    await bob.sees("join-call");
    await bob.joinCall();
    bobId = await bob.isInCall();
    await Promise.all([ada.seesAndHears(bobId), bob.seesAndHears(adaId)]);
    await bob.openChat();
    await bob.sees("chat-message", "Hello <b>Bob</b>");
    await ada.seesTile(bobId, "camera");
    assert.equal((await ada.all("tile")).length, 1, "bob is there once");
  });

  await t.test("leaving is seen at once, and the way back is offered", async () => {
    await bob.tab.click("leave");
    await ada.seesGo(bobId);
    await bob.sees("rejoin");
    await bob.tab.click("rejoin");
    bobId = await bob.isInCall();
    await Promise.all([ada.seesAndHears(bobId), bob.seesAndHears(adaId)]);
  });

  await t.test("a closed tab is seen at once", async () => {
    await bob.tab.close();
    await ada.seesGo(bobId);
  });
}

/** The page asks who is logged in before anybody is; Chromium writes that 401 into the console. */
function unexpected(errors: readonly string[]): string[] {
  return errors.filter((error) => !error.includes("status of 401"));
}

test("two people in two Chromium browsers", { timeout: 600_000 }, async (t) => {
  const server = await Server.start();
  const browsers = await Promise.all([Chromium.launch(), Chromium.launch()]);
  try {
    const [one, other] = await Promise.all(browsers.map((browser) => browser.open()));
    assert.ok(one && other);
    await journey(t, new Caller(one, "ada", server.url), new Caller(other, "bob", server.url));
    assert.deepEqual(unexpected(one.errors), [], "errors in ada's console");
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await server.stop();
  }
});

test("two people in Chromium and Firefox", { timeout: 600_000 }, async (t) => {
  const server = await Server.start();
  const [chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()]);
  try {
    const [one, other] = [await chromium.open(), await firefox.open()];
    await journey(t, new Caller(one, "ada", server.url), new Caller(other, "bob", server.url));
    assert.deepEqual(unexpected(one.errors), [], "errors in ada's console");
  } finally {
    await Promise.all([chromium.close(), firefox.close()]);
    await server.stop();
  }
});
