// Broken connections: what the others see, and what the one who comes back gets.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Line, Person, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

describe("a broken connection", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  before(async () => {
    server = await Server.start();
    host = await Person.register(server, "host");
    room = await host.createRoom();
  });
  after(() => server.stop());

  /** Cuts the transport as a network would; the client's own reconnection is off. */
  const cut = async (line: Line): Promise<void> => {
    line.socket.io.engine.close();
    await until("the client to notice", () => line.socket.disconnected);
  };

  async function joinMedia(line: Line): Promise<void> {
    const { codecs, headerExtensions } = (await line.join(room.slug)).routerRtpCapabilities;
    const reply = await line.call("sfu:join", { roomId: room.id, rtpCapabilities: { codecs, headerExtensions } });
    assert.equal(reply.error, undefined, JSON.stringify(reply));
  }

  test("back within ten seconds changes nothing and loses nothing", async () => {
    const ada = await host.connect();
    const bo = await Line.open(server, { auth: { guestName: "Bo" } });
    await ada.join(room.slug);
    const { peerId } = await bo.join(room.slug);
    await joinMedia(bo);
    await ada.call("chat:send", { content: "before", clientId: "1" });
    await until("an event to recover from", () => bo.payloads("chat:message").length === 1);
    await cut(bo);
    await ada.call("chat:send", { content: "meanwhile", clientId: "2" });
    bo.socket.connect();
    await until("the recovery", () => bo.socket.connected);
    assert.equal(bo.socket.recovered, true);
    assert.equal(bo.socket.id, peerId);
    await until("what was missed", () => bo.payloads("chat:message").length === 2);
    assert.deepEqual(ada.payloads("peer:left"), []);
    assert.equal(ada.payloads("peer:joined").length, 1);
    assert.equal(bo.payloads("room:joined").length, 0);
    assert.equal((await bo.call("sfu:stats", {})).error, undefined, "its media is as it was");
    await bo.call("chat:send", { content: "still here", clientId: "3" });
    ada.close();
    bo.close();
  });

  test("after ten seconds the others see it leave; back within two minutes it joins by itself", async () => {
    const ada = await host.connect();
    const bo = await Line.open(server, { auth: { guestName: "Bo" } });
    await ada.join(room.slug);
    const { peerId } = await bo.join(room.slug);
    await joinMedia(bo);
    await ada.call("chat:send", { content: "before", clientId: "4" });
    await until("an event to recover from", () => bo.payloads("chat:message").length === 1);
    await cut(bo);
    const lost = performance.now();
    const left = await until("peer:left", () => ada.payloads("peer:left")[0]);
    assert.deepEqual(left, { peerId, reason: "disconnected" });
    assert.ok(performance.now() - lost > 9_000, "not before ten seconds");
    await host.ask("PATCH", `/api/rooms/${room.slug}`, { locked: true });
    await ada.call("chat:send", { content: "meanwhile", clientId: "5" });
    bo.socket.connect();
    const joined = await until("room:joined", () => bo.payloads("room:joined")[0]);
    assert.equal(joined["peerId"], peerId);
    assert.equal(bo.payloads("chat:message").length, 2);
    assert.equal((await bo.call("sfu:stats", {})).error?.code, "SFU_ERROR", "its media has ended");
    await until("peer:joined", () => ada.payloads("peer:joined").at(-1)?.["peerId"] === peerId);
    await host.ask("PATCH", `/api/rooms/${room.slug}`, { locked: false });
    ada.close();
    bo.close();
  });

  test("somebody alone, who has seen no event but the joining, comes back as the same", async () => {
    const empty = await host.createRoom();
    const bo = await Line.open(server, { auth: { guestName: "Bo" } });
    const { peerId } = await bo.join(empty.slug);
    await until("the greeting", () => bo.payloads("room:updated").length === 1);
    await cut(bo);
    bo.socket.connect();
    await until("the recovery", () => bo.socket.connected);
    assert.equal(bo.socket.recovered, true);
    assert.equal(bo.socket.id, peerId);
    assert.equal((await bo.call("peer:update", { audio: true })).error, undefined);
    bo.close();
  });

  test("who goes on purpose is gone at once", async () => {
    const ada = await host.connect();
    const bo = await Line.open(server, { auth: { guestName: "Bo" } });
    await ada.join(room.slug);
    const { peerId } = await bo.join(room.slug);
    bo.close();
    const left = await until("peer:left", () => ada.payloads("peer:left")[0], 2_000);
    assert.deepEqual(left, { peerId, reason: "left" });
    ada.close();
  });
});
