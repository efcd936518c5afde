// One room on two media workers: who is on one sees and hears who is on the other, through a pipe between them.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { metric, Server } from "../support/server.ts";
import { Caller, flows } from "./caller.ts";
import { switchesLayers } from "./layer_switches.ts";
import { picture, type Source, tone } from "./tracks.ts";

describe("a room on two media workers", { timeout: 180_000 }, () => {
  let server: Server;
  // Ada and Cy are on one worker, Bo is on the other.
  let ada: Caller;
  let bo: Caller;
  let cy: Caller;
  let sources: Source[] = [];
  const keep = (source: Source): MediaStreamTrack => {
    sources.push(source);
    return source.track;
  };
  const pipes = (): Promise<number> => metric(server, "webrtc_chat_sfu_pipes");

  before(async () => {
    server = await Server.start({
      RTC_P2P_MAX_PEERS: "0",
      RTC_ANNOUNCED_IP: "127.0.0.1",
      RTC_WORKERS: "2",
      RTC_WORKER_PEERS: "1",
    });
  });
  after(() => server.stop());

  beforeEach(async () => {
    const room = await (await Person.register(server, "host")).createRoom();
    ada = await Caller.enter(server, room.slug, "Ada");
    bo = await Caller.enter(server, room.slug, "Bo");
    cy = await Caller.enter(server, room.slug, "Cy");
    const ports = [ada, bo, cy].map((caller) => caller.media.sendTransport.iceCandidates[0]?.port);
    assert.equal(ports[0], ports[2]);
    assert.notEqual(ports[0], ports[1]);
  });
  afterEach(async () => {
    for (const caller of [ada, bo, cy]) caller.close();
    for (const source of sources) source.stop();
    sources = [];
    for (const kind of ["transports", "producers", "consumers", "pipes"]) {
      await until(`no ${kind} left`, async () => (await metric(server, `webrtc_chat_sfu_${kind}`)) === 0);
    }
  });

  test("everyone sees and hears everyone", async () => {
    const callers = [ada, bo, cy];
    const producers = await Promise.all(
      callers.map(async (caller) => ({
        mic: (await caller.produce("mic", keep(tone()))).id,
        camera: (await caller.produce("camera", keep(picture(320, 180)))).id,
      })),
    );
    for (const [i, caller] of callers.entries()) {
      for (const [j, producer] of producers.entries()) {
        if (i === j) continue;
        await flows(`the camera of ${j} at ${i}`, (await caller.consume(producer.camera)).watch);
        await flows(`the microphone of ${j} at ${i}`, (await caller.consume(producer.mic)).watch);
      }
    }
    assert.equal(await pipes(), 6, "each of three people's two producers crosses once");
    const dropped = 'webrtc_chat_datagrams_dropped_total{reason="pipe_full"}';
    assert.equal(await metric(server, dropped), 0);
  });

  test("everyone is told once who speaks, wherever they are", async () => {
    for (const caller of [bo, cy]) {
      const mic = await caller.produce("mic", keep(tone()));
      for (const { line } of [ada, bo, cy]) {
        await until("the speaker", () => {
          const told = { peerIds: [caller.peerId], dominant: caller.peerId };
          return line.payloads("sfu:active-speakers").some((one) => isDeepStrictEqual(one, told));
        });
      }
      await caller.ask("sfu:close-producer", { producerId: mic.id });
      await until("silence", () => {
        const told = ada.line.payloads<{ peerIds: string[]; dominant: string | null }>("sfu:active-speakers").at(-1);
        return told?.peerIds.length === 0;
      });
    }
    for (const { line } of [ada, bo, cy]) {
      const told = line.payloads("sfu:active-speakers");
      const again = told.filter((one, i) => i > 0 && isDeepStrictEqual(one, told[i - 1]));
      assert.deepEqual(again, [], "nothing is told twice");
    }
  });

  test("layers are switched, and unwatched ones end, across the pipe", () => switchesLayers(ada, bo, keep(picture(640, 360))));

  test("pause, resume and close of a producer, and who leaves", async () => {
    const camera = await ada.produce("camera", keep(picture(320, 180)));
    const mic = await ada.produce("mic", keep(tone()));
    const seen = await bo.consume(camera.id);
    const heard = await bo.consume(mic.id);
    await flows("the camera", seen.watch);
    await flows("the microphone", heard.watch);
    assert.equal(await pipes(), 2);

    await ada.ask("sfu:pause-producer", { producerId: camera.id });
    await until("the pause on the other worker", async () => {
      const consumer = (await bo.stats()).consumers.find((one) => one.producerId === camera.id);
      return consumer?.spatialLayer === null;
    });
    await ada.ask("sfu:resume-producer", { producerId: camera.id });
    await flows("the camera after the pause", seen.watch);
    await bo.ask("sfu:pause-consumer", { consumerId: seen.id });
    await bo.ask("sfu:resume-consumer", { consumerId: seen.id });
    await flows("the camera after the consumer's pause", seen.watch);

    await ada.ask("sfu:close-producer", { producerId: camera.id });
    await until("its end", () => bo.line.payloads("sfu:producer-closed")[0]?.["producerId"] === camera.id);
    await until("the pipe's end", async () => (await pipes()) === 1);
    assert.equal((await bo.stats()).consumers.length, 1);

    await ada.line.call("leave:room");
    await until("peer:left", () => bo.line.payloads("peer:left")[0]);
    await until("the other pipe's end", async () => (await pipes()) === 0);
    const other = await cy.produce("camera", keep(picture(320, 180)));
    await flows("another's camera", (await bo.consume(other.id)).watch);
  });
});
