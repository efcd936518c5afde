import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ServerEvent, Source } from "~/signalling/events";
import { FakeTrack } from "~tests/fakes/media";
import { FakePeerConnection } from "~tests/fakes/peerConnection";
import { Mesh } from "./mesh";

vi.stubGlobal("MediaStream", class {});

/** Several pages in one room; the server between them delivers in order. */
class Net {
  readonly meshes = new Map<string, Mesh>();
  readonly connections = new Map<string, FakePeerConnection[]>();
  readonly sent: string[] = [];
  readonly blocked: string[] = [];
  private held: Array<() => void> | null = null;

  page(id: string): Mesh {
    const made: FakePeerConnection[] = [];
    const mesh = new Mesh({
      shown: () => ({ audio: true, video: true, screen: false }),
      onDoubt: () => {},
      onBlocked: (peerId) => this.blocked.push(`${id} ${peerId}`),
      createConnection: () => {
        const pc = new FakePeerConnection();
        made.push(pc);
        return pc.connection;
      },
      send: (name, payload) => {
        const { targetPeerId, ...rest } = payload;
        this.sent.push(`${id} ${name} ${targetPeerId}`);
        const event = { name, payload: { ...rest, fromPeerId: id } } as unknown as ServerEvent;
        const deliver = () => this.meshes.get(targetPeerId)?.receive(event);
        if (this.held === null) setTimeout(deliver);
        else this.held.push(deliver);
      },
    });
    this.meshes.set(id, mesh);
    this.connections.set(id, made);
    return mesh;
  }

  /** Keeps everything on its way until `release`, so that offers cross. */
  hold(): void {
    this.held = [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const deliver of held) deliver();
  }

  pc(id: string, index = 0): FakePeerConnection {
    const pc = this.connections.get(id)?.[index];
    if (pc === undefined) throw new Error(`no connection ${index} of ${id}`);
    return pc;
  }
}

const track = (kind: string, label: string) =>
  new FakeTrack(kind, label) as unknown as MediaStreamTrack;
const sources = (mesh: Mesh | undefined, peerId: string): Source[] =>
  [...(mesh?.remote.get().get(peerId)?.tracks.keys() ?? [])].sort();

/** Lets all that is on its way arrive and be answered. */
async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await new Promise((done) => setTimeout(done));
}

let net: Net;
let a: Mesh;
let b: Mesh;

beforeEach(async () => {
  net = new Net();
  [a, b] = [net.page("a"), net.page("b")];
  for (const mesh of [a, b]) {
    mesh.setTrack("mic", track("audio", "mic"));
    mesh.setTrack("camera", track("video", "cam"));
  }
  a.enter({ selfId: "a", iceServers: [], peerIds: [] });
});

/** `b` comes into the room of `a`. */
async function meet(): Promise<void> {
  b.enter({ selfId: "b", iceServers: [], peerIds: ["a"] });
  a.add("b", true);
  await settle();
}

describe("a mesh of two", () => {
  test("who was there first offers; both get microphone and camera by one exchange", async () => {
    await meet();
    expect(net.sent).toEqual(["a webrtc:offer b", "b webrtc:answer a"]);
    expect(sources(a, "b")).toEqual(["camera", "mic"]);
    expect(sources(b, "a")).toEqual(["camera", "mic"]);
  });

  test("another device takes the place of the old one without negotiation", async () => {
    await meet();
    net.sent.length = 0;
    const other = track("video", "cam2");
    a.setTrack("camera", other);
    await settle();
    expect(net.sent).toEqual([]);
    expect(net.pc("a").getTransceivers()[1]?.sender.track).toBe(other);
  });

  test("a screen that is shared comes and goes", async () => {
    await meet();
    b.setTrack("screen", track("video", "screen"));
    b.setTrack("screen-audio", track("audio", "screen sound"));
    await settle();
    expect(sources(a, "b")).toEqual(["camera", "mic", "screen", "screen-audio"]);
    expect(sources(b, "a")).toEqual(["camera", "mic"]);
  });

  test("of two offers that cross one gives way, and both screens arrive", async () => {
    await meet();
    net.hold();
    a.setTrack("screen", track("video", "a's screen"));
    b.setTrack("screen", track("video", "b's screen"));
    await settle();
    expect(net.sent.slice(-2).sort()).toEqual(["a webrtc:offer b", "b webrtc:offer a"]);
    net.release();
    await settle();
    expect(sources(a, "b")).toEqual(["camera", "mic", "screen"]);
    expect(sources(b, "a")).toEqual(["camera", "mic", "screen"]);
    expect([net.pc("a").signalingState, net.pc("b").signalingState]).toEqual(["stable", "stable"]);
  });

  test("first offers that cross do not double the tracks", async () => {
    net.hold();
    b.enter({ selfId: "b", iceServers: [], peerIds: [] });
    a.add("b", true);
    b.add("a", true);
    await settle();
    net.release();
    await settle();
    expect(sources(a, "b")).toEqual(["camera", "mic"]);
    expect(net.pc("a").getTransceivers()).toHaveLength(2);
    expect(net.pc("b").getTransceivers()).toHaveLength(2);
  });

  test("who comes back while sharing shares on", async () => {
    b.setTrack("screen", track("video", "screen"));
    await meet();
    expect(sources(a, "b")).toEqual(["camera", "mic", "screen"]);
  });

  test("a failed path is restarted, and again while it stays broken", async () => {
    await meet();
    vi.useFakeTimers();
    net.pc("a").change("failed");
    expect(net.pc("a").restarts).toBe(1);
    vi.advanceTimersByTime(8_500);
    expect(net.pc("a").restarts).toBe(3);
    net.pc("a").change("connected");
    vi.advanceTimersByTime(60_000);
    expect(net.pc("a").restarts).toBe(3);
    vi.useRealTimers();
  });

  test("a way that is looked for in vain is told after a while, one that failed at once", async () => {
    await meet();
    vi.useFakeTimers();
    net.pc("a").changeIce("checking");
    vi.advanceTimersByTime(2_400);
    expect(net.blocked).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(net.blocked).toEqual(["a b"]);
    net.pc("b").changeIce("checking");
    net.pc("b").changeIce("failed");
    expect(net.blocked).toEqual(["a b", "b a"]);
    vi.useRealTimers();
  });

  test("once both sides have no more candidates, one does not look for as long", async () => {
    await meet();
    vi.useFakeTimers();
    const hear = (candidate: { candidate: string } | null) =>
      a.receive({ name: "webrtc:ice", payload: { fromPeerId: "b", candidate } });
    net.pc("a").changeIce("checking");
    net.pc("a").find({ candidate: "candidate:1 1 udp 1 10.0.0.1 5000 typ host" });
    for (const port of [5001, 5002])
      hear({ candidate: `candidate:1 1 udp 1 10.0.0.2 ${port} typ host` });
    hear({ candidate: "candidate:2 1 tcp 1 10.0.0.2 9 typ host tcptype active" });
    hear(null);
    await vi.advanceTimersByTimeAsync(500);
    net.pc("a").find(null);
    await vi.advanceTimersByTimeAsync(850);
    expect(net.blocked).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(net.blocked).toEqual(["a b"]);
    hear(null);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(net.blocked).toEqual(["a b"]);
    vi.useRealTimers();
  });

  test("a way that was found is not told as failed for a while of checks that a restart brings", async () => {
    await meet();
    vi.useFakeTimers();
    for (const state of ["checking", "connected", "disconnected", "checking"] as const) {
      net.pc("a").changeIce(state);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    net.pc("a").changeIce("failed");
    expect(net.blocked).toEqual([]);
    vi.useRealTimers();
  });

  test("a way that is cut under two who reach the server is looked for anew, then told by one", async () => {
    vi.useFakeTimers();
    b.enter({ selfId: "b", iceServers: [], peerIds: ["a"] });
    a.add("b", true);
    await vi.advanceTimersByTimeAsync(100);
    for (const id of ["a", "b"]) net.pc(id).changeIce("connected");
    await vi.advanceTimersByTimeAsync(1_900);
    expect([net.pc("a").restarts, net.blocked]).toEqual([1, []]);
    b.receive({ name: "webrtc:ice", payload: { fromPeerId: "a", candidate: null } });
    await vi.advanceTimersByTimeAsync(900);
    expect(net.blocked).toEqual(["b a"]);
    vi.useRealTimers();
  });

  test("after a recovered connection only broken paths are touched", async () => {
    await meet();
    net.pc("a").change("connected");
    a.restartBroken();
    expect(net.pc("a").restarts).toBe(0);
    net.pc("a").change("disconnected");
    a.restartBroken();
    expect(net.pc("a").restarts).toBe(1);
  });

  test("a link that waits for its first offer is left alone, and answers it", async () => {
    b.enter({ selfId: "b", iceServers: [], peerIds: ["a"] });
    b.restartBroken();
    a.add("b", true);
    await settle();
    expect(net.pc("b").restarts).toBe(0);
    expect(sources(b, "a")).toEqual(["camera", "mic"]);
  });

  test("an offer that was lost is sent again", async () => {
    b.enter({ selfId: "b", iceServers: [], peerIds: [] });
    vi.useFakeTimers();
    a.add("b", true); // b knows nobody yet: the offer is dropped
    await vi.advanceTimersByTimeAsync(100);
    b.enter({ selfId: "b", iceServers: [], peerIds: ["a"] });
    await vi.advanceTimersByTimeAsync(8_000);
    vi.useRealTimers();
    await settle();
    expect(sources(b, "a")).toEqual(["camera", "mic"]);
    expect(sources(a, "b")).toEqual(["camera", "mic"]);
  });

  test("an offer that does not fit begins anew", async () => {
    await meet();
    const old = net.pc("a");
    old.setRemoteDescription = async () => {
      throw new DOMException("fingerprint changed", "InvalidAccessError");
    };
    b.enter({ selfId: "b", iceServers: [], peerIds: [] });
    b.add("a", true);
    await settle();
    expect(old.closed).toBe(true);
    expect(sources(a, "b")).toEqual(["camera", "mic"]);
    expect(sources(b, "a")).toEqual(["camera", "mic"]);
  });

  test("signals of a stranger do nothing", async () => {
    await meet();
    const offer = { type: "offer", sdp: "[]" } as const;
    a.receive({ name: "webrtc:offer", payload: { fromPeerId: "nobody", offer } });
    await settle();
    expect(net.sent).toHaveLength(2);
    expect(a.transports().map((one) => one.peerId)).toEqual(["b"]);
  });

  test("leaving closes every connection", async () => {
    await meet();
    a.leave();
    expect(net.pc("a").closed).toBe(true);
    expect(a.remote.get().size).toBe(0);
  });
});

test("in a mesh of four everyone gets everyone", async () => {
  const ids = ["a", "b", "c", "d"];
  for (const [i, id] of ids.entries()) {
    if (i === 0) continue;
    const mesh = net.meshes.get(id) ?? net.page(id);
    mesh.setTrack("mic", track("audio", "mic"));
    mesh.setTrack("camera", track("video", "cam"));
    mesh.enter({ selfId: id, iceServers: [], peerIds: ids.slice(0, i) });
    for (const before of ids.slice(0, i)) net.meshes.get(before)?.add(id, true);
    await settle();
  }
  for (const id of ids) {
    for (const other of ids.filter((one) => one !== id)) {
      expect(sources(net.meshes.get(id), other)).toEqual(["camera", "mic"]);
    }
  }
});
