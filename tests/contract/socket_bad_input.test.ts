// Socket.IO refuses what the contract refuses (docs/protocol/signalling.md), and nobody reaches a
// peer of another room.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import { Bystander } from "../support/bystander.ts";
import { ask, json } from "../support/http.ts";
import { type Joined, Line, Person, type Reply, type Room } from "../support/person.ts";
import { until, within } from "../support/poll.ts";
import { Server } from "../support/server.ts";

const sdp = (size: number) => ({ type: "offer", sdp: "x".repeat(size) });

describe("Socket.IO refuses", () => {
  let server: Server;
  let bystander: Bystander;
  let ada: Person;
  let room: Room;
  let line: Line;
  let other: Line;
  let joined: Joined;
  let otherJoined: Joined;

  before(async () => {
    server = await Server.start();
    bystander = await Bystander.start(server);
    ada = await Person.register(server, "ada");
    room = await ada.createRoom();
    line = await ada.connect();
    joined = await line.join(room.slug);
    other = await (await Person.register(server, "bob")).connect();
    otherJoined = await other.join(room.slug);
  });
  after(async () => {
    line.close();
    other.close();
    await bystander.stop();
    await server.stop();
  });

  const rows: readonly (readonly [string, string, unknown, string])[] = [
    ["an unknown event", "room:destroy", {}, "VALIDATION_ERROR"],
    ["a payload that is text", "join:room", "abc-defg-hij", "VALIDATION_ERROR"],
    ["a payload that is a list", "join:room", ["abc-defg-hij"], "VALIDATION_ERROR"],
    ["a payload that is null", "join:room", null, "VALIDATION_ERROR"],
    ["a room code that is a number", "join:room", { roomCode: 7 }, "VALIDATION_ERROR"],
    ["an unknown field", "join:room", { roomCode: "abc-defg-hij", admin: true }, "VALIDATION_ERROR"],
    ["an unknown room", "join:room", { roomCode: "zzz-zzzz-zzz" }, "ROOM_NOT_FOUND"],
    ["a state that is null", "peer:update", null, "VALIDATION_ERROR"],
    ["a state that is text", "peer:update", { audio: "on" }, "VALIDATION_ERROR"],
    ["a chat message of 100 kB", "chat:send", { content: "x".repeat(100_000), clientId: "a" }, "VALIDATION_ERROR"],
    ["a chat message of 4001", "chat:send", { content: "x".repeat(4001), clientId: "a" }, "VALIDATION_ERROR"],
    ["a chat message of blanks", "chat:send", { content: " \n\t ", clientId: "a" }, "VALIDATION_ERROR"],
    ["a chat message with U+0000", "chat:send", { content: "a\u0000b", clientId: "a" }, "VALIDATION_ERROR"],
    ["a chat message without clientId", "chat:send", { content: "a" }, "VALIDATION_ERROR"],
    ["a clientId of 65", "chat:send", { content: "a", clientId: "x".repeat(65) }, "VALIDATION_ERROR"],
    ["a forged author", "chat:send", { content: "a", clientId: "a", userId: "someone" }, "VALIDATION_ERROR"],
    ["typing that is a number", "chat:typing", { typing: 1 }, "VALIDATION_ERROR"],
    ["history before nothing", "chat:history", { before: 7 }, "VALIDATION_ERROR"],
    ["a history of 101", "chat:history", { limit: 101 }, "VALIDATION_ERROR"],
    ["an offer to nobody", "webrtc:offer", { targetPeerId: "nobody", offer: sdp(10) }, "PEER_NOT_FOUND"],
    ["an offer without a target", "webrtc:offer", { offer: sdp(10) }, "VALIDATION_ERROR"],
    ["an offer that is text", "webrtc:offer", { targetPeerId: "nobody", offer: "v=0" }, "VALIDATION_ERROR"],
    ["a forged sender", "webrtc:offer", { targetPeerId: "nobody", fromPeerId: "x", offer: sdp(10) }, "VALIDATION_ERROR"],
    ["a candidate that is a list", "webrtc:ice", { targetPeerId: "nobody", candidate: [] }, "VALIDATION_ERROR"],
  ];
  for (const [name, event, payload, code] of rows) {
    test(`${name} with ${code}, to a callback and without one`, async () => {
      const reply = await line.call(event, payload);
      assert.equal(reply.error?.code, code, JSON.stringify(reply));
      assert.ok(reply.error?.message);
      const seen = line.payloads("error").length;
      line.socket.emit(event, payload);
      await until("the event error", () => line.payloads("error").length > seen);
      assert.equal(line.payloads<{ code: string; event: string }>("error").at(-1)?.code, code);
      assert.equal(line.payloads<{ code: string; event: string }>("error").at(-1)?.event, event);
    });
  }

  test("U+0000 and lone surrogates, and names their fields", async () => {
    const reply = await line.call("chat:send", { content: "a\ud800", clientId: "b\u0000" });
    assert.equal(reply.error?.code, "VALIDATION_ERROR");
    assert.deepEqual(reply.error.details?.map(({ field }) => field), ["content", "clientId"]);
  });

  test("SDP over 65 536 bytes and candidates over 2048, which never arrive", async () => {
    const target = { targetPeerId: otherJoined.peerId };
    const tooLarge: readonly (readonly [string, object])[] = [
      ["webrtc:offer", { ...target, offer: sdp(65_537) }],
      ["webrtc:answer", { ...target, answer: { type: "answer", sdp: "x".repeat(65_537) } }],
      ["webrtc:ice", { ...target, candidate: { candidate: "x".repeat(2049), sdpMid: "0" } }],
    ];
    for (const [event, payload] of tooLarge) {
      assert.equal((await line.call(event, payload)).error?.code, "VALIDATION_ERROR", event);
    }
    assert.equal((await line.call("webrtc:offer", { ...target, offer: sdp(60_000) })).error, undefined);
    const offers = await until("the offer that fits", () => {
      const seen = other.payloads<{ fromPeerId: string; offer: { sdp: string } }>("webrtc:offer");
      return seen.length > 0 && seen;
    });
    assert.deepEqual(offers.map((offer) => [offer.fromPeerId, offer.offer.sdp.length]), [[joined.peerId, 60_000]]);
    assert.deepEqual(other.payloads("webrtc:answer"), []);
    assert.deepEqual(other.payloads("webrtc:ice"), []);
  });

  test("a peer of another room, for every event that names one", async () => {
    const eve = await Person.register(server, "eve");
    const eveLine = await eve.connect();
    await eveLine.join((await eve.createRoom()).slug);
    const target = { targetPeerId: joined.peerId };
    const attempts: readonly (readonly [string, object])[] = [
      ["webrtc:offer", { ...target, offer: sdp(100) }],
      ["webrtc:answer", { ...target, answer: { type: "answer", sdp: "x" } }],
      ["webrtc:ice", { ...target, candidate: null }],
      ["call:path", { ...target, mode: "p2p" }],
      ["host:mute", { peerId: joined.peerId }],
      ["host:remove", { peerId: joined.peerId }],
      ["room:request-sfu", { peerId: joined.peerId }],
    ];
    for (const [event, payload] of attempts) {
      assert.equal((await eveLine.call(event, payload)).error?.code, "PEER_NOT_FOUND", event);
    }
    eveLine.close();
    // What ada's line says last came after all of eve's attempts, so they would have been seen by now.
    await line.call("chat:history", {});
    const foreign = ["webrtc:answer", "webrtc:ice", "call:path", "host:muted", "room:closed", "room:mode"];
    assert.deepEqual(line.events.filter((event) => foreign.includes(event.name)), []);
    assert.equal(line.socket.connected, true);
  });

  test("events outside of a room with NOT_IN_ROOM", async () => {
    const outside = await (await Person.register(server, "out")).connect();
    const events: readonly (readonly [string, object])[] = [
      ["chat:send", { content: "a", clientId: "a" }],
      ["chat:history", {}],
      ["peer:update", { audio: true }],
      ["webrtc:ice", { targetPeerId: joined.peerId, candidate: null }],
    ];
    for (const [event, payload] of events) {
      assert.equal((await outside.call(event, payload)).error?.code, "NOT_IN_ROOM", event);
    }
    outside.close();
  });

  test("nobody: the first event gets UNAUTHORIZED and a disconnect", async () => {
    const nobody = await Line.open(server);
    nobody.socket.emit("join:room", { roomCode: room.slug });
    await until("the disconnect", () => nobody.socket.disconnected);
    assert.equal(nobody.payloads<{ code: string }>("error")[0]?.code, "UNAUTHORIZED");
  });

  test("a cookie that is not valid: UNAUTHORIZED and a disconnect", async () => {
    const forged = await Line.open(server, { extraHeaders: { cookie: "access_token=a.b.c" } });
    await until("the disconnect", () => forged.socket.disconnected);
    assert.equal(forged.payloads<{ code: string }>("error")[0]?.code, "UNAUTHORIZED");
  });

  test("guests where the host does not want them, and what only hosts may", async () => {
    const guest = await Line.open(server, { auth: { guestName: "Visitor" } });
    const visit = await guest.join(room.slug);
    assert.ok(visit.peers.some((peer) => peer.peerId === joined.peerId));
    assert.equal((await guest.call("host:mute", { peerId: joined.peerId })).error?.code, "FORBIDDEN");
    assert.equal(guest.socket.connected, true);
    guest.close();
    const closed = await ada.createRoom("members");
    assert.equal((await ada.ask("PATCH", `/api/rooms/${closed.slug}`, { guests: false })).status, 200);
    const late = await Line.open(server, { auth: { guestName: "Visitor" } });
    assert.equal((await late.call("join:room", { roomCode: closed.slug })).error?.code, "FORBIDDEN");
    late.close();
  });

  test("a handshake from a foreign origin with 403, on both transports", async () => {
    const headers = { origin: "https://evil.example", cookie: ada.cookie };
    const polling = await ask(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers });
    assert.equal(polling.status, 403);
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, { headers });
    const status = new Promise<number | undefined>((resolve, reject) => {
      socket.once("unexpected-response", (_request, response) => resolve(response.statusCode));
      socket.once("open", () => reject(new Error("the foreign origin got in")));
      socket.once("error", () => undefined);
    });
    assert.equal(await within("the refusal", status), 403);
    socket.terminate();
  });

  const frames: readonly (readonly [string, string | Buffer, boolean])[] = [
    ["text that is not UTF-8", Buffer.from([0x34, 0x32, 0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]), false],
    ["a packet of an unknown type", "49", false],
    ["an event without a payload", "42", false],
    ["an event with a reserved name", '42["disconnect"]', false],
    ["broken JSON", '42["a",', false],
    ["JSON 100 levels deep", `42["a",${"[".repeat(100)}${"]".repeat(100)}]`, false],
    ["an attachment that was never announced", Buffer.from([1, 2, 3]), true],
    ["99 attachments", '4599-["a"]', false],
    ["a second CONNECT", "40", false],
    ["2 MB at once", `42["chat:send",{"content":"${"x".repeat(2_000_000)}"}]`, false],
  ];
  for (const [name, frame, binary] of frames) {
    test(`${name} on the wire: that connection closes, no other`, async () => {
      const socket = await rawSession(server, ada.cookie);
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.on("error", () => undefined); // "close" follows
      socket.send(frame, { binary });
      await within("the connection to close", closed);
      const reply: Reply = await line.call("chat:history", {});
      assert.equal(reply.error, undefined);
    });
  }

  test("a polling body of 2 MB with 413", async () => {
    const opened = await ask(`${server.url}/socket.io/?EIO=4&transport=polling`);
    const { sid } = JSON.parse(opened.body.toString().slice(1)) as { sid: string };
    const answer = await ask(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
      method: "POST", body: `4${"x".repeat(2_000_000)}`, headers: { "content-type": "text/plain" } });
    assert.equal(answer.status, 413);
  });

  test("a session that is not known with 400", async () => {
    const answer = await ask(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${"x".repeat(20)}`);
    assert.equal(answer.status, 400);
    assert.deepEqual(json(answer), { code: 1, message: "Session ID unknown" });
  });
});

/** A WebSocket that has sent CONNECT and got its answer. */
async function rawSession(server: Server, cookie: string): Promise<WebSocket> {
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url, { headers: { cookie } });
  const connected = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      const text = String(data);
      if (text.startsWith("0")) socket.send("40");
      if (text.startsWith("40")) resolve();
    });
  });
  await within("CONNECT to be answered", connected);
  socket.removeAllListeners("error");
  return socket;
}
