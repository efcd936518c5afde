// Calls across networks that let less through than a call would like: each person sits on a host of
// their own, and nftables tells what passes between them.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test, type TestContext } from "node:test";
import { Authority } from "../support/authority.ts";
import { LOSSY_ARRIVAL, LOSSY_FORWARDING, Network, NO_FORWARDING, NO_UDP, NOTHING } from "../support/network.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, EXECUTABLE } from "./chromium.ts";
import { Firefox } from "./firefox.ts";
import { noteFirstFrame, readFirstFrame } from "./first_frame.ts";
import { longestGap, readPictures, recordPictures, type Shown } from "./recorder.ts";
import { SMALL_CAMERA, type Tab } from "./tab.ts";

/** Ada and Bob call with Chromium, Cleo with Firefox. */
const NAMES = ["ada", "bob", "cleo"] as const;
type Name = (typeof NAMES)[number];
const SIZE = { width: 900, height: 600 };
/** How much longer than the aim it may take where two browsers and all that they code share two cores. */
const PATIENCE = 3;
/** From a cut in the middle of a call to the first picture by the other way. */
const CUT_AIM_MS = 4_000;

type Stat = { type: string; id: string; selectedCandidatePairId?: string; localCandidateId?: string; protocol?: string };

/** What carries what this page receives: `udp` or `tcp`. */
async function protocol(one: Caller): Promise<string | undefined> {
  const stats = await one.tab.evaluate(async () => {
    const call = (window as unknown as { __call: { getStats(): Promise<{ direction: string; report: Map<string, Stat> }[]> } }).__call;
    const received = (await call.getStats()).find(({ direction }) => direction === "recv");
    return [...(received?.report.values() ?? [])];
  });
  const pairId = stats.find(({ type }) => type === "transport")?.selectedCandidatePairId;
  const candidateId = stats.find(({ id }) => id === pairId)?.localCandidateId;
  return stats.find(({ id }) => id === candidateId)?.protocol;
}

type Speech = { lost: number; packets: number; concealed: number; samples: number };

/** What this page got of the other's speech so far, and what it had to make up. */
async function speech(one: Caller): Promise<Speech> {
  return one.tab.evaluate(async () => {
    type Inbound = { type: string; packetsLost: number; packetsReceived: number; concealedSamples: number; totalSamplesReceived: number };
    type Row = { source: string; direction: string; report: Map<string, Inbound> };
    const rows = await (window as unknown as { __call: { getStats(): Promise<Row[]> } }).__call.getStats();
    const heard = rows.find(({ source, direction }) => source === "mic" && direction === "recv");
    const of = [...(heard?.report.values() ?? [])].find(({ type }) => type === "inbound-rtp");
    return {
      lost: of?.packetsLost ?? 0,
      packets: (of?.packetsLost ?? 0) + (of?.packetsReceived ?? 0),
      concealed: of?.concealedSamples ?? 0,
      samples: of?.totalSamplesReceived ?? 0,
    };
  });
}

/** Runs in the page that records pictures: how long ago the newest one was shown. */
function sincePicture(): number {
  const newest = (window as unknown as { shown: Shown[] }).shown.at(-1);
  return newest === undefined ? 0 : performance.now() - newest.at;
}

describe("across networks", { timeout: 300_000 }, () => {
  let network: Network;
  let authority: Authority;
  let server: Server | undefined;
  const browsers = new Map<Name, { open(): Promise<Tab>; close(): Promise<void> }>();
  const callers: Caller[] = [];

  before(async () => {
    network = await Network.create(NAMES);
    authority = await Authority.create();
    await authority.certify("hub", [`IP:${network.hub.address}`]);
    const home = await authority.trustingHome();
    for (const name of ["ada", "bob"] as const) {
      const executable = await network.script(network.host(name), EXECUTABLE);
      const chromium = await Chromium.launch({ executable, home });
      browsers.set(name, { open: () => chromium.open({ size: SIZE }), close: () => chromium.close() });
    }
    const firefox = await Firefox.launch({ host: network.host("cleo"), authority });
    browsers.set("cleo", { open: () => firefox.open(SIZE), close: () => firefox.close() });
  });
  afterEach(async () => {
    for (const { tab } of callers.splice(0)) await tab.close();
    await server?.stop();
    server = undefined;
    for (const host of [network.hub, ...NAMES.map((name) => network.host(name))]) await host.filter("");
  });
  after(async () => {
    for (const browser of browsers.values()) await browser.close();
    await authority?.remove();
    await network?.remove();
  });

  /** Ada waits in a call on a server of these settings, and `guest` stands at its door. */
  async function prepare(settings: Record<string, string>, guest: Name): Promise<{ ada: Caller; other: Caller }> {
    const url = `https://${network.hub.address}`;
    const ours = { PORT: "443", PUBLIC_URL: url, RTC_ANNOUNCED_IP: network.hub.address, ...authority.settings };
    server = await Server.start({ ...ours, ...settings }, network.hub.launcher);
    const open = async (name: Name) => {
      const tab = await browsers.get(name)?.open();
      assert.ok(tab);
      const one = new Caller(tab, name, url);
      callers.push(one);
      await tab.limitCamera(SMALL_CAMERA);
      await one.register();
      return one;
    };
    const [ada, other] = [await open("ada"), await open(guest)];
    const code = await ada.createRoom("Far");
    await ada.joinCall();
    await other.goto(`/room/${code}`);
    await other.sees("join-call");
    return { ada, other };
  }

  type Expected = {
    settings?: Record<string, string>;
    guest?: Name;
    mode: "p2p" | "sfu";
    carrier?: "udp" | "tcp";
    aimMs: number;
  };

  /** The guest joins; tells how long each then waits for the other's picture, and checks which way it comes. */
  async function call(
    t: TestContext,
    { settings = {}, guest = "bob", mode, carrier, aimMs }: Expected,
  ): Promise<{ ada: Caller; other: Caller }> {
    const { ada, other } = await prepare(settings, guest);
    for (const { tab } of [ada, other]) await tab.evaluate(noteFirstFrame);
    await other.joinCall();
    const seen = async (one: Caller) => (await one.tab.evaluate(readFirstFrame)).frame;
    const frames = { ada: await until("a picture at ada", () => seen(ada)), other: await until(`a picture at ${guest}`, () => seen(other)) };
    const { click } = await other.tab.evaluate(readFirstFrame);
    assert.ok(click !== null);
    const waited = { ada: frames.ada - click, other: frames.other - click };
    t.diagnostic(`from ${guest}'s click to the first picture at ada ${waited.ada} ms, at ${guest} ${waited.other} ms (aim ${aimMs} ms)`);
    await Promise.all([ada.seesAndHears(await other.isInCall()), other.seesAndHears(await ada.isInCall())]);
    for (const one of [ada, other]) {
      await one.sees("call-mode", mode);
      await one.callsBy(...(mode === "p2p" ? (["p2p"] as const) : (["send", "recv"] as const)));
    }
    if (carrier) await until(`${carrier} at ada`, async () => (await protocol(ada)) === carrier);
    assert.ok(Math.max(waited.ada, waited.other) < PATIENCE * aimMs);
    return { ada, other };
  }

  for (const guest of ["bob", "cleo"] as const) {
    test(`hosts that reach each other call peer to peer, and through the SFU once they no longer do: ada and ${guest}`, async (t) => {
      const { ada, other } = await call(t, { guest, mode: "p2p", carrier: "udp", aimMs: 1000 });
      const [adaId, otherId] = [await ada.isInCall(), await other.isInCall()];
      const sides = [[ada, otherId], [other, adaId]] as const;
      for (const [one, id] of sides) await one.tab.evaluate(recordPictures, id);
      await Promise.all(sides.map(([one, id]) => one.receives(id, ["frames"])));
      await network.hub.filter(NO_FORWARDING);
      await Promise.all([ada, other].map((one) => one.sees("call-mode", "sfu", PATIENCE * CUT_AIM_MS)));
      await Promise.all(sides.map(([one, id]) => one.seesAndHears(id)));
      for (const [one] of sides) {
        const { ms } = longestGap(await one.tab.evaluate(readPictures));
        t.diagnostic(`${one.name} had no new picture for ${ms.toFixed(0)} ms (aim ${CUT_AIM_MS} ms)`);
        assert.ok(ms < PATIENCE * CUT_AIM_MS);
      }
    });
  }

  test("a call of two stays as it is through a glitch, and while one has no network at all", async (t) => {
    const { ada, other: bob } = await call(t, { mode: "p2p", aimMs: 1000 });
    const [adaId, bobId] = [await ada.isInCall(), await bob.isInCall()];
    const staysDirect = async () => {
      await Promise.all([ada.seesAndHears(bobId), bob.seesAndHears(adaId)]);
      // What a page has said to the server before, the server has heard before the message.
      for (const [one, other] of [[ada, bob], [bob, ada]] as const) {
        const text = `${one.name} after ${(await other.all("chat-message")).length}`;
        await one.says(text);
        await other.openChat();
        await other.sees("chat-message", text, 40_000);
      }
      for (const one of [ada, bob]) {
        await one.sees("call-mode", "p2p");
        await one.callsBy("p2p");
      }
    };
    await ada.tab.evaluate(recordPictures, bobId);
    await ada.receives(bobId, ["frames"]);
    await network.hub.filter(NO_FORWARDING);
    await until("a second without a picture", async () => (await ada.tab.evaluate(sincePicture)) > 1_000);
    await network.hub.filter("");
    await staysDirect();

    await network.host("bob").filter(NOTHING);
    for (const one of [ada, bob]) {
      await until(`${one.name} to miss the other`, async () => (await one.transports()).includes("p2p disconnected"));
    }
    await network.host("bob").filter("");
    await staysDirect();
  });

  /** Waits for a thousand packets of the speech that `one` gets, of which so much is lost and so much of the sound made up. */
  async function hearsMost(t: TestContext, one: Caller, isEnough: (lost: number, missed: number) => boolean): Promise<void> {
    let before = await speech(one);
    // A machine that stands still for a moment makes a gap too: what counts is a thousand packets without that.
    await until("most of what is lost to be heard", async () => {
      const now = await speech(one);
      const packets = now.packets - before.packets;
      if (packets < 1000) return false;
      const lost = (now.lost - before.lost) / packets;
      const missed = (now.concealed - before.concealed) / (now.samples - before.samples);
      t.diagnostic(`${(100 * lost).toFixed(1)} % of the packets were lost, ${(100 * missed).toFixed(1)} % of the sound was made up`);
      before = now;
      return isEnough(lost, missed);
    }, 90_000);
  }

  test("of the speech that a lossy path takes, most is still heard", async (t) => {
    const { ada } = await call(t, { mode: "p2p", carrier: "udp", aimMs: 1000 });
    await network.hub.filter(LOSSY_FORWARDING);
    await hearsMost(t, ada, (lost, missed) => lost > 0.05 && missed < lost / 2);
  });

  test("of the speech that a lossy way to the SFU takes, nearly all is sent again", async (t) => {
    const { ada } = await call(t, { settings: { RTC_P2P_MAX_PEERS: "0" }, mode: "sfu", carrier: "udp", aimMs: 3000 });
    await network.hub.filter(LOSSY_ARRIVAL);
    await hearsMost(t, ada, (lost) => lost < 0.02);
  });

  test("where only the server is reached, the call of two moves to the SFU", async (t) => {
    await network.hub.filter(NO_FORWARDING);
    await call(t, { mode: "sfu", carrier: "udp", aimMs: 3000 });
  });

  test("the call through the SFU is by UDP where that gets through", async (t) => {
    await call(t, { settings: { RTC_P2P_MAX_PEERS: "0" }, mode: "sfu", carrier: "udp", aimMs: 3000 });
  });

  test("without UDP the call through the SFU is by TCP", async (t) => {
    await network.host("ada").filter(NO_UDP);
    await call(t, { settings: { RTC_P2P_MAX_PEERS: "0" }, mode: "sfu", carrier: "tcp", aimMs: 5000 });
  });

  test("without UDP the call of two moves to the SFU, by TCP", async (t) => {
    await network.host("ada").filter(NO_UDP);
    await call(t, { mode: "sfu", carrier: "tcp", aimMs: 5000 });
  });
});
