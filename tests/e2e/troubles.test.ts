// What can go wrong for a person, and the way out that the page gives.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium } from "./chromium.ts";

describe("when something is wrong", { timeout: 300_000 }, () => {
  let server: Server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());

  async function withBrowser(
    run: (open: (name: string) => Promise<Caller>) => Promise<void>,
    options: Parameters<typeof Chromium.launch>[0] = {},
    permissions?: readonly ("camera" | "microphone")[],
  ): Promise<void> {
    const chromium = await Chromium.launch(options);
    try {
      await run(async (name) => new Caller(await chromium.open(permissions ? { permissions } : {}), name, server.url));
    } finally {
      await chromium.close();
    }
  }

  test("a room that is not there has its own text and a way home", () =>
    withBrowser(async (open) => {
      const ada = await open("nowhere");
      await ada.register();
      await ada.goto("/room/zzz-zzzz-zzz");
      assert.match((await ada.sees("room-error")).text, /not (found|exist)|no (such )?(room|meeting)|doesn.t exist/i);
    }));

  test("a wrong password is said, without telling more", () =>
    withBrowser(async (open) => {
      const ada = await open("forgetful");
      await ada.register();
      await ada.tab.click("profile-menu");
      await ada.tab.click("logout");
      await ada.seesNo("profile-menu");
      await ada.login("not the password");
      const { text } = await ada.sees("form-error");
      assert.ok(text.length > 10);
      await ada.login();
      await ada.isLoggedIn();
      for (const path of ["/login", "/register"]) {
        await ada.goto(path);
        await until(`${path} to lead to the lobby`, async () => (await ada.path()) === "/");
      }
    }));

  test("mistakes in the form are named before anything is sent", () =>
    withBrowser(async (open) => {
      const ada = await open("typo");
      await ada.goto("/register");
      await ada.sees("email");
      await ada.tab.fill("email", "nobody");
      await ada.tab.fill("username", "x");
      await ada.tab.fill("password", "short");
      await ada.tab.fill("confirm-password", "other");
      await ada.tab.click("submit");
      await until("invalid fields", () =>
        ada.tab.evaluate(() => document.querySelectorAll("[aria-invalid=true]").length >= 3));
      assert.equal(await ada.path(), "/register");
    }));

  test("a taken e-mail is said at the form", () =>
    withBrowser(async (open) => {
      const [ada, twin] = [await open("taken"), await open("taken")];
      await ada.register();
      await twin.goto("/register");
      await twin.sees("email");
      await twin.tab.fill("email", ada.email);
      await twin.tab.fill("username", "another-one");
      await twin.tab.fill("password", "correct horse battery");
      await twin.tab.fill("confirm-password", "correct horse battery");
      await twin.tab.click("submit");
      await until("the text that it is taken", () =>
        twin.tab.evaluate(() => /taken|already/i.test(document.body.innerText)));
    }));

  test("a long name widens no page beyond a small phone", () =>
    withBrowser(async (open) => {
      const ada = await open("narrow");
      await ada.register();
      const code = await ada.createRoom(`A${"nother very long name".repeat(3)}`);
      await ada.tab.resize({ width: 320, height: 640 });
      for (const [path, shown] of [["/", "create-room"], [`/room/${code}`, "join-call"]] as const) {
        await ada.goto(path);
        await ada.sees(shown);
        await until(`${path} to fit with the name`, () =>
          ada.tab.evaluate(() =>
            document.body.innerText.includes("very long name") && document.documentElement.scrollWidth <= innerWidth));
      }
      await ada.joinCall();
      for (const control of ["more", "settings"]) await ada.tab.click(control);
      await until("all tabs of the settings beside each other", () =>
        ada.tab.evaluate(() => {
          const tabs = [...document.querySelectorAll('[role="tab"]')].map((tab) => tab.getBoundingClientRect());
          const list = document.querySelector('[role="tablist"]');
          return tabs.length === 4 && list !== null && list.scrollWidth <= list.clientWidth
            && tabs.every(({ left, right }, i) => left >= (tabs[i - 1]?.right ?? 0) && right <= innerWidth);
        }));
    }));

  const silent: readonly (readonly [string, readonly string[], readonly "camera"[], RegExp])[] = [
    ["denied devices", ["--use-fake-device-for-media-stream", "--deny-permission-prompts"], [], /blocked|denied|allow/i],
    ["no device at all", ["--use-fake-ui-for-media-stream"], [], /no (camera|microphone)|not found|missing/i],
  ];
  for (const [name, flags, permissions, expected] of silent) {
    test(`${name}: the door says so, and the call can be joined all the same`, () =>
      withBrowser(
        async (open) => {
          const ada = await open(`silent-${flags.length}`);
          await ada.register();
          await ada.createRoom("Quiet");
          await until(`a text about ${name}`, () =>
            ada.tab.evaluate((source) => new RegExp(source, "i").test(document.body.innerText), expected.source));
          await ada.joinCall();
          await ada.sees("self-tile");
          await ada.tab.click("mic-toggle");
          assert.match((await ada.sees("both-problem")).text, expected, "the call explains it too");
        },
        { flags, replaceFlags: true },
        permissions,
      ));
  }

  // The fake devices are never busy and the test's own clicks always count: the refusal is put in, as browsers word it.
  test("a camera that another program holds is explained, and taken once it is free", async () => {
    const chromium = await Chromium.launch();
    try {
      const tab = await chromium.open();
      await tab.context.addInitScript(() => {
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) =>
          "isFree" in window || !wanted?.video
            ? real(wanted)
            : Promise.reject(new DOMException("Could not start video source", "NotReadableError"));
      });
      const ada = new Caller(tab, "framed", server.url);
      await ada.register();
      await ada.createRoom("Busy");
      await until("a text about the camera in use", () =>
        tab.evaluate(() => /camera is in use/i.test(document.body.innerText)));
      await ada.joinCall();
      await tab.evaluate(() => void Object.assign(window, { isFree: true }));
      await tab.click("camera-toggle");
      await until("the own picture", () =>
        tab.evaluate(() => {
          const video = document.querySelector<HTMLVideoElement>('[data-testid="self-tile"] video');
          return video !== null && video.videoWidth > 0;
        }));
    } finally {
      await chromium.close();
    }
  });

  test("sound that the browser refuses to play is asked for, and a click brings it", async () => {
    const chromium = await Chromium.launch();
    try {
      const tab = await chromium.open();
      await tab.context.addInitScript(() => {
        const real = HTMLMediaElement.prototype.play;
        addEventListener("click", (event) => {
          const isWanted = event.target instanceof Element && event.target.closest('[data-testid="play-sound"]') !== null;
          if (isWanted) HTMLMediaElement.prototype.play = real;
        }, true);
        HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
          return this instanceof HTMLAudioElement
            ? Promise.reject(new DOMException("play() can only be initiated by a user gesture.", "NotAllowedError"))
            : real.call(this);
        };
      });
      const ada = new Caller(tab, "hushed", server.url);
      const bob = new Caller(await chromium.open(), "heard", server.url);
      await ada.register();
      const code = await ada.createRoom("Quiet");
      await ada.joinCall();
      await bob.registerAndJoin(code);
      await ada.sees("play-sound");
      await tab.click("play-sound");
      await ada.seesNo("play-sound");
      await ada.seesAndHears(await bob.isInCall());
    } finally {
      await chromium.close();
    }
  });

  test("a server that goes away: reconnecting, the call runs on, and the chat comes back with it", () =>
    withBrowser(async (open) => {
      let own = await Server.start();
      try {
        const [ada, bob] = [await open("ada"), await open("bob")].map((one) => new Caller(one.tab, one.name, own.url));
        assert.ok(ada && bob);
        await ada.register();
        const code = await ada.createRoom("Robust");
        await ada.joinCall();
        await bob.registerAndJoin(code);
        await bob.seesAndHears(await ada.isInCall());
        await ada.says("before");

        await own.kill();
        await ada.sees("connection-state", "reconnecting");
        await ada.seesAndHears(await bob.isInCall());

        own = await own.startAgain();
        await ada.sees("connection-state", "connected", 40_000);
        await bob.sees("connection-state", "connected", 40_000);
        await until("ada and bob to meet again", async () =>
          (await ada.all("tile")).length === 1 && (await bob.all("tile")).length === 1, 30_000);
        await ada.seesAndHears(await bob.isInCall());
        await bob.says("after");
        await ada.sees("chat-message", "after");
        await ada.sees("chat-message", "before");
      } finally {
        await own.stop();
      }
    }));
});
