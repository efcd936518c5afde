// Calls across networks that let less through than a call would like: each person sits on a host of
// their own, and what is between them is told by nftables.
import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { Authority } from "../support/authority.ts";
import { Network, NO_FORWARDING, NO_UDP } from "../support/network.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, EXECUTABLE } from "./chromium.ts";
import { noteFirstFrame, readFirstFrame } from "./first_frame.ts";
import { SMALL_CAMERA } from "./tab.ts";

type Call = { ada: Caller; bob: Caller };

describe("across networks", { timeout: 300_000 }, () => {
  let network: Network;
  let authority: Authority;
  const browsers: Chromium[] = [];
  const servers: Server[] = [];

  before(async () => {
    network = await Network.create(["ada", "bob"]);
    authority = await Authority.create();
    await authority.certify("hub", [`IP:${network.hub.address}`]);
    const home = await authority.trustingHome();
    for (const name of ["ada", "bob"]) {
      browsers.push(await Chromium.launch({ executable: await network.script(network.host(name), EXECUTABLE), home }));
    }
  });
  after(async () => {
    for (const browser of browsers) await browser.close();
    for (const server of servers) await server.stop();
    await authority?.remove();
    await network?.remove();
  });

  /** A server on the hub; its port is the one of https, since nobody else is there. */
  async function serve(settings: Record<string, string>): Promise<string> {
    for (const server of servers.splice(0)) await server.stop();
    const url = `https://${network.hub.address}`;
    const ours = { PORT: "443", PUBLIC_URL: url, RTC_ANNOUNCED_IP: network.hub.address, ...authority.settings };
    servers.push(await Server.start({ ...ours, ...settings }, network.hub.launcher));
    return url;
  }

  async function open(browser: Chromium | undefined, name: string, url: string): Promise<Caller> {
    assert.ok(browser);
    const one = new Caller(await browser.open({ size: { width: 900, height: 600 } }), name, url);
    await one.tab.limitCamera(SMALL_CAMERA);
    return one;
  }

  /** Ada waits in a call and Bob joins it: how long each waits for the other's picture from Bob's click on. */
  async function call(t: TestContext, settings: Record<string, string>, run: (call: Call) => Promise<void>, aimMs: number) {
    const url = await serve(settings);
    const [ada, bob] = [await open(browsers[0], "ada", url), await open(browsers[1], "bob", url)];
    try {
      await ada.register();
      const code = await ada.createRoom("Far");
      await ada.joinCall();
      await bob.register();
      await bob.enterCode(code);
      for (const { tab } of [ada, bob]) await tab.evaluate(noteFirstFrame);
      await bob.joinCall();
      const seen = [];
      for (const one of [ada, bob]) {
        seen.push(await until(`a picture at ${one.name}`, async () => (await one.tab.evaluate(readFirstFrame)).frame, 30_000));
      }
      const { click } = await bob.tab.evaluate(readFirstFrame);
      assert.ok(click !== null);
      const waited = seen.map((frame) => frame - click);
      t.diagnostic(`from the click to the first picture: ada ${waited[0]} ms, bob ${waited[1]} ms (aim ${aimMs} ms)`);
      await Promise.all([ada.seesAndHears(await bob.isInCall()), bob.seesAndHears(await ada.isInCall())]);
      await run({ ada, bob });
      assert.ok(Math.max(...waited) < 3 * aimMs);
    } finally {
      await Promise.all([ada.tab.close(), bob.tab.close()]);
    }
  }

  test("hosts that reach each other call peer to peer", (t) =>
    call(t, {}, async ({ ada }) => void (await ada.sees("call-mode", "p2p")), 1000));

  test("where only the server is reached, the call of two moves to the SFU", async (t) => {
    await network.hub.filter(NO_FORWARDING);
    await call(t, {}, async ({ ada }) => void (await ada.sees("call-mode", "sfu")), 3000);
  });

  test("without UDP the call is by TCP, through the SFU from the start", async (t) => {
    await network.hub.filter("");
    await network.host("ada").filter(NO_UDP);
    await call(t, { RTC_P2P_MAX_PEERS: "0" }, async ({ ada }) => void (await ada.sees("call-mode", "sfu")), 5000);
  });

  test("without UDP the call of two moves to the SFU, by TCP", async (t) => {
    await call(t, {}, async ({ ada }) => void (await ada.sees("call-mode", "sfu")), 5000);
  });
});
