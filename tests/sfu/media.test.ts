// Real media through the server: two clients with mediasoup-client, which send and receive sound and pictures.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { metric, Server } from "../support/server.ts";
import { Caller, flows } from "./caller.ts";
import { switchesLayers } from "./layer_switches.ts";
import { picture, type Source, tone } from "./tracks.ts";

describe("media through the SFU", { timeout: 180_000 }, () => {
  let server: Server;
  let ada: Caller;
  let bo: Caller;
  let sources: Source[] = [];
  const keep = (source: Source): MediaStreamTrack => {
    sources.push(source);
    return source.track;
  };

  before(async () => {
    server = await Server.start({ RTC_P2P_MAX_PEERS: "0", RTC_ANNOUNCED_IP: "127.0.0.1" });
  });
  after(() => server.stop());

  beforeEach(async () => {
    const room = await (await Person.register(server, "host")).createRoom();
    ada = await Caller.enter(server, room.slug, "Ada");
    bo = await Caller.enter(server, room.slug, "Bo");
  });
  afterEach(async () => {
    ada.close();
    bo.close();
    for (const source of sources) source.stop();
    sources = [];
    // A peer's media ends with it.
    for (const kind of ["transports", "producers", "consumers"]) {
      await until(`no ${kind} left`, async () => (await metric(server, `webrtc_chat_sfu_${kind}`)) === 0);
    }
  });

  test("two people see and hear each other", async () => {
    for (const [one, other] of [[ada, bo], [bo, ada]] as const) {
      await one.produce("mic", keep(tone()));
      await one.produce("camera", keep(picture(320, 180)));
      for (const source of ["mic", "camera"]) {
        const producer = await other.announced(source);
        assert.equal(producer.peerId, one.peerId);
        assert.equal(producer.userId, null);
        const consumer = await other.consume(producer.producerId);
        await flows(source, consumer.watch);
        await flows(source, consumer.watch);
      }
    }
    const { transports, producers, consumers } = await ada.stats();
    assert.deepEqual(transports.map(({ direction, state, protocol }) => [direction, state, protocol]), [
      ["send", "connected", "udp"],
      ["recv", "connected", "udp"],
    ]);
    assert.ok(producers.length === 2 && producers.every((one) => (one.encodings[0]?.packets ?? 0) > 0));
    assert.ok(consumers.length === 2 && consumers.every((one) => one.packets > 0 && !one.paused));
  });

  test("everyone is told who speaks", async () => {
    await ada.produce("mic", keep(tone()));
    for (const { line } of [ada, bo]) {
      await until("the speaker", () => {
        const [peerIds, dominant] = [[ada.peerId], ada.peerId];
        return line.payloads("sfu:active-speakers").some((one) => isDeepStrictEqual(one, { peerIds, dominant }));
      });
    }
  });

  test("pause and resume of a consumer and of a producer", async () => {
    const producer = await ada.produce("camera", keep(picture(320, 180)));
    const consumer = await bo.consume(producer.id);
    await flows("the camera", consumer.watch);

    const stands = async (why: string): Promise<void> => {
      let last = -1;
      await until(`nothing more: ${why}`, async () => {
        const packets = (await bo.stats()).consumers[0]?.packets ?? -1;
        const isSame = packets === last;
        last = packets;
        return isSame;
      });
    };
    await bo.ask("sfu:pause-consumer", { consumerId: consumer.id });
    await stands("the consumer is paused");
    await bo.ask("sfu:resume-consumer", { consumerId: consumer.id });
    await flows("the camera after the consumer's pause", consumer.watch);

    await ada.ask("sfu:pause-producer", { producerId: producer.id });
    await until("the pause", () => bo.line.payloads("sfu:producer-paused")[0]?.["producerId"] === producer.id);
    await stands("the producer is paused");
    await ada.ask("sfu:resume-producer", { producerId: producer.id });
    await until("the end of the pause", () => bo.line.payloads("sfu:producer-resumed")[0]);
    await flows("the camera after the producer's pause", consumer.watch);
    assert.equal(ada.line.payloads("sfu:producer-paused").length, 0, "nobody hears of their own");
  });

  test("a closed producer, and a peer that leaves", async () => {
    const mic = await ada.produce("mic", keep(tone()));
    const camera = await ada.produce("camera", keep(picture(320, 180)));
    const heard = await bo.consume(mic.id);
    await flows("the microphone", heard.watch);
    await ada.ask("sfu:close-producer", { producerId: mic.id });
    await until("its end", () => bo.line.payloads("sfu:producer-closed")[0]?.["producerId"] === mic.id);
    assert.deepEqual((await bo.stats()).consumers, []);
    assert.equal((await bo.line.call("sfu:resume-consumer", { consumerId: heard.id })).error?.code, "SFU_ERROR");

    await ada.line.call("leave:room");
    await until("peer:left", () => bo.line.payloads("peer:left")[0]);
    const names = bo.line.events.map((event) => event.name);
    assert.ok(names.lastIndexOf("sfu:producer-closed") < names.indexOf("peer:left"));
    assert.equal(bo.line.payloads("sfu:producer-closed").at(-1)?.["producerId"], camera.id);
  });

  test("an ICE restart goes on with the same media", async () => {
    const producer = await ada.produce("camera", keep(picture(320, 180)));
    const consumer = await bo.consume(producer.id);
    await flows("the camera", consumer.watch);
    for (const [person, transport] of [[ada, ada.send], [bo, bo.receive]] as const) {
      const before = transport.id;
      const { iceParameters } = await person.ask<{ iceParameters: Caller["media"]["sendTransport"]["iceParameters"] }>(
        "sfu:restart-ice",
        { transportId: before },
      );
      await transport.restartIce({ iceParameters });
      await until("the connection again", () => transport.connectionState === "connected");
      await flows("the camera after the restart", consumer.watch);
    }
  });

  // Node's WebRTC sends a single layer whatever it is asked for; the layers are looked at in real browsers.
  for (const name of ["VP9", "AV1"]) {
    test(`${name}, also as one stream of many layers`, async () => {
      const codec = ada.codec(`video/${name}`);
      const plain = await bo.consume((await ada.produce("camera", keep(picture(320, 180)), { codec })).id);
      assert.equal(plain.type, "simple");
      await flows(`the ${name} camera`, plain.watch);
      const options = { codec, encodings: [{ scalabilityMode: "L3T3_KEY" }] };
      const layered = await bo.consume((await ada.produce("screen", keep(picture(320, 180)), options)).id);
      assert.equal(layered.type, "svc");
      await flows(`the ${name} screen`, layered.watch);
    });
  }

  test("another layer of a simulcast", () => switchesLayers(ada, bo, keep(picture(640, 360))));

  test("closed transports end the media; the peer stays and may join again", async () => {
    const producer = await ada.produce("mic", keep(tone()));
    await flows("the microphone", (await bo.consume(producer.id)).watch);
    ada.closeMedia();
    await until("its end", () => bo.line.payloads("sfu:producer-closed")[0]?.["producerId"] === producer.id);
    assert.equal(bo.line.payloads("peer:left").length, 0);
    await ada.joinMedia();
    const again = await ada.produce("mic", keep(tone()));
    await flows("the microphone again", (await bo.consume(again.id)).watch);
  });

  test("a connection that comes back within ten seconds keeps its media", async () => {
    const producer = await ada.produce("mic", keep(tone()));
    const consumer = await bo.consume(producer.id);
    await flows("the microphone", consumer.watch);
    const { socket } = ada.line;
    const back = new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    socket.io.reconnection(true);
    socket.io.engine.close();
    await back;
    assert.equal(socket.recovered, true);
    await flows("the microphone after the break", consumer.watch);
    assert.equal(bo.line.payloads("sfu:producer-closed").length, 0);
    await ada.ask("sfu:pause-producer", { producerId: producer.id });
  });
});
