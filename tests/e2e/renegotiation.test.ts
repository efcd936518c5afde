// A call changes while it runs: devices, screens of both at once, new paths. Nothing may break it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, type ChromiumTab } from "./chromium.ts";
import { SMALL_CAMERA } from "./tab.ts";

// Several cameras, microphones and speakers, and a screen to share. The second camera is a depth sensor,
// whose pictures cannot be sent; the last one is an ordinary camera again.
const DEVICES = "--use-fake-device-for-media-stream=device-count=3,display-media-type=monitor";

/** Runs before the page's scripts: keeps every connection of the page within reach of the test. */
function keepConnections(): void {
  const kept: RTCPeerConnection[] = [];
  const Original = RTCPeerConnection;
  Object.assign(window, {
    kept,
    RTCPeerConnection: class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        kept.push(this);
      }
    },
  });
}

// These run in the page, on the one connection that is open.
type Kept = { kept: RTCPeerConnection[] };
const restartIce = () => {
  (window as unknown as Kept).kept.find((one) => one.connectionState !== "closed")?.restartIce();
};
const path = () => {
  const open = (window as unknown as Kept).kept.find((one) => one.connectionState !== "closed");
  const sdp = open?.currentLocalDescription?.sdp ?? "";
  const senders = open?.getSenders() ?? [];
  const device = (kind: string) => senders.find(({ track }) => track?.kind === kind)?.track?.getSettings().deviceId;
  return {
    state: open?.connectionState,
    signalling: open?.signalingState,
    iceUser: /ice-ufrag:(\S+)/.exec(sdp)?.[1],
    description: /^o=.*$/m.exec(sdp)?.[0], // another with each negotiation
    audioinput: device("audio"),
    videoinput: device("video"),
  };
};

describe("a call that changes", { timeout: 300_000 }, () => {
  let server: Server;
  let chromium: Chromium;
  let ada: Caller<ChromiumTab>;
  let bob: Caller<ChromiumTab>;
  let adaId: string;
  let bobId: string;

  before(async () => {
    server = await Server.start();
    chromium = await Chromium.launch({ flags: [DEVICES] });
    const [one, other] = [await chromium.open(), await chromium.open()];
    for (const tab of [one, other]) {
      await tab.context.addInitScript(keepConnections);
      await tab.limitCamera(SMALL_CAMERA);
    }
    ada = new Caller(one, "ada", server.url);
    bob = new Caller(other, "bob", server.url);
    await ada.register();
    const code = await ada.createRoom("Changes");
    await ada.joinCall();
    adaId = await ada.isInCall();
    await bob.comeAsGuest(code);
    await bob.joinCall();
    bobId = await bob.isInCall();
    await goesOn();
  });
  after(async () => {
    await chromium.close();
    await server.stop();
  });

  async function goesOn(): Promise<void> {
    await Promise.all([ada.seesAndHears(bobId), bob.seesAndHears(adaId)]);
  }

  /** Chooses the other device of a kind in the settings, and gives its id. */
  async function chooseOther(testId: string, now: string | undefined): Promise<string> {
    const field = ada.tab.page.getByTestId(testId);
    const ids = await field.locator("option").evaluateAll((all) => all.map((option) => (option as HTMLOptionElement).value));
    const other = ids.findLast((id) => id !== "" && id !== now);
    assert.ok(other, `${testId} offers another device: ${ids.join(", ")}`);
    await field.selectOption(other);
    return other;
  }

  test("another camera and another microphone, without negotiation and without a gap", async () => {
    const before = await until("a settled path", async () => {
      const now = await ada.tab.evaluate(path);
      return now.signalling === "stable" && now;
    });
    await ada.tab.click("settings");
    await ada.sees("select-camera");
    for (const [testId, kind] of [["select-camera", "videoinput"], ["select-mic", "audioinput"]] as const) {
      const chosen = await chooseOther(testId, before[kind]);
      await until(`the other ${kind} to be sent`, async () => (await ada.tab.evaluate(path))[kind] === chosen);
    }
    await ada.tab.press("Escape");
    await goesOn();
    assert.equal((await ada.tab.evaluate(path)).description, before.description);
  });

  test("another speaker, for everyone's sound", async () => {
    await ada.tab.click("settings");
    await ada.sees("select-speaker");
    const chosen = await chooseOther("select-speaker", undefined);
    await until("the sound to come out there", () =>
      ada.tab.evaluate((id) => {
        const all = [...document.querySelectorAll("audio")];
        return all.length > 0 && all.every((audio) => audio.sinkId === id && !audio.paused === (audio.srcObject !== null));
      }, chosen));
    await ada.tab.press("Escape");
    await goesOn();
  });

  test("new paths, asked for by both at the same moment", async () => {
    const before = [await ada.tab.evaluate(path), await bob.tab.evaluate(path)];
    await Promise.all([ada.tab.evaluate(restartIce), bob.tab.evaluate(restartIce)]);
    for (const [index, one] of [ada, bob].entries()) {
      await until(`a new path of ${one.name}`, async () => {
        const now = await one.tab.evaluate(path);
        return now.iceUser !== before[index]?.iceUser && now.state === "connected" && now.signalling === "stable";
      });
    }
    await goesOn();
  });

  test("both share a screen with its sound at the same moment, and stop", async () => {
    await Promise.all([ada.tab.click("screen-toggle"), bob.tab.click("screen-toggle")]);
    await ada.seesTile(bobId, "screen");
    await bob.seesTile(adaId, "screen");
    const all = ["screenFrames", "screenAudioEnergy", "frames", "audioEnergy"] as const;
    await Promise.all([ada.receives(bobId, all), bob.receives(adaId, all)]);
    await Promise.all([ada.tab.click("screen-toggle"), bob.tab.click("screen-toggle")]);
    await ada.seesNoTile(bobId, "screen");
    await bob.seesNoTile(adaId, "screen");
    await goesOn();
    assert.deepEqual([...ada.tab.errors, ...bob.tab.errors], []);
  });
});
