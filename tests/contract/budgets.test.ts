// What strangers can make the server hold or do is bounded (docs/security.md, "Budgets"): each attack comes from
// one address, is named by a counter, and leaves somebody else served.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, type Socket as TcpSocket } from "node:net";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import WebSocket from "ws";
import { ask, exchange, json } from "../support/http.ts";
import { type Line, Person, type Room } from "../support/person.ts";
import { until, within } from "../support/poll.ts";
import { metric, Server } from "../support/server.ts";

const MEMORY_MAX = 64 * 1024 * 1024;
const PAIR = "\u{1F600}"; // four octets

/** Resident octets of the server now. */
function memoryOf(server: Server): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

const refused = (server: Server, reason: string) => metric(server, `webrtc_chat_refused_total{reason="${reason}"}`);

/** A WebSocket that has sent CONNECT, as a guest unless `connect` says otherwise, and got its answer. */
async function guestOf(server: Server, connectPacket = '40{"guestName":"Eve"}'): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const connected = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      const text = String(data);
      if (text.startsWith("0")) socket.send(connectPacket);
      if (text.startsWith("40")) resolve();
      if (text === "2") socket.send("3");
    });
  });
  await within("CONNECT to be answered", connected);
  socket.removeAllListeners("error");
  socket.on("error", () => undefined); // "close" follows
  return socket;
}

const closing = (socket: WebSocket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));

async function openPolling(server: Server): Promise<string> {
  const door = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const opened = await ask(door);
  assert.equal(opened.status, 200, opened.body.toString());
  const { sid } = JSON.parse(opened.body.toString().slice(1)) as { sid: string };
  return `${door}&sid=${sid}`;
}

describe("one address", () => {
  let server: Server;
  let room: Room;
  let bystander: Line;
  let idle: number;
  let open: (WebSocket | TcpSocket)[] = [];

  const guests = async (count: number): Promise<WebSocket[]> => {
    const made = await Promise.all(Array.from({ length: count }, () => guestOf(server)));
    open.push(...made);
    return made;
  };
  const guest = async (): Promise<WebSocket> => {
    const made = await guestOf(server);
    open.push(made);
    return made;
  };

  // Each attack has a server of its own, since memory that was taken once stays with the process.
  before(async () => {
    server = await Server.start({ RATE_LIMIT: "on" });
    const ada = await Person.register(server, "ada");
    room = await ada.createRoom();
    bystander = await ada.connect();
    await bystander.join(room.slug);
    const second = await (await Person.register(server, "bob")).connect();
    await second.join(room.slug);
    for (let i = 0; i < 100; i++) {
      const author = i < 50 ? bystander : second; // each may store 1 MiB an hour
      const send = () => author.call("chat:send", { content: PAIR.repeat(4000), clientId: String(i) });
      await until("the message to be stored", async () => (await send()).error === undefined, 60_000);
    }
    second.close();
  });
  // Memory that was taken once may stay with the process: each attack is measured by itself.
  beforeEach(() => {
    idle = memoryOf(server);
  });
  afterEach(async () => {
    for (const one of open) {
      if (one instanceof WebSocket) one.terminate();
      else one.destroy();
    }
    open = [];
    assert.equal((await bystander.call("chat:history", { limit: 1 })).error, undefined, "the bystander is served on");
    const held = memoryOf(server) - idle;
    assert.ok(held <= MEMORY_MAX, `${held} octets more than when it was idle`);
  });
  after(async () => {
    bystander.close();
    await server.stop();
  });

  test("guests who announce attachments and never send them are closed at once", async () => {
    const sockets = await guests(20);
    const packet = `451-["e",[${"[0],".repeat(240_000)}[0]],{"_placeholder":true,"num":0}]`;
    const closed = sockets.map(closing);
    for (const socket of sockets) socket.send(packet);
    await within("all of them to be closed", Promise.all(closed));
    assert.equal(await refused(server, "attachments"), 20);
  });

  test("guests who ask for the chat's history and do not read it get no more of it", async () => {
    const sockets = await guests(30);
    for (const socket of sockets) socket.send(`420["join:room",{"roomCode":"${room.slug}"}]`);
    let peak = 0;
    const before = await refused(server, "unread_octets");
    for (const socket of sockets) {
      socket.pause();
      for (let i = 1; i < 90; i++) socket.send(`42${i}["chat:history",{"limit":100}]`);
    }
    await until("them to be let wait", async () => {
      peak = Math.max(peak, memoryOf(server));
      return (await refused(server, "unread_octets")) >= before + 10;
    }, 60_000);
    for (let i = 0; i < 20; i++) {
      await bystander.call("chat:typing", { typing: true });
      peak = Math.max(peak, memoryOf(server));
    }
    assert.ok(peak - idle <= MEMORY_MAX, `${peak - idle} octets more than when it was idle`);
  });

  test("a page of history has at most 256 KiB, and says that there is more", async () => {
    let before: string | undefined;
    let count = 0;
    do {
      const reply = await bystander.call("chat:history", { limit: 100, ...(before !== undefined && { before }) });
      const messages = reply["messages"] as { id: string }[];
      assert.ok(JSON.stringify(messages).length <= 256 * 1024);
      count += messages.length;
      before = (reply["nextCursor"] as string | null) ?? undefined;
    } while (before !== undefined);
    assert.equal(count, 100);
  });

  test("bodies for a session that is not known are not read", async () => {
    const head = `POST /socket.io/?EIO=4&transport=polling&sid=${"x".repeat(20)} HTTP/1.1\r\nHost: localhost\r\n`;
    const replies = await Promise.all(Array.from({ length: 100 }, () =>
      exchange(server.port, `${head}Content-Length: 900000\r\n\r\n${"x".repeat(100_000)}`)));
    for (const reply of replies) {
      assert.match(reply, /^HTTP\/1\.1 400 /);
      assert.match(reply, /\{"code":1,"message":"Session ID unknown"\}$/);
      assert.match(reply, /^Connection: close\r$/m);
    }
    assert.ok((await refused(server, "unknown_session")) >= 100);
  });

  test("bodies that never end: at most 24 MiB of them are awaited", async () => {
    const doors = await Promise.all(Array.from({ length: 30 }, () => openPolling(server)));
    const statuses: Promise<string>[] = [];
    for (const door of doors) {
      const socket = connect(server.port, "127.0.0.1");
      open.push(socket);
      socket.on("error", () => undefined);
      const path = door.slice(server.url.length);
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\n`);
      statuses.push(new Promise((resolve) => socket.once("data", (data) => resolve(data.toString()))));
    }
    const first = await within("one of them to be refused", Promise.race(statuses));
    assert.match(first, /^HTTP\/1\.1 429 /);
    await until("all but 25 to be refused", async () => (await refused(server, "octets_per_address")) >= 5);
  });

  test("a POST of more than 1000 packets closes its session", async () => {
    const door = await openPolling(server);
    const connected = await ask(door, { method: "POST", body: '40{"guestName":"Eve"}', headers: { "content-type": "text/plain" } });
    assert.equal(connected.status, 200);
    const answer = await ask(door, { method: "POST", body: Array(1001).fill('42["e"]').join("\x1e"), headers: { "content-type": "text/plain" } });
    assert.equal(answer.status, 400);
    assert.deepEqual(json(answer), { code: 3, message: "Too many packets" });
    assert.deepEqual(json(await ask(door)), { code: 1, message: "Session ID unknown" });
    assert.equal(await refused(server, "packets_per_post"), 1);
  });

  test("events of 1 MB are refused unread, and only so many octets a second are taken", async () => {
    const socket = await guest();
    for (let i = 0; i < 4; i++) socket.send(`42["chat:send",{"content":"${"x".repeat(990_000)}"}]`);
    await until("the first to be refused", async () => (await refused(server, "event_octets")) >= 1);
    await until("the others to be let wait", async () => (await refused(server, "octet_rate")) >= 1);
    assert.equal(socket.readyState, WebSocket.OPEN);
  });

  test("an offer of the largest size passes, eight times at once", async () => {
    const other = await guest();
    let offers = 0;
    const joined = new Promise<string>((resolve) => other.on("message", (data) => {
      const text = String(data);
      if (text.startsWith("430[")) resolve((JSON.parse(text.slice(3)) as [{ peerId: string }])[0].peerId);
      if (text.startsWith('42["webrtc:offer"')) offers++;
    }));
    other.send(`420["join:room",{"roomCode":"${room.slug}"}]`);
    const targetPeerId = await within("the other to join", joined);
    const offer = { type: "offer", sdp: "x".repeat(65_536) };
    const replies = await Promise.all(Array.from({ length: 8 }, () => bystander.call("webrtc:offer", { targetPeerId, offer })));
    assert.deepEqual(replies.map((reply) => reply.error), Array(8).fill(undefined));
    await until("all offers", () => offers === 8);
  });

  for (const [name, packet] of [["events", '42["e"]'], ["acknowledgements nobody asked for", "437[]"], ["namespaces", "40/none"]] as const) {
    test(`a flood of ${name} closes its connection`, async () => {
      const socket = await guest();
      const before = await refused(server, "refusal_rate");
      const closed = closing(socket);
      for (let i = 0; i < 5_000; i++) socket.send(packet);
      await within("the connection to be closed", closed);
      assert.equal(await refused(server, "refusal_rate"), before + 1);
    });
  }

  test("CONNECT and DISCONNECT by turns do not begin the event rate anew", async () => {
    const socket = await guest();
    let reply = "";
    socket.on("message", (data) => {
      if (/^4[04]/.test(String(data))) reply = String(data);
    });
    for (let round = 0; round < 10 && !reply.startsWith("44"); round++) {
      reply = "";
      for (let i = 0; i < 80; i++) socket.send('42["e"]');
      socket.send("41");
      socket.send('40{"guestName":"Eve"}');
      await until("CONNECT to be answered", () => reply !== "");
    }
    assert.match(reply, /RATE_LIMITED/);
  });

  test("of 600 connections at most 512 stand, and others get in when they are gone", async () => {
    const sockets = Array.from({ length: 600 }, () => connect(server.port, "127.0.0.1"));
    open.push(...sockets);
    let ended = 0;
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.once("close", () => ended++);
    }
    await until("those beyond to be closed", () => ended >= 88);
    for (const socket of sockets) socket.destroy();
    await until("room for others", async () => (await ask(`${server.url}/api/health/live`)).status === 200);
    assert.ok((await refused(server, "connections_per_address")) >= 88);
  });

  test("a public id is no session id", async () => {
    const peerId = bystander.socket.id ?? "";
    assert.equal(peerId.length, 20);
    const answer = await ask(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${peerId}`);
    assert.deepEqual(json(answer), { code: 1, message: "Session ID unknown" });
  });

  test("the sid of somebody with a login opens nothing to others, and stays theirs", async () => {
    const [owner, thief] = [await Person.register(server, "owner"), await Person.register(server, "thief")];
    const door = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const opened = await owner.ask("GET", "/socket.io/?EIO=4&transport=polling");
    const { sid } = JSON.parse(opened.body.toString().slice(1)) as { sid: string };
    const unknown = { code: 1, message: "Session ID unknown" };
    for (const cookie of [thief.cookie, "", "access_token=made.up.token"]) {
      const headers = { cookie };
      assert.deepEqual(json(await ask(`${door}&sid=${sid}`, { headers })), unknown);
      assert.deepEqual(json(await ask(`${door}&sid=${sid}`, { headers, method: "POST", body: "40" })), unknown);
      const socket = new WebSocket(`${door.replace("http", "ws").replace("polling", "websocket")}&sid=${sid}`, { headers });
      const status = await within("the upgrade to be refused", new Promise((resolve) => {
        socket.on("error", () => undefined);
        socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
        socket.on("open", () => resolve(101));
      }));
      assert.equal(status, 400);
    }
    assert.equal(await refused(server, "foreign_session"), 9);

    const before = owner.cookie;
    assert.equal((await owner.ask("POST", "/api/auth/refresh")).status, 200);
    assert.notEqual(owner.cookie, before);
    assert.equal((await owner.ask("POST", `/socket.io/?EIO=4&transport=polling&sid=${sid}`, "40")).body.toString(), "ok");
    assert.match((await owner.ask("GET", `/socket.io/?EIO=4&transport=polling&sid=${sid}`)).body.toString(), /^40\{"sid"/);
  });
});
