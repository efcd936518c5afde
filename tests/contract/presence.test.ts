// Who is in a room, what they show, and what they send each other (contract, section 4).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Line, Person, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

type Peer = {
  peerId: string;
  userInfo: { id: string; username: string; guest: boolean; host: boolean };
  state: Record<string, boolean>;
};

describe("people in a room", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  const open: Line[] = [];

  const keep = (line: Line): Line => {
    open.push(line);
    return line;
  };
  const guest = async (guestName: string): Promise<Line> => keep(await Line.open(server, { auth: { guestName } }));

  before(async () => {
    server = await Server.start();
    host = await Person.register(server, "host");
    room = await host.createRoom("Standup");
  });
  after(async () => {
    for (const line of open) line.close();
    await server.stop();
  });

  test("room:joined has all that the page needs, and each sees the other", async () => {
    const ada = keep(await host.connect());
    const joined = (await ada.call("join:room", { roomCode: room.slug })) as Record<string, unknown>;
    assert.equal(joined["roomId"], room.id);
    assert.equal(joined["peerId"], ada.socket.id);
    assert.deepEqual(joined["peers"], []);
    assert.equal(joined["mode"], "p2p");
    assert.match(JSON.stringify(joined["routerRtpCapabilities"]), /"mimeType":"audio\/opus"/);
    assert.deepEqual(joined["messages"], []);
    assert.match(JSON.stringify(joined["iceServers"]), /stun:localhost:\d+/);
    assert.equal((joined["room"] as { peerCount: number }).peerCount, 1);

    const bo = await guest("  Bo  ");
    const seen = await bo.join(room.slug);
    const [adaAsSeen] = seen.peers as unknown as Peer[];
    assert.deepEqual(adaAsSeen, {
      peerId: ada.socket.id,
      userInfo: { id: host.id, username: host.username, guest: false, host: true },
      state: { audio: false, video: false, screen: false, handRaised: false },
    });
    const boAsSeen = await until("the host to see the guest", () => ada.payloads<Peer>("peer:joined")[0]);
    assert.equal(boAsSeen.peerId, bo.socket.id);
    assert.equal(boAsSeen.userInfo.username, "Bo");
    assert.equal(boAsSeen.userInfo.guest, true);
    assert.equal(boAsSeen.userInfo.host, false);

    await bo.call("peer:update", { audio: true, handRaised: true });
    const updated = await until("the update", () => ada.payloads<Peer>("peer:updated")[0]);
    assert.deepEqual(updated.state, { audio: true, video: false, screen: false, handRaised: true });
    assert.equal(bo.payloads("peer:updated").length, 0, "nobody hears of their own update");

    await bo.call("peer:reaction", { emoji: "🎉" });
    await until("the reaction", () => ada.payloads<{ emoji: string }>("peer:reaction")[0]?.emoji === "🎉");
    await bo.call("chat:typing", { typing: true });
    await until("the typing", () => ada.payloads<{ typing: boolean }>("chat:typing")[0]?.typing);

    await bo.call("leave:room");
    const left = await until("the leaving", () => ada.payloads<{ peerId: string; reason: string }>("peer:left")[0]);
    assert.deepEqual(left, { peerId: bo.socket.id, reason: "left" });
    assert.equal((await bo.call("peer:update", { audio: true })).error?.code, "NOT_IN_ROOM");
    await ada.call("leave:room");
  });

  test("without a callback the reply is an event, and so is a failure", async () => {
    const line = await guest("Eve");
    line.socket.emit("join:room", { roomCode: room.slug });
    await until("room:joined", () => line.payloads("room:joined")[0]);
    line.socket.emit("join:room", { roomCode: "no-such-room" });
    const failure = await until("error", () => line.payloads("error")[0]);
    assert.equal(failure["code"], "ROOM_NOT_FOUND");
    assert.equal(failure["event"], "join:room");
    await line.call("leave:room");
  });

  test("descriptions and candidates reach the one they are for, and nobody else", async () => {
    const [a, b, c] = await Promise.all([guest("A"), guest("B"), guest("C")]);
    for (const line of [a, b, c]) await line.join(room.slug);
    const targetPeerId = b.socket.id;
    const offer = { type: "offer", sdp: "v=0\r\n", sources: { "0": "mic" } };
    assert.deepEqual(await a.call("webrtc:offer", { targetPeerId, offer }), {});
    await a.call("webrtc:ice", { targetPeerId, candidate: { candidate: "candidate:1", sdpMid: "0" } });
    await a.call("webrtc:ice", { targetPeerId, candidate: null });
    await until("the candidates", () => b.payloads("webrtc:ice").length === 2);
    assert.deepEqual(b.payloads("webrtc:offer"), [{ targetPeerId, offer, fromPeerId: a.socket.id }]);
    assert.deepEqual(
      b.payloads("webrtc:ice").map((ice) => ice["candidate"]),
      [{ candidate: "candidate:1", sdpMid: "0" }, null],
    );
    await b.call("webrtc:answer", { targetPeerId: a.socket.id, answer: { type: "answer", sdp: "v=0\r\n" } });
    await until("the answer", () => a.payloads("webrtc:answer").length === 1);
    assert.equal(c.events.filter((event) => event.name.startsWith("webrtc:")).length, 0);
    for (const line of [a, b, c]) await line.call("leave:room");
  });

  test("one account may be in a room several times, each its own peer", async () => {
    const [first, second] = await Promise.all([host.connect(), host.connect()]);
    keep(first);
    keep(second);
    await first.join(room.slug);
    const joined = await second.join(room.slug);
    assert.equal(joined.peers.length, 1);
    assert.notEqual(first.socket.id, second.socket.id);
    await first.call("leave:room");
    await second.call("leave:room");
  });

  test("a new name is shown to the others", async () => {
    const person = await Person.register(server, "old");
    const line = keep(await person.connect());
    await line.join(room.slug);
    const watcher = await guest("Watcher");
    await watcher.join(room.slug);
    const username = `new-${person.id.slice(-8)}`;
    assert.equal((await person.ask("PATCH", "/api/users/me", { username })).status, 200);
    const updated = await until("the new name", () => watcher.payloads<Peer>("peer:updated").at(-1));
    assert.equal(updated.userInfo.username, username);
    await line.call("leave:room");
    await watcher.call("leave:room");
  });

  test("a new room name reaches everyone; a deleted room closes for everyone", async () => {
    const doomed = await host.createRoom("Doomed");
    const line = await guest("Gus");
    await line.join(doomed.slug);
    assert.equal((await host.ask("PATCH", `/api/rooms/${doomed.slug}`, { name: "Renamed" })).status, 200);
    await until("the new name", () => line.payloads<{ room: Room }>("room:updated").at(-1)?.room.name === "Renamed");
    assert.equal((await host.ask("DELETE", `/api/rooms/${doomed.slug}`)).status, 204);
    const closed = await until("room:closed", () => line.payloads("room:closed")[0]);
    assert.equal(closed["reason"], "deleted");
    assert.equal((await line.call("chat:send", { content: "hello?", clientId: "1" })).error?.code, "NOT_IN_ROOM");
  });
});
