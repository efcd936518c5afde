// Who can write to the servers' Redis, but does not have their secret, cannot speak for them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Cluster } from "../support/cluster.ts";
import { type Joined, Line, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Redis } from "../support/redis.ts";
import { metric, Server } from "../support/server.ts";

test("the access list of docs/operations.md is enough for two servers", async () => {
  const redis = await Redis.start();
  const servers: Server[] = [];
  try {
    const operations = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
    const rule = /^ACL SETUSER webrtc-chat [^`]*/m.exec(operations)?.[0].trim().split(/\s+/) ?? [];
    assert.equal(await redis.ask(...rule), "OK");
    const url = new URL(redis.url);
    url.username = "webrtc-chat";
    url.password = "PASSWORD";
    for (let i = 0; i < 2; i++) servers.push(await Server.start({ REDIS_URL: url.href, RATE_LIMIT: "on" }));
    for (const server of servers) {
      await until("the other server", async () => (await metric(server, "webrtc_chat_other_servers")) === 1);
    }
    const ada = await Person.register(servers[0] as Server, "ada");
    const line = await ada.connect();
    const joined = await line.join((await ada.createRoom()).slug);
    await until("the room's home", async () => (await redis.ask("GET", `webrtc-chat:home:${joined.roomId}`)) !== "");
    assert.notEqual(await redis.ask("KEYS", "webrtc-chat:rate:*"), "");
    line.close();
    assert.equal(await redis.ask("ACL", "LOG"), "", "Redis has refused nothing");
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.stop();
  }
});

describe("messages of others in Redis", () => {
  let cluster: Cluster;
  let server: Server;
  let line: Line;
  let joined: Joined;
  let slug: string;
  before(async () => {
    cluster = await Cluster.start(2);
    server = cluster.servers[0] as Server;
    const ada = await Person.register(server, "ada");
    line = await ada.connect();
    ({ slug } = await ada.createRoom());
    joined = await line.join(slug);
  });
  after(async () => {
    line.close();
    await cluster.stop();
  });

  const forged = () => metric(server, 'webrtc_chat_refused_total{reason="forged_message"}');
  const publish = (text: string) => cluster.redis.ask("PUBLISH", "webrtc-chat:all", text);

  test("are dropped, counted, and told once", async () => {
    const before = await forged();
    const body = { room: joined.roomId, event: "forged", payload: {}, except: [] };
    const message = JSON.stringify({ from: "node-9.forged", count: 1, name: "broadcast", body });
    await publish(message);
    await publish("x".repeat(43) + message);
    await publish(JSON.stringify({ from: "node-9.forged", count: 2, name: "disconnect", body: { socket: joined.peerId } }));
    await until("them to be refused", async () => (await forged()) >= before + 3);
    assert.equal((await line.call("chat:history", {})).error, undefined);
    assert.deepEqual(line.payloads("forged"), []);
    assert.equal(line.socket.connected, true);
    assert.equal(await metric(server, "webrtc_chat_other_servers"), 1);
    const told = server.lines.filter((one) => one.includes("a message between servers is refused"));
    assert.equal(told.length, 1);
  });

  test("an event that is refused does not cross to the room's server", async () => {
    const { cookie } = await Person.register(server, "bob");
    const bob = await Line.open(cluster.servers[1] as Server, { extraHeaders: { cookie } });
    await bob.join(slug);
    const spy = await cluster.redis.overhear("webrtc-chat:*");
    const offer = { type: "offer", sdp: "x".repeat(70_000) };
    assert.equal((await bob.call("webrtc:offer", { targetPeerId: joined.peerId, offer })).error?.code, "VALIDATION_ERROR");
    assert.equal((await bob.call("room:destroy", { x: "x".repeat(200_000) })).error?.code, "VALIDATION_ERROR");
    assert.equal((await bob.call("chat:send", { content: "this crosses", clientId: "a" })).error, undefined);
    await until("what crosses to be overheard", () => spy.messages.some((one) => one.includes("this crosses")));
    spy.stop();
    bob.close();
    assert.deepEqual(spy.messages.filter((one) => one.length > 50_000), []);
  });

  test("a copy of one that was heard before is dropped too", async () => {
    const spy = await cluster.redis.overhear("webrtc-chat:all");
    const heard = await until("a message", () => spy.messages[0]);
    spy.stop();
    const before = await forged();
    await publish(heard);
    await until("it to be refused", async () => (await forged()) > before);
    assert.equal((await line.call("chat:history", {})).error, undefined);
  });
});
