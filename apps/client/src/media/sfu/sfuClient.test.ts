import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ServerEvent } from "~/signalling/events";
import { FakeTrack } from "~tests/fakes/media";
import { FakeSfu, remoteProducer, routerRtpCapabilities } from "~tests/fakes/sfu";
import { SfuClient } from "./sfuClient";

const room = { roomId: "r1", routerRtpCapabilities, iceServers: [] };
const track = (kind: string, label: string, width = 1280) =>
  new FakeTrack(kind, label, width) as unknown as MediaStreamTrack;
const created = (peerId: string, source: "mic" | "camera"): ServerEvent => ({
  name: "sfu:producer-created",
  payload: remoteProducer(peerId, source),
});

let sfu: FakeSfu;
let client: SfuClient;

beforeEach(() => {
  vi.useFakeTimers();
  sfu = new FakeSfu();
  client = new SfuClient(sfu);
});

const settle = (ms = 200) => vi.advanceTimersByTimeAsync(ms);
const enter = async () => {
  client.enter(room);
  await settle();
};
const sources = (peerId: string) => [...(client.remote.get().get(peerId)?.tracks.keys() ?? [])];

describe("sending", () => {
  test("begins before anybody is there, each source by one producer", async () => {
    client.set("mic", { track: track("audio", "mic"), on: true });
    client.set("camera", { track: track("video", "cam"), on: true });
    await enter();
    expect(sfu.names()).toEqual([
      "sfu:join",
      "sfu:connect-transport",
      "sfu:produce",
      "sfu:produce",
    ]);
    const [mic, camera] = sfu.of("sfu:produce");
    expect(mic).toMatchObject({ kind: "audio", paused: false, appData: { source: "mic" } });
    expect(camera).toMatchObject({ kind: "video", appData: { source: "camera" } });
    expect(camera).toHaveProperty("rtpParameters.encodings.length", 3);
  });

  test("another device takes the place without a new producer", async () => {
    client.set("camera", { track: track("video", "cam"), on: true });
    await enter();
    sfu.asked.length = 0;
    client.set("camera", { track: track("video", "cam2"), on: true });
    await settle();
    expect(sfu.asked).toEqual([]);
  });

  test("mute pauses the producer, and its end resumes it", async () => {
    const mic = track("audio", "mic");
    client.set("mic", { track: mic, on: true });
    await enter();
    client.set("mic", { track: mic, on: false });
    await settle();
    client.set("mic", { track: mic, on: true });
    await settle();
    expect(sfu.names().slice(-2)).toEqual(["sfu:pause-producer", "sfu:resume-producer"]);
  });

  test("a camera that is off sends nothing, and comes back by the same producer", async () => {
    client.set("camera", { track: track("video", "cam"), on: true });
    await enter();
    client.set("camera", { track: null, on: false });
    await settle();
    client.set("camera", { track: track("video", "cam"), on: true });
    await settle();
    expect(sfu.of("sfu:produce")).toHaveLength(1);
    expect(sfu.names().slice(-2)).toEqual(["sfu:pause-producer", "sfu:resume-producer"]);
  });

  test("a screen that is no longer shared ends its producer", async () => {
    await enter();
    client.set("screen", { track: track("video", "screen"), on: true });
    await settle();
    client.set("screen", { track: null, on: false });
    await settle();
    expect(sfu.of("sfu:close-producer")).toEqual([{ producerId: "own-screen" }]);
  });

  test("who leaves the SFU but not the room says what ends", async () => {
    client.set("mic", { track: track("audio", "mic"), on: true });
    await enter();
    client.leave(true);
    expect(sfu.of("sfu:close-producer")).toEqual([{ producerId: "own-mic" }]);
    expect(client.transports()).toEqual([]);
  });
});

describe("layers that are sent", () => {
  const active = (label = "cam") => sfu.senders.get(label)?.encodings.map((one) => one.active);
  const tell = async (
    encodings: Array<{ rid: string | null; active: boolean }>,
    id = "own-camera",
  ) => {
    client.receive({ name: "sfu:set-encodings", payload: { producerId: id, encodings } });
    await settle();
  };
  const layers = (...wanted: boolean[]) => wanted.map((one, i) => ({ rid: `r${i}`, active: one }));

  beforeEach(async () => {
    client.set("camera", { track: track("video", "cam"), on: true });
    await enter();
  });

  test("follow the server's word, both ways", async () => {
    await tell(layers(true, false, false));
    expect(active()).toEqual([true, false, false]);
    await tell(layers(true, true, true));
    expect(active()).toEqual([true, true, true]);
  });

  test("go by their names, whatever their order; without names by their place", async () => {
    await tell([...layers(true, false, true)].reverse());
    expect(active()).toEqual([true, false, true]);
    await tell([true, true, false].map((one) => ({ rid: null, active: one })));
    expect(active()).toEqual([true, true, false]);
  });

  test("that the server does not name stay as they are", async () => {
    await tell([{ rid: "r2", active: false }]);
    expect(active()).toEqual([true, true, false]);
  });

  test("of another producer or of none are left alone", async () => {
    client.set("screen", { track: track("video", "screen"), on: true });
    await settle();
    await tell([{ rid: null, active: false }], "own-screen");
    await tell(layers(false, false, false), "gone");
    expect([active(), active("screen")]).toEqual([[true, true, true], [false]]);
  });
});

describe("receiving", () => {
  test("takes who was there and who comes, sound first, and resumes after the set-up", async () => {
    sfu.producers = [remoteProducer("a", "camera"), remoteProducer("a", "mic")];
    await enter();
    client.receive(created("b", "mic"));
    await settle();
    expect(sfu.of("sfu:consume").map((one) => one["producerId"])).toEqual([
      "a-mic",
      "a-camera",
      "b-mic",
    ]);
    expect(sources("a")).toEqual(["mic", "camera"]);
    expect(sfu.of("sfu:resume-consumer")).toHaveLength(3);
    for (const { consumerId } of sfu.of("sfu:resume-consumer")) {
      const resumed = sfu.asked.findIndex(
        ([name, payload]) => name === "sfu:resume-consumer" && payload["consumerId"] === consumerId,
      );
      expect(sfu.names().lastIndexOf("sfu:connect-transport")).toBeLessThan(resumed);
    }
  });

  test("all that is there is set up by one negotiation, and what comes later by its own", async () => {
    const sources = ["camera", "mic", "screen"] as const;
    sfu.producers = sources.map((source) => remoteProducer("a", source));
    await enter();
    expect(sfu.negotiated).toEqual([3]);
    client.receive(created("b", "camera"));
    await settle();
    expect(sfu.negotiated).toEqual([3, 1]);
  });

  test("of many no more than eight are asked for at once", async () => {
    sfu.producers = Array.from({ length: 20 }, (_, i) => remoteProducer(`p${i}`, "mic"));
    await enter();
    expect(sfu.negotiated).toEqual([8, 8, 4]);
    expect(client.remote.get().size).toBe(20);
  });

  test("one that is refused keeps the others from nothing", async () => {
    sfu.producers = [remoteProducer("a", "mic"), remoteProducer("b", "mic")];
    sfu.refusals.set("sfu:consume", ["SFU_ERROR"]);
    await enter();
    expect([sources("a"), sources("b")]).toEqual([[], ["mic"]]);
  });

  test("a producer that is told of while the page joins is taken once", async () => {
    sfu.producers = [remoteProducer("a", "mic")];
    client.enter(room);
    client.receive(created("a", "mic"));
    client.receive(created("b", "mic"));
    await settle();
    expect(sfu.of("sfu:consume").map((one) => one["producerId"])).toEqual(["a-mic", "b-mic"]);
  });

  test("what ends is gone, and so is everything of who leaves", async () => {
    sfu.producers = [remoteProducer("a", "camera"), remoteProducer("a", "mic")];
    await enter();
    client.receive({ name: "sfu:producer-closed", payload: { producerId: "a-camera" } });
    expect(sources("a")).toEqual(["mic"]);
    client.removePeer("a");
    expect(client.remote.get().size).toBe(0);
  });

  test("too many at once are asked for again", async () => {
    sfu.producers = [remoteProducer("a", "mic")];
    sfu.refusals.set("sfu:consume", ["RATE_LIMITED"]);
    await enter();
    expect(sources("a")).toEqual([]);
    await settle(1_000);
    expect(sources("a")).toEqual(["mic"]);
  });

  test("who moved to another path is dropped, and taken up again", async () => {
    sfu.producers = [remoteProducer("a", "mic")];
    await enter();
    client.drop("a");
    expect(client.remote.get().size).toBe(0);
    await settle();
    expect(sfu.of("sfu:close-consumer")).toHaveLength(1);
    client.enter(room);
    await settle();
    expect(sources("a")).toEqual(["mic"]);
    expect(sfu.of("sfu:join")).toHaveLength(1);
  });
});

describe("a picture", () => {
  beforeEach(async () => {
    sfu.producers = [remoteProducer("a", "camera")];
    await enter();
    sfu.asked.length = 0;
  });

  test("is asked for as large as its tile, larger at once and smaller after a while", async () => {
    const view = client.views.open("a", "camera");
    view.show({ width: 1280, height: 720 });
    expect(sfu.of("sfu:set-preferred-layers")).toMatchObject([
      { spatialLayer: 2, temporalLayer: 2, width: 1280, height: 720 },
    ]);
    view.show({ width: 160, height: 90 });
    expect(sfu.of("sfu:set-preferred-layers")).toHaveLength(1);
    await settle(400);
    expect(sfu.of("sfu:set-preferred-layers")[1]).toMatchObject({
      spatialLayer: 0,
      temporalLayer: 1,
    });
  });

  test("out of sight is paused, and resumed at once when it comes back", async () => {
    const view = client.views.open("a", "camera");
    view.show({ width: 320, height: 180 });
    view.show(null);
    await settle(400);
    expect(sfu.of("sfu:pause-consumer")).toHaveLength(1);
    view.show({ width: 320, height: 180 });
    expect(sfu.of("sfu:resume-consumer")).toHaveLength(1);
  });

  test("is resumed before its path is there: the server has it begin as soon as it can", async () => {
    sfu.connects = false;
    client.leave(false);
    await enter();
    expect(client.transports()).toMatchObject([{ state: "new" }, { state: "connecting" }]);
    expect(sfu.of("sfu:resume-consumer")).toHaveLength(1);
  });

  test("goes from one tile to another one without a pause", async () => {
    const small = client.views.open("a", "camera");
    small.show({ width: 320, height: 180 });
    small.close();
    client.views.open("a", "camera").show({ width: 320, height: 180 });
    await settle(400);
    expect(sfu.of("sfu:pause-consumer")).toEqual([]);
  });
});

describe("a stay begins", () => {
  const createDevice = vi.fn(async () => {
    await new Promise((done) => setTimeout(done, 50));
    return sfu.createDevice();
  });

  beforeEach(() => {
    createDevice.mockClear();
    client = new SfuClient({ request: sfu.request, createDevice });
  });

  test("at once where it was prepared, with what was loaded then", async () => {
    client.prepare();
    client.prepare();
    await settle();
    client.enter(room);
    await settle(0);
    expect(sfu.of("sfu:join")).toHaveLength(1);
    expect(createDevice).toHaveBeenCalledTimes(1);
  });

  test("all the same where preparing failed", async () => {
    createDevice.mockRejectedValueOnce(new Error("no way to the server"));
    client.prepare();
    await settle();
    await enter();
    expect(sfu.of("sfu:join")).toHaveLength(1);
  });

  test("without waiting for a word about its transports", async () => {
    sfu.unanswered = "sfu:connect-transport";
    sfu.producers = [remoteProducer("a", "mic")];
    client.set("mic", { track: track("audio", "mic"), on: true });
    await enter();
    expect(sfu.of("sfu:connect-transport")).toHaveLength(2);
    expect(sfu.of("sfu:produce")).toHaveLength(1);
    expect(sources("a")).toEqual(["mic"]);
  });

  test("anew where a transport is refused", async () => {
    sfu.refusals.set("sfu:connect-transport", ["SFU_ERROR"]);
    client.set("mic", { track: track("audio", "mic"), on: true });
    await enter();
    await settle(1_000);
    expect(sfu.of("sfu:join")).toHaveLength(2);
  });
});

describe("a broken way", () => {
  test("that is shaky looks for another one", async () => {
    await enter();
    sfu.handlers[1]?.setConnectionState("disconnected");
    await settle();
    expect(sfu.of("sfu:restart-ice")).toHaveLength(1);
    expect(client.broken).toBe(true);
  });

  test("that failed makes the page join again, with all it sends", async () => {
    client.set("mic", { track: track("audio", "mic"), on: true });
    await enter();
    sfu.handlers[0]?.setConnectionState("failed");
    await settle(1_000);
    expect(sfu.of("sfu:join")).toHaveLength(2);
    expect(sfu.of("sfu:produce")).toHaveLength(2);
  });

  test("that the server knows nothing of makes the page join again", async () => {
    sfu.refusals.set("sfu:restart-ice", ["SFU_ERROR"]);
    await enter();
    sfu.handlers[1]?.setConnectionState("disconnected");
    await settle(1_000);
    expect(sfu.of("sfu:join")).toHaveLength(2);
  });

  test("told by the end of what the page itself sends makes it join again, with all of that", async () => {
    client.set("mic", { track: track("audio", "mic"), on: true });
    await enter();
    client.receive({ name: "sfu:producer-closed", payload: { producerId: "own-mic" } });
    await settle(1_000);
    expect(sfu.of("sfu:join")).toHaveLength(2);
    expect(sfu.of("sfu:produce")).toHaveLength(2);
  });

  test("a refused join is tried again, until the page leaves", async () => {
    sfu.refusals.set("sfu:join", ["UNAVAILABLE", "UNAVAILABLE"]);
    await enter();
    await settle(2_000);
    expect(sfu.of("sfu:join")).toHaveLength(3);
    client.leave(false);
    sfu.refusals.set("sfu:join", ["UNAVAILABLE"]);
    await enter();
    client.leave(false);
    await settle(60_000);
    expect(sfu.of("sfu:join")).toHaveLength(4);
  });
});
