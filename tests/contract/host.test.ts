// The host's powers, the lobby, and who stands in for a host who is away.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Line, Person, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

type Info = { id: string; username: string; guest: boolean; host: boolean };

describe("the host", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  let open: Line[] = [];
  const keep = (line: Line): Line => {
    open.push(line);
    return line;
  };
  const guest = async (guestName: string): Promise<Line> => keep(await Line.open(server, { auth: { guestName } }));
  const fresh = async (settings: object = {}): Promise<Line> => {
    for (const line of open) line.close();
    open = [];
    room = await host.createRoom();
    if (Object.keys(settings).length > 0) await host.ask("PATCH", `/api/rooms/${room.slug}`, settings);
    const line = keep(await host.connect());
    await line.join(room.slug);
    return line;
  };

  before(async () => {
    server = await Server.start();
    host = await Person.register(server, "host");
  });
  after(async () => {
    for (const line of open) line.close();
    await server.stop();
  });

  test("mutes others; nobody else may", async () => {
    const ada = await fresh();
    const bo = await guest("Bo");
    await bo.join(room.slug);
    assert.deepEqual(await ada.call("host:mute", { peerId: bo.socket.id }), {});
    await until("host:muted", () => bo.payloads("host:muted")[0]?.["kind"] === "audio");
    assert.equal((await bo.call("host:mute", { peerId: ada.socket.id })).error?.code, "FORBIDDEN");
    assert.equal(bo.socket.connected, true);
    assert.equal((await ada.call("host:mute", { peerId: "nobody" })).error?.code, "PEER_NOT_FOUND");
  });

  test("who is removed must be admitted to come back, lobby or not", async () => {
    const ada = await fresh();
    const bo = await guest("Bo");
    await bo.join(room.slug);
    await ada.call("host:remove", { peerId: bo.socket.id });
    await until("room:closed", () => bo.payloads("room:closed")[0]?.["reason"] === "removed");
    await until("peer:left", () => ada.payloads("peer:left")[0]?.["reason"] === "removed");

    const again = await guest("Bo");
    const waiting = await again.call("join:room", { roomCode: room.slug });
    assert.deepEqual(waiting, { waiting: true, peerId: again.socket.id });
    await until("the knock", () => ada.payloads("lobby:knock")[0]?.["peerId"] === again.socket.id);
    await ada.call("host:admit", { peerId: again.socket.id });
    await until("room:joined", () => again.payloads("room:joined")[0]);
    again.close();
    const third = await guest("Bo");
    await third.join(room.slug);
  });

  test("lobby: knock, cancel, deny, again too early, admit", async () => {
    const ada = await fresh({ lobby: true });
    const bo = await guest("Bo");
    bo.socket.emit("join:room", { roomCode: room.slug });
    await until("lobby:waiting", () => bo.payloads("lobby:waiting")[0]?.["peerId"] === bo.socket.id);
    const knock = await until("the knock", () => ada.payloads<{ peerId: string; userInfo: Info }>("lobby:knock")[0]);
    assert.equal(knock.userInfo.username, "Bo");
    assert.equal((await bo.call("chat:history", {})).error?.code, "NOT_IN_ROOM");
    await bo.call("leave:room");
    await until("lobby:left", () => ada.payloads("lobby:left")[0]?.["peerId"] === bo.socket.id);

    await bo.call("join:room", { roomCode: room.slug });
    await until("the second knock", () => ada.payloads("lobby:knock").length === 2);
    await ada.call("host:deny", { peerId: bo.socket.id });
    const denied = await until("the denial", () => bo.payloads("error")[0]);
    assert.equal(denied["code"], "LOBBY_DENIED");
    assert.equal(denied["event"], "join:room");
    assert.equal((await bo.call("join:room", { roomCode: room.slug })).error?.code, "LOBBY_DENIED");

    const cy = await guest("Cy");
    await cy.call("join:room", { roomCode: room.slug });
    await ada.call("host:admit", { peerId: cy.socket.id });
    await until("room:joined", () => cy.payloads("room:joined")[0]);
    assert.equal((await ada.call("host:admit", { peerId: cy.socket.id })).error?.code, "PEER_NOT_FOUND");
  });

  test("a host who comes later hears of everyone who waits; switching the lobby off admits them", async () => {
    const ada = await fresh({ lobby: true });
    ada.close();
    const bo = await guest("Bo");
    await bo.call("join:room", { roomCode: room.slug });
    const back = keep(await host.connect());
    await back.join(room.slug);
    await until("the knock", () => back.payloads("lobby:knock")[0]?.["peerId"] === bo.socket.id);
    await host.ask("PATCH", `/api/rooms/${room.slug}`, { lobby: false });
    await until("room:joined", () => bo.payloads("room:joined")[0]);
  });

  test("fifty may wait, the next is told that it is full", async () => {
    await fresh({ lobby: true });
    for (let i = 0; i < 50; i++) {
      const line = await guest(`Guest ${i}`);
      assert.equal((await line.call("join:room", { roomCode: room.slug }))["waiting"], true);
    }
    const late = await guest("Late");
    assert.equal((await late.call("join:room", { roomCode: room.slug })).error?.code, "ROOM_FULL");
  });

  test("while the host is away the first account stands in, and no longer", async () => {
    const ada = await fresh();
    const gus = await guest("Gus");
    await gus.join(room.slug);
    const person = await Person.register(server, "deputy");
    const deputy = keep(await person.connect());
    await deputy.join(room.slug);
    assert.equal((await deputy.call("host:mute", { peerId: gus.socket.id })).error?.code, "FORBIDDEN");
    await ada.call("leave:room");
    const promoted = await until("the deputy to learn it", () =>
      deputy.payloads<{ peerId: string; userInfo?: Info }>("peer:updated").find((update) => update.userInfo?.host),
    );
    assert.equal(promoted.peerId, deputy.socket.id);
    assert.deepEqual(await deputy.call("host:mute", { peerId: gus.socket.id }), {});
    assert.equal((await deputy.call("host:end", {})).error?.code, "FORBIDDEN");
    const back = keep(await host.connect());
    await back.join(room.slug);
    await until("the deputy to step back", () => deputy.payloads<{ userInfo?: Info }>("peer:updated").at(-1)?.userInfo?.host === false);
    assert.equal((await deputy.call("host:mute", { peerId: gus.socket.id })).error?.code, "FORBIDDEN");
  });

  test("hands the room over for good, to an account alone", async () => {
    const ada = await fresh();
    const gus = await guest("Gus");
    await gus.join(room.slug);
    const person = await Person.register(server, "heir");
    const heir = keep(await person.connect());
    await heir.join(room.slug);
    assert.equal((await ada.call("host:transfer", { peerId: gus.socket.id })).error?.code, "FORBIDDEN");
    assert.deepEqual(await ada.call("host:transfer", { peerId: heir.socket.id }), {});
    const updated = await until("room:updated", () => gus.payloads<{ room: Room }>("room:updated")[1]);
    assert.equal(updated.room.hostId, person.id);
    assert.equal((await ada.call("host:end", {})).error?.code, "FORBIDDEN");
    assert.deepEqual(await heir.call("host:end", {}), {});
    for (const line of [ada, gus, heir]) {
      await until("room:closed", () => line.payloads("room:closed")[0]?.["reason"] === "ended");
    }
    await gus.join(room.slug);
  });
});
