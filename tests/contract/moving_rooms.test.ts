// A server that stops hands its rooms over: they go on at another one, with everyone in them.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Cluster } from "../support/cluster.ts";
import { ask } from "../support/http.ts";
import { type Line, Person, type Room } from "../support/person.ts";
import { until, within } from "../support/poll.ts";
import { metric, type Server } from "../support/server.ts";
import { insist, lead, nextLoss, said, stay } from "../support/stayer.ts";

type Peer = { peerId: string; userInfo: { username: string; host: boolean }; state: { audio: boolean; handRaised: boolean } };

describe("the home of a room stops", () => {
  let cluster: Cluster;
  let host: Person;
  let room: Room;
  let lines: Line[] = [];
  const server = (index: number): Server => cluster.servers[index] as Server;
  beforeEach(async () => {
    cluster = await Cluster.start(3, { RTC_P2P_MAX_PEERS: "10" });
    host = await Person.register(server(0), "host");
    room = await host.createRoom();
  });
  afterEach(async () => {
    for (const line of lines) line.close();
    lines = [];
    await cluster.stop();
  });

  const keep = (line: Line): Line => {
    lines.push(line);
    return line;
  };
  const hostAt = async (index: number): Promise<Line> => keep(await stay(server(index), room, { extraHeaders: { cookie: host.cookie } }));
  const guestAt = async (index: number, guestName: string): Promise<Line> => keep(await stay(server(index), room, { auth: { guestName } }));
  const home = (): Promise<string> => cluster.redis.ask("GET", `webrtc-chat:home:${room.id}`);
  const reasons = (line: Line, name: string): unknown[] => line.payloads<{ reason: unknown }>(name).map(({ reason }) => reason);
  /** Whether it had to come back or not, it is who it was. */
  async function isThere(line: Line, id: string | undefined): Promise<void> {
    await until("the return", () => line.socket.connected);
    assert.equal(line.socket.id, id);
  }
  const joins = (people: readonly Line[]): number[] => people.map((line) => line.payloads("peer:joined").length);
  /** Until each of them has seen those come who came later. */
  const assemble = async (people: readonly Line[]): Promise<void> => {
    await until("all to see each other", () => joins(people).every((count, index) => count === people.length - 1 - index));
  };
  /** Since then nobody has seen anybody come or go, nor the room end. */
  const assertQuiet = (people: readonly Line[]): void => {
    assert.deepEqual(joins(people), people.map((_, index) => people.length - 1 - index));
    for (const name of ["peer:left", "room:closed", "room:joined"]) {
      for (const line of people) assert.deepEqual(line.payloads(name), []);
    }
  };

  /** All of them say something all the time while `happens`; then everyone has heard all of it, once and in one order. */
  async function whileTalking(people: readonly Line[], happens: () => Promise<void>): Promise<void> {
    let isOver = false;
    let stored = 0;
    const talk = async (line: Line, who: number): Promise<void> => {
      for (let i = 0; !isOver; i++) {
        await insist(line, `${who}-${i}`);
        stored++;
      }
    };
    const talks = people.map(talk);
    try {
      await until("the talk", () => people.every((line) => said(line).length > 20));
      await happens();
      const before = stored;
      await until("more talk", () => stored > before + 20);
    } finally {
      isOver = true;
      await Promise.all(talks);
    }
    for (const line of people) await until("all that was said", () => said(line).length >= stored);
    const [first, ...others] = people.map(said);
    assert.equal(new Set(first).size, first?.length, "nothing twice");
    for (const other of others) assert.deepEqual(other, first);
  }

  test("in the middle of a talk: everyone goes on as who they are, and misses nothing", async () => {
    const ada = await hostAt(0);
    const bo = await guestAt(1, "Bo");
    const cy = await guestAt(2, "Cy");
    const di = await guestAt(0, "Di");
    // Who asks for nothing must learn of the new home, too.
    const silent = [await guestAt(1, "Ed"), await guestAt(2, "Fy")];
    const people = [ada, bo, cy, di, ...silent];
    const ids = people.map((line) => line.socket.id);
    await bo.call("peer:update", { handRaised: true });
    await di.call("peer:update", { handRaised: true, audio: true });
    await assemble(people);
    assert.match(await home(), /^node-1\./);
    await whileTalking([ada, bo, cy, di], async () => {
      lead(ada, server(1));
      lead(di, server(2));
      const losses = [ada, di].map(nextLoss);
      const stopped = server(0).kill("SIGTERM");
      await within("the losses", Promise.all(losses));
      await isThere(ada, ids[0]);
      await isThere(di, ids[3]);
      assert.equal((await stopped).code, 0);
    });
    assert.match(await home(), /^node-[23]\./);
    for (const line of silent) await until("all that was said", () => said(line).length === said(ada).length);
    for (const line of silent) assert.deepEqual(said(line), said(ada));
    assertQuiet(people);
    assert.deepEqual(people.map((line) => line.socket.id), ids);

    assert.equal((await ada.call("host:mute", { peerId: ids[2] })).error, undefined, "still the host");
    await until("host:muted", () => cy.payloads("host:muted").length === 1);
    assert.equal((await bo.call("host:mute", { peerId: ids[2] })).error?.code, "FORBIDDEN");
    const late = await guestAt(2, "Late");
    const { peers } = (await late.call("join:room", { roomCode: room.slug })) as unknown as { peers: Peer[] };
    assert.deepEqual(
      peers.slice(0, 4).map((peer) => [peer.peerId, peer.userInfo.host, peer.state.audio, peer.state.handRaised]),
      [[ids[0], true, false, false], [ids[1], false, false, true], [ids[2], false, false, false], [ids[3], false, true, true]],
    );
    di.close();
    await until("peer:left", () => reasons(bo, "peer:left").length === 1);
    assert.equal((await ada.call("host:end", {})).error, undefined);
    for (const line of [bo, cy, late]) await until("the end", () => reasons(line, "room:closed")[0] === "ended");
  });

  test("who was removed must still be admitted, and who waits still waits", async () => {
    const ada = await hostAt(0);
    const bo = await guestAt(1, "Bo");
    assert.equal((await ada.call("host:remove", { peerId: bo.socket.id })).error, undefined);
    await until("the removal", () => reasons(bo, "room:closed")[0] === "removed");
    const waits = { waiting: true, peerId: bo.socket.id };
    assert.deepEqual(await bo.call("join:room", { roomCode: room.slug }), waits);
    await host.ask("PATCH", `/api/rooms/${room.slug}`, { lobby: true });
    await until("the lobby", () => ada.payloads<{ room: { lobby: boolean } }>("room:updated").at(-1)?.room.lobby);
    const cy = await guestAt(0, "Cy");
    const di = await guestAt(2, "Di");
    await until("the knocks", () => ada.payloads("lobby:knock").length === 3);
    assert.equal((await ada.call("host:deny", { peerId: di.socket.id })).error, undefined);
    await until("the denial", () => di.payloads("error").length === 1);
    await until("an event to come back from", () => cy.payloads("room:updated").length === 1);
    const knocks = ada.payloads("lobby:knock").length;

    const ids = [ada, cy].map((line) => line.socket.id);
    for (const line of [ada, cy]) lead(line, server(2));
    const losses = [ada, cy].map(nextLoss);
    await server(0).kill("SIGTERM");
    await within("the losses", Promise.all(losses));
    await isThere(ada, ids[0]);
    await isThere(cy, ids[1]);
    assert.equal((await di.call("join:room", { roomCode: room.slug })).error?.code, "LOBBY_DENIED");
    for (const line of [bo, cy]) {
      assert.deepEqual(line.payloads("room:joined"), []);
      assert.equal((await ada.call("host:admit", { peerId: line.socket.id })).error, undefined);
      await until("room:joined", () => line.payloads("room:joined").length === 1);
    }
    assert.equal(ada.payloads("lobby:knock").length, knocks, "nobody has knocked again");
    await until("both", () => ada.payloads("peer:joined").length === 3);
  });

  test("a ban of somebody holds in an empty room too", async () => {
    const ada = await hostAt(0);
    const bo = await guestAt(1, "Bo");
    assert.equal((await ada.call("host:remove", { peerId: bo.socket.id })).error, undefined);
    await ada.call("leave:room");
    ada.close();
    await server(0).kill("SIGTERM");
    assert.match(await home(), /^node-[23]\./);
    assert.deepEqual(await bo.call("join:room", { roomCode: room.slug }), { waiting: true, peerId: bo.socket.id });
  });

  test("all servers are restarted one after the other: nobody notices", async () => {
    const people = [await hostAt(0), await guestAt(1, "Bo"), await guestAt(2, "Cy"), await guestAt(0, "Di")];
    const ids = people.map((line) => line.socket.id);
    const places = [0, 1, 2, 0];
    await assemble(people);
    await whileTalking(people, async () => {
      for (const stopping of [0, 1, 2]) {
        const next = (stopping + 1) % 3;
        const moved = people.filter((_, index) => places[index] === stopping);
        for (const line of moved) lead(line, server(next));
        const losses = moved.map(nextLoss);
        await server(stopping).kill("SIGTERM");
        await within("the losses", Promise.all(losses));
        for (const [index, line] of people.entries()) await isThere(line, ids[index]);
        for (const [index, place] of places.entries()) if (place === stopping) places[index] = next;
        cluster.servers[stopping] = await server(stopping).startAgain();
        await cluster.together();
      }
    });
    assertQuiet(people);
  });

  test("two servers stop at once: the third has the room, with everyone in it", async () => {
    const people = [await hostAt(0), await guestAt(1, "Bo"), await guestAt(2, "Cy"), await guestAt(1, "Di")];
    const ids = people.map((line) => line.socket.id);
    await assemble(people);
    await whileTalking(people, async () => {
      for (const line of people) lead(line, server(2));
      const losses = [0, 1, 3].map((index) => nextLoss(people[index] as Line));
      await Promise.all([server(0).kill("SIGTERM"), server(1).kill("SIGTERM")]);
      await within("the losses", Promise.all(losses));
      for (const [index, line] of people.entries()) await isThere(line, ids[index]);
    });
    assert.match(await home(), /^node-3\./);
    assertQuiet(people);
  });

  for (const place of ["the room's new home", "another server"]) {
    test(`somebody is on the way from a server that stopped, and the room moves: they go on at ${place}`, async () => {
      const fourth = await cluster.add();
      await cluster.together();
      await hostAt(0);
      const bo = await guestAt(1, "Bo");
      const cy = await guestAt(2, "Cy");
      await insist(cy, "something to come back from");
      await until("it", () => said(bo).length === 1);
      const id = bo.socket.id;
      bo.socket.io.reconnection(false);
      await server(1).kill("SIGTERM");
      await insist(cy, "before the move");
      await server(0).kill("SIGTERM");
      assert.match(await home(), /^node-3\./, "where most of its people are");
      await insist(cy, "after the move");
      lead(bo, place === "another server" ? fourth : server(2));
      bo.socket.connect();
      await isThere(bo, id);
      assert.equal(bo.socket.recovered, true);
      await insist(bo, "back");
      await until("it", () => said(bo).length === 4);
      assert.deepEqual(said(bo), said(cy));
      assert.deepEqual(cy.payloads<{ peerId: string }>("peer:left").filter((left) => left.peerId === id), []);
    });
  }

  test("a server stops that somebody of another comes to at that moment: it goes on at the next", async () => {
    const ada = await hostAt(2);
    const bo = await guestAt(0, "Bo");
    await insist(ada, "something to come back from");
    await until("it", () => said(bo).length === 1);
    const id = bo.socket.id;
    lead(bo, server(1));
    let attempts = 0;
    // The client finds no peace at the second server, whichever way that ends.
    for (const name of ["reconnect_attempt", "reconnect"] as const) {
      bo.socket.io.on(name, () => {
        if (attempts++ === 0) server(1).signal("SIGTERM");
        lead(bo, server(2));
      });
    }
    const stopped = server(1).exited;
    await server(0).kill("SIGTERM");
    await within("the end of the second", stopped);
    await until("the return", () => bo.socket.connected);
    assert.equal(bo.socket.id, id);
    await insist(ada, "still there?");
    await until("the word", () => said(bo).length === 2);
    assert.deepEqual(ada.payloads("peer:left"), []);
  });

  test("who is away at that time has its 10 s, and its two minutes", async () => {
    const ada = await hostAt(1);
    await ada.call("leave:room");
    const bo = await guestAt(0, "Bo");
    await ada.call("join:room", { roomCode: room.slug });
    await until("an event to come back from", () => bo.payloads("peer:joined").length === 1);
    const id = bo.socket.id;
    bo.socket.io.reconnection(false);
    const loss = nextLoss(bo);
    bo.socket.io.engine.close();
    await within("the loss", loss);
    const lost = performance.now();
    await until("the server to notice", async () => (await metric(server(0), "webrtc_chat_http_connections")) <= 1);
    await server(0).kill("SIGTERM");
    assert.deepEqual(ada.payloads("peer:left"), []);
    await until("peer:left", () => ada.payloads("peer:left").length === 1);
    const seconds = (performance.now() - lost) / 1000;
    assert.ok(seconds > 9 && seconds < 13, `left after ${seconds} s`);
    assert.deepEqual(ada.payloads("peer:left"), [{ peerId: id, reason: "disconnected" }]);
    await insist(ada, "meanwhile");
    lead(bo, server(2));
    bo.socket.connect();
    await isThere(bo, id);
    await until("the room again", () => bo.payloads("room:joined").length === 1);
    await until("peer:joined", () => ada.payloads<{ peerId: string }>("peer:joined").some(({ peerId }) => peerId === id));
    assert.deepEqual(said(bo), ["meanwhile"]);
  });

  test("drained: its rooms move while its people stay connected, and it stops when they have gone", async () => {
    const ada = await hostAt(0);
    const bo = await guestAt(1, "Bo");
    const di = await guestAt(0, "Di");
    const people = [ada, bo, di];
    const ids = people.map((line) => line.socket.id);
    await assemble(people);
    await whileTalking(people, async () => {
      assert.equal((await ask(`${server(0).url}/api/admin/drain`, { method: "POST" })).status, 202);
      await until("the move", async () => /^node-2\./.test(await home()));
    });
    assertQuiet(people);
    assert.deepEqual(people.map((line) => line.socket.id), ids);
    assert.equal(await metric(server(0), "webrtc_chat_sockets_sent_out"), 2);
    ada.close();
    di.close();
    await within("its end", server(0).exited);
    await until("peer:left", () => bo.payloads("peer:left").length === 2);
  });

  test("media through it ends, and begins anew where the room goes on, still through the SFU", async () => {
    const ada = await hostAt(0);
    const bo = await guestAt(1, "Bo");
    const { codecs, headerExtensions } = (await ada.join(room.slug)).routerRtpCapabilities;
    const joining = { roomId: room.id, rtpCapabilities: { codecs, headerExtensions } };
    assert.equal((await ada.call("host:mode", { mode: "sfu" })).error, undefined);
    const { sendTransport } = (await ada.call("sfu:join", joining)) as unknown as { sendTransport: { id: string } };
    const transportId = sendTransport.id;
    const opus = { mimeType: "audio/opus", payloadType: 96, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] };
    const rtpParameters = { mid: "0", codecs: [opus], headerExtensions: [], encodings: [{ ssrc: 1_000 }], rtcp: { cname: "ada" } };
    const produced = await ada.call("sfu:produce", { transportId, kind: "audio", rtpParameters, appData: { source: "mic" } });
    const { producerId } = produced;
    await until("its producer", () => bo.payloads("sfu:producer-created").length === 1);

    const id = ada.socket.id;
    lead(ada, server(2));
    const loss = nextLoss(ada);
    await server(0).kill("SIGTERM");
    await within("the loss", loss);
    await isThere(ada, id);
    for (const line of [ada, bo]) assert.deepEqual(line.payloads("sfu:producer-closed"), [{ producerId }]);
    assert.equal((await ada.call("sfu:restart-ice", { transportId })).error?.code, "SFU_ERROR");
    const again = (await ada.call("sfu:join", joining)) as unknown as { sendTransport: { id: string }; producers: unknown[] };
    assert.deepEqual(again.producers, []);
    assert.notEqual(again.sendTransport.id, transportId);
    assert.equal(((await bo.join(room.slug)) as unknown as { mode: string }).mode, "sfu");
  });

  test("nobody takes its room: its people are told, and come back as new ones", async () => {
    await Promise.all([server(1).kill("SIGTERM"), server(2).kill("SIGTERM")]);
    const ada = await hostAt(0);
    ada.socket.io.reconnection(false);
    await server(0).kill("SIGTERM");
    assert.deepEqual(reasons(ada, "room:closed"), ["shutdown"]);
  });
});
