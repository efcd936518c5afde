import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Mode, Shown } from "~/signalling/events";
import { FakeTrack } from "~tests/fakes/media";
import { FakePeerConnection } from "~tests/fakes/peerConnection";
import { FakeSfu, remoteProducer, routerRtpCapabilities } from "~tests/fakes/sfu";
import { CallMedia } from "./callMedia";

vi.stubGlobal("MediaStream", class {});

const everything: Shown = { audio: true, video: true, screen: false };

/** This page and one peer, who was there before and offers; the test plays the peer. */
class Scene {
  readonly sfu = new FakeSfu();
  readonly sent: Array<[string, Record<string, unknown>]> = [];
  readonly connections: FakePeerConnection[] = [];
  shown: Shown = everything;
  readonly media = new CallMedia({
    send: (event, payload) => this.sent.push([event, payload]),
    request: this.sfu.request,
    createDevice: this.sfu.createDevice,
    createConnection: () => {
      const made = new FakePeerConnection();
      this.connections.push(made);
      return made.connection;
    },
    shown: () => this.shown,
  });

  async enter(mode: Mode): Promise<void> {
    this.sfu.producers = [remoteProducer("peer", "mic"), remoteProducer("peer", "camera")];
    for (const [source, kind] of [
      ["mic", "audio"],
      ["camera", "video"],
    ] as const) {
      this.media.set(source, new FakeTrack(kind, source) as unknown as MediaStreamTrack, true);
    }
    this.media.enter({
      roomId: "r1",
      selfId: "self",
      iceServers: [],
      peerIds: ["peer"],
      mode,
      routerRtpCapabilities,
    });
    if (mode === "p2p") await this.offer();
    await settle();
  }

  /** The peer's offer of microphone and camera arrives, and the link connects. */
  async offer(): Promise<void> {
    const sdp = JSON.stringify([
      { mid: "0", kind: "audio", sends: true, receives: true },
      { mid: "1", kind: "video", sends: true, receives: true },
    ]);
    const sources = { 0: "mic", 1: "camera" } as const;
    this.media.receive({
      name: "webrtc:offer",
      payload: { fromPeerId: "peer", offer: { type: "offer", sdp, sources } },
    });
    await settle();
    this.link.change("connected");
  }

  get link(): FakePeerConnection {
    const link = this.connections.at(-1);
    if (link === undefined) throw new Error("no link");
    return link;
  }

  says(mode: Mode): void {
    this.media.receive({ name: "call:path", payload: { fromPeerId: "peer", mode } });
  }

  said(): unknown[] {
    return this.sent.filter(([event]) => event === "call:path").map(([, payload]) => payload);
  }

  camera(): MediaStreamTrack | undefined {
    return this.media.remote.get().get("peer")?.tracks.get("camera");
  }

  directions(): string[] {
    return this.media.transports().map(({ direction }) => direction);
  }
}

const settle = (ms = 200) => vi.advanceTimersByTimeAsync(ms);
let scene: Scene;

beforeEach(() => {
  vi.useFakeTimers();
  scene = new Scene();
});

describe("from peer to peer to the SFU", () => {
  beforeEach(() => scene.enter("p2p"));

  test("the old picture stays until the new one is there, and then both are told", async () => {
    const before = scene.camera();
    scene.media.moveTo("sfu");
    await settle(1_000);
    expect(scene.directions()).toEqual(["p2p", "send", "recv"]);
    expect(scene.camera()).toBe(before);
    expect(scene.said()).toEqual([]);
    scene.sfu.flowing = true;
    await settle();
    expect(scene.camera()).not.toBe(before);
    expect(scene.said()).toEqual([{ targetPeerId: "peer", mode: "sfu" }]);
    expect(scene.link.closed).toBe(false);
    scene.says("sfu");
    expect(scene.link.closed).toBe(true);
    expect(scene.directions()).toEqual(["send", "recv"]);
  });

  test("where a tile shows the peer, it is told only when the tile plays the new track", async () => {
    scene.media.openView("peer", "camera").show({ width: 320, height: 180 });
    scene.sfu.flowing = true;
    scene.media.moveTo("sfu");
    await settle(1_000);
    expect(scene.said()).toEqual([]);
    const track = scene.camera();
    if (track !== undefined) scene.media.markPlaying(track);
    await settle();
    expect(scene.said()).toHaveLength(1);
  });

  test("this side's own tracks go both ways meanwhile", async () => {
    scene.media.moveTo("sfu");
    await settle();
    expect(scene.sfu.of("sfu:produce")).toHaveLength(2);
    expect(scene.link.getTransceivers().map((one) => one.sender.track !== null)).toEqual([
      true,
      true,
    ]);
  });

  test("the word of the peer alone closes nothing, ten seconds do", async () => {
    scene.media.moveTo("sfu");
    scene.says("sfu");
    await settle(9_000);
    expect(scene.link.closed).toBe(false);
    await settle(1_500);
    expect(scene.link.closed).toBe(true);
  });

  test("only what the peer shows is waited for", async () => {
    scene.shown = { audio: false, video: false, screen: false };
    scene.media.moveTo("sfu");
    await settle();
    expect(scene.said()).toHaveLength(1);
  });

  test("a picture out of sight is not waited for", async () => {
    scene.shown = { audio: false, video: true, screen: false };
    scene.media.openView("peer", "camera").show(null);
    scene.media.moveTo("sfu");
    await settle();
    expect(scene.said()).toHaveLength(1);
  });

  test("a link that was never there is not kept", async () => {
    scene.link.change("failed");
    scene.media.moveTo("sfu");
    expect(scene.link.closed).toBe(true);
  });

  test("a peer who leaves meanwhile ends with both paths", async () => {
    scene.media.moveTo("sfu");
    await settle();
    scene.media.remove("peer");
    expect(scene.link.closed).toBe(true);
    expect(scene.media.remote.get().size).toBe(0);
  });

  test("a newcomer during the move is met in the new way alone", async () => {
    scene.media.moveTo("sfu");
    scene.media.add("late");
    expect(scene.connections).toHaveLength(1);
  });

  test("a link without a way asks for the SFU", () => {
    scene.link.changeIce("failed");
    expect(scene.sent.at(-1)).toEqual(["room:request-sfu", { peerId: "peer" }]);
  });
});

describe("from the SFU to peer to peer", () => {
  beforeEach(async () => {
    scene.sfu.flowing = true;
    await scene.enter("sfu");
    scene.media.moveTo("p2p");
    await scene.offer();
  });

  test("waits for the peer who was there first, and shows the old picture until then", async () => {
    const before = scene.camera();
    await settle(1_000);
    expect(scene.camera()).toBe(before);
    scene.link.flowing = true;
    await settle();
    expect(scene.camera()).not.toBe(before);
    expect(scene.said()).toEqual([{ targetPeerId: "peer", mode: "p2p" }]);
  });

  test("ends the stay in the SFU once both have moved", async () => {
    scene.link.flowing = true;
    await settle();
    expect(scene.directions()).toEqual(["p2p", "send", "recv"]);
    scene.says("p2p");
    expect(scene.directions()).toEqual(["p2p"]);
    expect(scene.sfu.of("sfu:close-producer")).toHaveLength(2);
  });

  test("turns back halfway without joining anew", async () => {
    scene.media.moveTo("sfu");
    await settle();
    expect(scene.sfu.of("sfu:join")).toHaveLength(1);
    expect(scene.said()).toEqual([{ targetPeerId: "peer", mode: "sfu" }]);
    scene.says("p2p"); // late: about the move before
    expect(scene.link.closed).toBe(false);
    scene.says("sfu");
    expect(scene.link.closed).toBe(true);
  });
});

describe("through the SFU", () => {
  beforeEach(() => scene.enter("sfu"));

  test("nobody is called directly", () => {
    expect(scene.connections).toEqual([]);
    expect(scene.directions()).toEqual(["send", "recv"]);
  });

  test("who speaks and how good the way is come from the server", () => {
    scene.media.receive({
      name: "sfu:active-speakers",
      payload: { peerIds: ["peer"], dominant: "peer" },
    });
    expect(scene.media.speaks("peer")).toBe(true);
    expect(scene.media.dominant.get()).toBe("peer");
    expect(scene.media.rating("peer")).toBeNull();
    const rated = (peerId: string, uplink: number, downlink: number, rttMs: number | null = null) =>
      scene.media.receive({ name: "sfu:quality", payload: { peerId, uplink, downlink, rttMs } });
    rated("peer", 5, 1);
    expect(scene.media.rating("peer")).toBe(5);
    rated("self", 5, 2);
    expect(scene.media.rating("peer")).toBe(2);
    expect(scene.media.senderRtt("peer")).toBeNull();
    rated("peer", 5, 1, 80);
    expect(scene.media.senderRtt("peer")).toBe(80);
    scene.media.moveTo("p2p");
    expect(scene.media.senderRtt("peer")).toBeNull();
  });

  test("a way that stays broken for two seconds is told, and its end at once", async () => {
    scene.sfu.handlers[1]?.setConnectionState("connected");
    scene.sfu.handlers[1]?.setConnectionState("disconnected");
    await settle(1_900);
    expect(scene.media.broken.get()).toBe(false);
    await settle(200);
    expect(scene.media.broken.get()).toBe(true);
    scene.sfu.handlers[1]?.setConnectionState("connected");
    expect(scene.media.broken.get()).toBe(false);
  });
});
