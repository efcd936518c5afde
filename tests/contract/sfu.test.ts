// The sfu:* events without media: shapes, who may do what, and what the others learn (contract, section 4).
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Line, Person, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { metric, Server } from "../support/server.ts";

type Transport = { id: string; iceParameters: object; iceCandidates: Candidate[]; dtlsParameters: object };
type Candidate = { protocol: string; port: number; ip: string; type: string; tcpType?: string };
type Producer = { producerId: string; peerId: string; userId: string | null; kind: string; paused: boolean; appData: object };
type Media = {
  sendTransport: Transport;
  recvTransport: Transport;
  routerRtpCapabilities: Capabilities;
  producers: Producer[];
};
type Capabilities = { codecs: { mimeType: string; preferredPayloadType: number }[] };
type Consumed = {
  consumerId: string;
  producerId: string;
  peerId: string;
  kind: string;
  rtpParameters: { encodings: unknown[]; rtcp: { cname: string } };
  type: string;
  producerPaused: boolean;
};

let ssrc = 1_000;
const rtp = (mimeType: string, more: object) => ({
  mid: "0",
  codecs: [{ mimeType, payloadType: 96, parameters: {}, rtcpFeedback: [], ...more }],
  headerExtensions: [],
  encodings: [{ ssrc: ssrc++ }],
  rtcp: { cname: "somebody" },
});
const opus = () => rtp("audio/opus", { clockRate: 48_000, channels: 2 });
const vp8 = () => rtp("video/VP8", { clockRate: 90_000 });

/** Somebody in a room with a connection of their own, who has joined its media. */
class Speaker {
  readonly line: Line;
  readonly roomId: string;
  readonly capabilities: Capabilities;
  media!: Media;

  private constructor(line: Line, roomId: string, capabilities: Capabilities) {
    this.line = line;
    this.roomId = roomId;
    this.capabilities = capabilities;
  }

  static async enter(line: Line, slug: string): Promise<Speaker> {
    const joined = (await line.join(slug)) as unknown as { roomId: string; routerRtpCapabilities: Capabilities };
    const speaker = new Speaker(line, joined.roomId, joined.routerRtpCapabilities);
    speaker.media = await speaker.ask<Media>("sfu:join", { roomId: joined.roomId, rtpCapabilities: speaker.capabilities });
    return speaker;
  }

  async ask<T = object>(event: string, payload: object): Promise<T> {
    const reply = await this.line.call(event, payload);
    assert.equal(reply.error, undefined, `${event}: ${JSON.stringify(reply.error)}`);
    return reply as T;
  }
  async refused(event: string, payload: object): Promise<string | undefined> {
    return (await this.line.call(event, payload)).error?.code;
  }
  async produce(kind: "audio" | "video", source: string, more: object = {}): Promise<string> {
    const rtpParameters = kind === "audio" ? opus() : vp8();
    const transportId = this.media.sendTransport.id;
    const request = { transportId, kind, rtpParameters, appData: { source }, ...more };
    return (await this.ask<{ producerId: string }>("sfu:produce", request)).producerId;
  }
  consume(producerId: string): Promise<Consumed> {
    return this.ask<Consumed>("sfu:consume", { producerId, rtpCapabilities: this.capabilities });
  }
}

describe("sfu:*", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  let ada: Speaker;
  let bo: Speaker;
  let open: Line[] = [];
  const keep = (line: Line): Line => {
    open.push(line);
    return line;
  };
  const guest = async (guestName: string): Promise<Line> => keep(await Line.open(server, { auth: { guestName } }));

  before(async () => {
    server = await Server.start({ RTC_WORKERS: "2" });
    host = await Person.register(server, "host");
  });
  after(async () => {
    for (const line of open) line.close();
    await server.stop();
  });
  beforeEach(async () => {
    for (const line of open) line.close();
    open = [];
    room = await host.createRoom();
    ada = await Speaker.enter(keep(await host.connect()), room.slug);
    bo = await Speaker.enter(await guest("Bo"), room.slug);
  });

  test("sfu:join gives two transports that a browser can reach, by UDP and by TCP", () => {
    const { sendTransport, recvTransport, routerRtpCapabilities, producers } = ada.media;
    assert.deepEqual(producers, []);
    assert.notEqual(sendTransport.id, recvTransport.id);
    for (const transport of [sendTransport, recvTransport]) {
      assert.deepEqual(Object.keys(transport).sort(), ["dtlsParameters", "iceCandidates", "iceParameters", "id"]);
      const protocols = new Set(transport.iceCandidates.map((one) => `${one.protocol} ${one.tcpType ?? ""}`));
      assert.deepEqual([...protocols].sort(), ["tcp passive", "udp "]);
      assert.equal(new Set(transport.iceCandidates.map((one) => one.port)).size, 1);
    }
    const codecs = routerRtpCapabilities.codecs.map((codec) => codec.mimeType);
    for (const codec of ["audio/opus", "video/VP8", "video/H264"]) assert.ok(codecs.includes(codec), codec);
    assert.deepEqual(routerRtpCapabilities, ada.capabilities);
  });

  test("what one sends, the others learn, and who joins later finds", async () => {
    const mic = await ada.produce("audio", "mic");
    const expected = { producerId: mic, peerId: ada.line.socket.id, userId: host.id, kind: "audio", paused: false, appData: { source: "mic" } };
    assert.deepEqual(await until("the producer", () => bo.line.payloads("sfu:producer-created")[0]), expected);
    assert.deepEqual(ada.line.payloads("sfu:producer-created"), [], "not the producer's own page");

    const share = await bo.produce("video", "screen", { paused: true });
    const late = await Speaker.enter(await guest("Cy"), room.slug);
    assert.deepEqual(late.media.producers, [
      expected,
      { producerId: share, peerId: bo.line.socket.id, userId: null, kind: "video", paused: true, appData: { source: "screen" } },
    ]);

    await ada.ask("sfu:pause-producer", { producerId: mic });
    await ada.ask("sfu:resume-producer", { producerId: mic });
    await ada.ask("sfu:close-producer", { producerId: mic });
    await until("the end", () => bo.line.payloads("sfu:producer-closed").length === 1);
    const seen = bo.line.events.filter((event) => /^sfu:producer-(paused|resumed|closed)/.test(event.name));
    assert.deepEqual(seen, [
      { name: "sfu:producer-paused", payload: { producerId: mic } },
      { name: "sfu:producer-resumed", payload: { producerId: mic } },
      { name: "sfu:producer-closed", payload: { producerId: mic } },
    ]);
    const again = await ada.ask<Media>("sfu:join", { roomId: room.id, rtpCapabilities: ada.capabilities });
    assert.deepEqual(again.producers.map((one) => one.producerId), [share]);
  });

  test("consuming: paused at first, and with parameters of the consumer's own", async () => {
    const camera = await ada.produce("video", "camera");
    const consumed = await bo.consume(camera);
    assert.equal(consumed.producerId, camera);
    assert.equal(consumed.peerId, ada.line.socket.id);
    assert.equal(consumed.kind, "video");
    assert.equal(consumed.type, "simple");
    assert.equal(consumed.producerPaused, false);
    assert.equal(consumed.rtpParameters.encodings.length, 1);
    const { consumerId } = consumed;
    for (const event of ["sfu:resume-consumer", "sfu:pause-consumer", "sfu:request-keyframe"]) {
      assert.deepEqual(await bo.ask(event, { consumerId }), {});
    }
    const layers = { consumerId, spatialLayer: 1, temporalLayer: 2, width: 640, height: 360, priority: 1 };
    assert.deepEqual(await bo.ask("sfu:set-preferred-layers", layers), {});
    const stats = await bo.ask<{ transports: unknown[]; consumers: { id: string }[] }>("sfu:stats", {});
    assert.equal(stats.transports.length, 2);
    assert.deepEqual(stats.consumers.map((one) => one.id), [consumerId]);
    assert.deepEqual(await bo.ask("sfu:close-consumer", { consumerId }), {});
    assert.equal(await bo.refused("sfu:close-consumer", { consumerId }), "SFU_ERROR");
  });

  test("what one sends has one cname, by which sound and picture play in step, though Chromium gives simulcast none", async () => {
    const simulcast = () => ({ ...vp8(), encodings: [{ rid: "r0" }, { rid: "r1" }], rtcp: { cname: "" } });
    const cnameOf = async (from: Speaker, to: Speaker, kind: "audio" | "video", more: object = {}) => {
      const consumed = await to.consume(await from.produce(kind, kind === "audio" ? "mic" : "camera", more));
      return consumed.rtpParameters.rtcp.cname;
    };
    assert.equal(await cnameOf(ada, bo, "audio"), "somebody");
    assert.equal(await cnameOf(ada, bo, "video", { rtpParameters: simulcast() }), "somebody");
    const made = await cnameOf(bo, ada, "video", { rtpParameters: simulcast() });
    assert.match(made, /^[\w-]{16}$/);
    assert.equal(await cnameOf(bo, ada, "audio"), made);
  });

  test("without a callback the reply is the event that the contract names, or silence", async () => {
    const mic = await ada.produce("audio", "mic");
    bo.line.socket.emit("sfu:join", { roomId: room.id, rtpCapabilities: bo.capabilities });
    const joined = await until("sfu:joined", () => bo.line.payloads("sfu:joined")[0]);
    assert.deepEqual(Object.keys(joined).sort(), ["producers", "recvTransport", "routerRtpCapabilities", "sendTransport"]);
    bo.line.socket.emit("sfu:consume", { producerId: mic, rtpCapabilities: bo.capabilities });
    const consumed = await until("sfu:consumer-created", () => bo.line.payloads("sfu:consumer-created")[0]);
    assert.equal(consumed["producerId"], mic);
    bo.line.socket.emit("sfu:resume-consumer", { consumerId: consumed["consumerId"] });
    bo.line.socket.emit("sfu:resume-consumer", { consumerId: "nothing" });
    const error = await until("the error", () => bo.line.payloads("error")[0]);
    assert.equal(error["code"], "SFU_ERROR");
    assert.equal(error["event"], "sfu:resume-consumer");
    assert.equal(bo.line.payloads("error").length, 1);
  });

  test("ICE restarts give new credentials each time", async () => {
    const transportId = ada.media.sendTransport.id;
    const first = await ada.ask("sfu:restart-ice", { transportId });
    const second = await ada.ask("sfu:restart-ice", { transportId });
    assert.deepEqual(Object.keys(first), ["iceParameters"]);
    assert.notDeepEqual(first, second);
    assert.notDeepEqual(first, { iceParameters: ada.media.sendTransport.iceParameters });
  });

  test("nobody reaches what is another's, in the room or out of it", async () => {
    const mic = await ada.produce("audio", "mic");
    const { consumerId } = await bo.consume(mic);
    const eve = await Speaker.enter(await guest("Eve"), (await host.createRoom()).slug);
    const mine = ada.media.sendTransport.id;
    const dtlsParameters = ada.media.sendTransport.dtlsParameters;
    for (const other of [bo, eve]) {
      for (const event of ["sfu:pause-producer", "sfu:resume-producer", "sfu:close-producer"]) {
        assert.equal(await other.refused(event, { producerId: mic }), "SFU_ERROR", event);
      }
      assert.equal(await other.refused("sfu:connect-transport", { transportId: mine, dtlsParameters }), "SFU_ERROR");
      assert.equal(await other.refused("sfu:restart-ice", { transportId: mine }), "SFU_ERROR");
      const stolen = { transportId: mine, kind: "audio", rtpParameters: opus(), appData: { source: "mic" } };
      assert.equal(await other.refused("sfu:produce", stolen), "SFU_ERROR");
    }
    for (const other of [ada, eve]) {
      for (const event of ["sfu:resume-consumer", "sfu:pause-consumer", "sfu:close-consumer", "sfu:request-keyframe"]) {
        assert.equal(await other.refused(event, { consumerId }), "SFU_ERROR", event);
      }
      assert.equal(await other.refused("sfu:set-preferred-layers", { consumerId, spatialLayer: 0 }), "SFU_ERROR");
      const consume = { producerId: mic, rtpCapabilities: other.capabilities };
      assert.equal(await other.refused("sfu:consume", consume), "SFU_ERROR", "of another room, or one's own");
    }
    assert.deepEqual(bo.line.payloads("sfu:producer-closed"), []);
  });

  test("nobody without a room, in another room, or before sfu:join", async () => {
    const rtpCapabilities = bo.capabilities;
    const other = await host.createRoom();
    assert.equal(await bo.refused("sfu:join", { roomId: other.id, rtpCapabilities }), "NOT_IN_ROOM");
    const cy = await guest("Cy");
    for (const [event, payload] of [
      ["sfu:join", { roomId: room.id, rtpCapabilities }],
      ["sfu:stats", {}],
      ["sfu:close-producer", { producerId: "x" }],
      ["room:request-sfu", { peerId: ada.line.socket.id }],
    ] as const) {
      assert.equal((await cy.call(event, payload)).error?.code, "NOT_IN_ROOM", event);
    }
    await cy.join(room.slug);
    assert.equal((await cy.call("sfu:stats", {})).error?.code, "SFU_ERROR");
  });

  test("what is malformed is VALIDATION_ERROR, what nobody can do SFU_ERROR", async () => {
    const transportId = ada.media.sendTransport.id;
    const good = { transportId, kind: "audio", rtpParameters: opus(), appData: { source: "mic" } };
    const rows: readonly (readonly [string, object, string])[] = [
      ["sfu:join", { roomId: room.id, rtpCapabilities: { codecs: 1 } }, "VALIDATION_ERROR"],
      ["sfu:join", { roomId: room.id }, "VALIDATION_ERROR"],
      ["sfu:produce", { ...good, kind: "video" }, "VALIDATION_ERROR"],
      ["sfu:produce", { ...good, appData: { source: "cat" } }, "VALIDATION_ERROR"],
      ["sfu:produce", { ...good, appData: { source: "mic", name: "x" } }, "VALIDATION_ERROR"],
      ["sfu:produce", { ...good, rtpParameters: { codecs: 1 } }, "VALIDATION_ERROR"],
      ["sfu:produce", { ...good, peerId: "x" }, "VALIDATION_ERROR"],
      ["sfu:produce", { ...good, rtpParameters: rtp("audio/PCMU", { clockRate: 8_000 }) }, "SFU_ERROR"],
      ["sfu:produce", { ...good, transportId: ada.media.recvTransport.id }, "SFU_ERROR"],
      ["sfu:connect-transport", { transportId, dtlsParameters: { fingerprints: [] } }, "VALIDATION_ERROR"],
      ["sfu:connect-transport", { transportId, dtlsParameters: { role: "boss" } }, "VALIDATION_ERROR"],
      ["sfu:set-preferred-layers", { consumerId: "x", spatialLayer: "top" }, "VALIDATION_ERROR"],
      ["sfu:stats", { peerId: "x" }, "VALIDATION_ERROR"],
    ];
    for (const [event, payload, code] of rows) {
      assert.equal(await ada.refused(event, payload), code, `${event} ${JSON.stringify(payload)}`);
    }
    await ada.ask("sfu:produce", good);
    const repeated = { ...good, appData: { source: "screen-audio" } };
    assert.equal(await ada.refused("sfu:produce", repeated), "SFU_ERROR", "an SSRC twice");
  });

  test("a host's mute pauses the producer, and nothing else of it", async () => {
    const mic = await bo.produce("audio", "mic");
    await bo.produce("video", "camera");
    assert.deepEqual(await ada.ask("host:mute", { peerId: bo.line.socket.id }), {});
    await until("host:muted", () => bo.line.payloads("host:muted")[0]?.["kind"] === "audio");
    await until("the pause", () => ada.line.payloads("sfu:producer-paused").length === 1);
    assert.deepEqual(ada.line.payloads("sfu:producer-paused"), [{ producerId: mic }]);
    await bo.ask("sfu:resume-producer", { producerId: mic });
    await until("the end of it", () => ada.line.payloads("sfu:producer-resumed")[0]?.["producerId"] === mic);
  });

  test("everything of a peer ends with its leaving, its removal and the end of the call", async () => {
    const mic = await bo.produce("audio", "mic");
    await ada.consume(mic);
    await bo.line.call("leave:room");
    await until("peer:left", () => ada.line.payloads("peer:left")[0]);
    assert.deepEqual(ada.line.payloads("sfu:producer-closed"), [{ producerId: mic }]);
    const names = ada.line.events.map((event) => event.name);
    assert.ok(names.indexOf("sfu:producer-closed") < names.indexOf("peer:left"));
    assert.equal(await bo.refused("sfu:stats", {}), "NOT_IN_ROOM");

    const cy = await Speaker.enter(await guest("Cy"), room.slug);
    const share = await cy.produce("video", "screen");
    await ada.ask("host:remove", { peerId: cy.line.socket.id });
    await until("the producer's end", () => ada.line.payloads("sfu:producer-closed").at(-1)?.["producerId"] === share);
    await until("the removed one's transports to end", async () => (await metric(server, "webrtc_chat_sfu_transports")) === 2);
    await ada.produce("audio", "mic");
    await ada.ask("host:end", {});
    for (const kind of ["transports", "producers", "consumers"]) {
      await until(`no ${kind} left`, async () => (await metric(server, `webrtc_chat_sfu_${kind}`)) === 0);
    }
  });
});
