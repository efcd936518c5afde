// The browsers themselves, without our server: what the journeys stand on. A page of the test's own
// opens the fake camera and calls itself over two RTCPeerConnections.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { until } from "../support/poll.ts";
import { Chromium } from "./chromium.ts";
import { Firefox } from "./firefox.ts";
import type { Tab } from "./tab.ts";

const PAGE = `<!doctype html><title>loopback</title>
<input data-testid="name"><button data-testid="call">Call</button><video autoplay playsinline></video>
<script>
const peers = [new RTCPeerConnection(), new RTCPeerConnection()];
window.received = peers[1];
peers.forEach((peer, i) => { peer.onicecandidate = (e) => peers[1 - i].addIceCandidate(e.candidate); });
document.querySelector("button").onclick = async () => {
  window.caller = document.querySelector("input").value;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
  stream.getTracks().forEach((track) => peers[0].addTrack(track, stream));
  peers[1].ontrack = (e) => { document.querySelector("video").srcObject = e.streams[0]; };
  await peers[0].setLocalDescription();
  await peers[1].setRemoteDescription(peers[0].localDescription);
  await peers[1].setLocalDescription();
  await peers[0].setRemoteDescription(peers[1].localDescription);
};
</script>`;

type Media = { frames: number; energy: number };

/** Runs in the page. */
async function received(): Promise<Media> {
  const media: Media = { frames: 0, energy: 0 };
  const peer = (window as unknown as { received: RTCPeerConnection }).received;
  for (const report of (await peer.getStats()).values()) {
    if (report.type !== "inbound-rtp") continue;
    if (report.kind === "video") media.frames = report.framesDecoded ?? 0;
    if (report.kind === "audio") media.energy = report.totalAudioEnergy ?? 0;
  }
  return media;
}

describe("a browser of this machine", () => {
  let site: Server;
  let url: string;
  before(async () => {
    site = createServer((_request, response) => response.setHeader("content-type", "text/html").end(PAGE));
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  });
  after(() => {
    site.closeAllConnections();
    site.close();
  });

  async function callsItself(tab: Tab): Promise<void> {
    await tab.goto(url);
    await tab.fill("name", "Ada Lovelace");
    await tab.fill("name", "Grace");
    await tab.click("call");
    const first = await until("frames and sound", async () => {
      const media = await tab.evaluate(received);
      return media.frames > 0 && media.energy > 0 && media;
    });
    await until("more of both", async () => {
      const media = await tab.evaluate(received);
      return media.frames > first.frames && media.energy > first.energy;
    });
    const caller = await tab.evaluate(() => (window as unknown as { caller: string }).caller);
    assert.equal(caller, "Grace");
    assert.ok((await tab.screenshot()).length > 1000);
  }

  test("Chromium opens the fake camera and decodes its own call", async () => {
    const chromium = await Chromium.launch();
    try {
      await callsItself(await chromium.open());
    } finally {
      await chromium.close();
    }
  });

  test("Firefox opens the fake camera and decodes its own call", async () => {
    const firefox = await Firefox.launch();
    try {
      await callsItself(await firefox.open());
    } finally {
      await firefox.close();
    }
  });

  test("two Firefox windows do not share cookies", async () => {
    const firefox = await Firefox.launch();
    try {
      const [one, other] = [await firefox.open(), await firefox.open()];
      await one.goto(url);
      await other.goto(url);
      await one.evaluate(() => void (document.cookie = "a=1"));
      assert.equal(await one.evaluate(() => document.cookie), "a=1");
      assert.equal(await other.evaluate(() => document.cookie), "");
    } finally {
      await firefox.close();
    }
  });
});
