// Programs in Node talk to the people connected here by the stock packages: @socket.io/redis-emitter,
// and socket.io with @socket.io/redis-adapter.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { createAdapter, type RedisAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import { encode } from "notepack.io";
import { createClient } from "redis";
import { Server as NodeServer } from "socket.io";
import { Cluster } from "../support/cluster.ts";
import { Line, Person, type Room } from "../support/person.ts";
import { until, within } from "../support/poll.ts";
import { metric, type Server } from "../support/server.ts";

const REQUESTS = "socket.io-request#/#";
const RESPONSES = "socket.io-response#/#";

type Client = ReturnType<typeof createClient>;

describe("two servers, and programs in Node with the same Redis", () => {
  let cluster: Cluster;
  let redis: Client;
  let listener: Client;
  let node: NodeServer;
  let emitter: Emitter;
  let host: Person;
  let room: Room;
  /** In the room, at its home and at the other server; and one at the other that is in no room. */
  let ada: Line;
  let bo: Line;
  let cy: Line;
  const server = (index: number): Server => cluster.servers[index] as Server;
  const idOf = (line: Line): string => line.socket.id ?? "";
  const heard = (event: string): boolean[] => [ada, bo, cy].map((line) => line.payloads(event).length > 0);
  /** Whatever was said before it has arrived where this has. */
  const arrived = async (event = "last"): Promise<boolean[]> => {
    emitter.emit(event);
    for (const line of [ada, bo, cy]) await until(event, () => line.payloads(event).length > 0);
    return heard("said");
  };

  before(async () => {
    cluster = await Cluster.start(2);
    redis = createClient({ url: cluster.redis.url });
    await redis.connect();
    listener = redis.duplicate();
    for (const client of [redis, listener]) client.on("error", () => undefined); // the stock adapter throws at nonsense
    await listener.connect();
    node = new NodeServer();
    node.adapter(createAdapter(redis, listener));
    emitter = new Emitter(redis);
    await until("all servers to listen", async () => (await listeners(REQUESTS)) === 3);
    host = await Person.register(server(0), "host");
  });
  after(async () => {
    redis.destroy();
    listener.destroy();
    await cluster.stop();
  });
  beforeEach(async () => {
    room = await host.createRoom();
    ada = await Line.open(server(0), { extraHeaders: { cookie: host.cookie } });
    bo = await Line.open(server(1), { auth: { guestName: "Bo" } });
    cy = await Line.open(server(1), { auth: { guestName: "Cy" } });
    await ada.join(room.slug);
    await bo.join(room.slug);
  });
  afterEach(async () => {
    for (const line of [ada, bo, cy]) line.close();
    for (const one of cluster.servers) {
      await until("nobody to be left", async () => (await metric(one, "webrtc_chat_sockets")) === 0);
    }
  });

  async function listeners(channel: string): Promise<number> {
    return Number((await cluster.redis.ask("PUBSUB", "NUMSUB", channel)).split("\n")[1]);
  }

  /** `socket.io-response#/#<uid>#` of each server. */
  async function ownChannels(): Promise<string[]> {
    return (await cluster.redis.ask("PUBSUB", "CHANNELS", `${RESPONSES}*#`)).split("\n");
  }

  test("every server listens at each channel once", async () => {
    assert.equal(await listeners(REQUESTS), 3);
    assert.equal(await listeners(RESPONSES), 3);
    const own = await ownChannels();
    assert.equal(own.length, 3, own.join());
    for (const channel of own) assert.equal(await listeners(channel), 1, channel);
    assert.equal(Number(await cluster.redis.ask("PUBSUB", "NUMPAT")), 1, "the same pattern, at all three");
  });

  test("an emitter reaches a room, all rooms, all but some, and one socket, wherever they are connected", async () => {
    emitter.to(room.id).emit("said", { a: [1, null, "é"] }, 2);
    assert.deepEqual(await arrived("first"), [true, true, false]);
    assert.deepEqual(ada.payloads("said"), [{ a: [1, null, "é"] }], "once");
    emitter.to([room.id, idOf(cy)]).except(idOf(bo)).emit("more");
    emitter.except(room.id).emit("outside");
    emitter.to(idOf(bo)).emit("alone");
    await arrived("second");
    assert.deepEqual(heard("more"), [true, false, true]);
    assert.deepEqual(heard("outside"), [false, false, true]);
    assert.deepEqual(heard("alone"), [false, true, false]);
  });

  test("what has binary values, a time or nothing in it arrives as from a server in Node", async () => {
    const args = once(ada, "values");
    emitter.to(room.id).emit("values", { file: Buffer.from([0, 255]), at: new Date(1_700_000_000_123) }, undefined, Buffer.alloc(0));
    assert.deepEqual((await args).slice(0, 3), [{ file: Buffer.from([0, 255]), at: "2023-11-14T22:13:20.123Z" }, null, Buffer.alloc(0)]);
  });

  test("volatile events arrive while there is a connection, others are kept for a short loss", async () => {
    emitter.to(room.id).emit("said");
    await arrived("before");
    bo.socket.io.engine.close();
    await until("the client to notice", () => bo.socket.disconnected);
    await until("the server to notice", async () => (await node.in(room.id).fetchSockets()).length === 1);
    emitter.to(room.id).volatile.emit("gone");
    emitter.to(room.id).emit("kept");
    await until("the word", () => ada.payloads("kept").length === 1);
    bo.socket.connect();
    await until("what was missed", () => bo.payloads("kept").length === 1);
    assert.equal(bo.socket.recovered, true);
    assert.deepEqual(heard("gone"), [true, false, false]);
  });

  test("what a server says under the name of ours, or of another namespace, is not for the sockets here", async () => {
    const publish = (uid: string, event: string, nsp: string): Promise<number> =>
      redis.publish("socket.io#/#", encode([uid, { type: 2, data: [event], nsp }, { rooms: [], except: [], flags: {} }]));
    for (const channel of await ownChannels()) await publish(channel.slice(RESPONSES.length, -1), "mine", "/");
    await publish("other", "elsewhere", "/admin");
    emitter.of("/admin").emit("elsewhere");
    await arrived();
    assert.deepEqual(heard("elsewhere"), [false, false, false]);
    assert.equal(ada.payloads("mine").length, 2, "of the other two");
  });

  test("an emitter moves sockets between rooms, and ends them", async () => {
    emitter.in(room.id).socketsJoin(["x", "y"]);
    emitter.to("x").emit("said");
    assert.deepEqual(await arrived("first"), [true, true, false]);
    emitter.in(idOf(bo)).socketsLeave("x");
    emitter.to("x").emit("more");
    emitter.to("y").except("x").emit("less");
    await arrived("second");
    assert.deepEqual(heard("more"), [true, false, false]);
    assert.deepEqual(heard("less"), [false, true, false]);
    const end = new Promise((resolve) => bo.socket.once("disconnect", resolve));
    emitter.in(idOf(bo)).disconnectSockets(true);
    assert.equal(await within("the end", end), "io server disconnect");
    await until("peer:left", () => ada.payloads("peer:left").length === 1);
    emitter.serverSideEmit("hello", 1);
    assert.equal((await ada.call("chat:send", { content: "still here", clientId: "1" })).error, undefined);
  });

  test("a server in Node broadcasts to the sockets here, and moves and ends them", async () => {
    node.to(room.id).emit("said", 1);
    await until("the word", () => heard("said")[1]);
    node.in(idOf(cy)).socketsJoin("z");
    node.to("z").emit("alone");
    await until("the word", () => cy.payloads("alone").length === 1);
    node.in("z").socketsLeave("z");
    node.to("z").emit("nobody");
    await arrived();
    assert.deepEqual(heard("alone"), [false, false, true]);
    assert.deepEqual(heard("nobody"), [false, false, false]);
    node.in(idOf(cy)).disconnectSockets();
    await until("the end", () => cy.socket.disconnected);
  });

  test("a server in Node asks for acknowledgements, and gets each of them", async () => {
    for (const [name, line] of Object.entries({ ada, bo })) {
      line.socket.on("ask", (question: unknown, answer: (value: unknown) => void) => answer({ name, question }));
    }
    const answers = (await node.to(room.id).timeout(5_000).emitWithAck("ask", Buffer.from([7]))) as { name: string; question: Buffer }[];
    assert.deepEqual(answers.map((one) => one.name).sort(), ["ada", "bo"]);
    for (const { question } of answers) assert.deepEqual([...question], [7], "binary both ways");
    assert.deepEqual(await node.to("nobody's").timeout(5_000).emitWithAck("ask"), []);
    const [remote] = await node.in(idOf(bo)).fetchSockets();
    assert.ok(remote);
    assert.deepEqual(await remote.timeout(5_000).emitWithAck("ask", 1), { name: "bo", question: 1 });
    const error = await node.timeout(500).emitWithAck("nobody answers").catch((late: Error & { responses: unknown[] }) => late);
    assert.deepEqual(error.responses, []);
  });

  test("a server in Node sees who is connected, in which rooms, and no secret of theirs", async () => {
    const sockets = await node.in(room.id).fetchSockets();
    const found = new Map(sockets.map((socket) => [socket.id, socket]));
    assert.deepEqual([...found.keys()].sort(), [idOf(ada), idOf(bo)].sort());
    assert.deepEqual(found.get(idOf(ada))?.data, { userId: host.id, username: host.username });
    assert.deepEqual(found.get(idOf(bo))?.data, { userId: null, username: "Bo" });
    assert.deepEqual([...(found.get(idOf(bo))?.rooms ?? [])].sort(), [idOf(bo), room.id].sort());
    assert.deepEqual(found.get(idOf(ada))?.handshake, { headers: {}, query: {}, auth: {} });
    assert.equal((await node.fetchSockets()).length, 3);
    assert.deepEqual((await node.except(room.id).fetchSockets()).map((socket) => socket.id), [idOf(cy)]);

    const rooms = await (node.of("/").adapter as RedisAdapter).allRooms();
    assert.deepEqual([...rooms].sort(), [room.id, idOf(ada), idOf(bo), idOf(cy)].sort());
    assert.deepEqual(await node.serverSideEmitWithAck("ping", 1), [null, null]);
  });

  test("older servers' requests are answered too: all sockets of a room, and one socket by its id", async () => {
    const answers: Record<string, unknown>[] = [];
    const ears = listener.duplicate();
    await ears.connect();
    await ears.subscribe(RESPONSES, (text) => answers.push(JSON.parse(text)));
    try {
      await redis.publish(REQUESTS, JSON.stringify({ uid: "old", requestId: "one", type: 0, rooms: [room.id] }));
      await until("all three", () => answers.length === 3);
      const listed = answers.flatMap((answer) => answer["sockets"]);
      assert.deepEqual(listed.sort(), [idOf(ada), idOf(bo)].sort());
      answers.length = 0;
      for (const [type, requestId] of [[2, "join"], [3, "leave"], [4, "end"]] as const) {
        await redis.publish(REQUESTS, JSON.stringify({ uid: "old", requestId, type, sid: idOf(bo), room: "x", close: true }));
        await until(requestId, () => answers.some((answer) => answer["requestId"] === requestId));
      }
      await until("the end", () => bo.socket.disconnected);
    } finally {
      ears.destroy();
    }
  });

  test("nonsense is refused, said once in the log, and harms nobody", async () => {
    for (let i = 0; i < 20; i++) {
      await redis.publish("socket.io#/#", Buffer.from([0x93, 0xa1, 0x75, 0xdd, 0xff, 0xff, 0xff, 0xff]));
      await redis.publish(REQUESTS, "{");
    }
    await redis.publish("socket.io#/#", Buffer.alloc(2_000_000, 0x91));
    await arrived();
    for (const one of cluster.servers) {
      const said = one.lines.filter((line) => line.includes("Redis adapter"));
      assert.equal(said.length, 1, said.join("\n"));
      assert.match(said[0] ?? "", /malformed/);
    }
  });

  test("after a loss of Redis they are heard again", async () => {
    await redis.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
    await until("all servers to listen", async () => (await listeners(REQUESTS)) === 3);
    await until("both servers together", async () => (await metric(server(0), "webrtc_chat_other_servers")) === 1);
    const di = await Line.open(server(1), { auth: { guestName: "Di" } });
    try {
      emitter.to(di.socket.id ?? "").emit("said", "again");
      await until("the word", () => di.payloads("said").length === 1);
    } finally {
      di.close();
    }
  });
});

function once(line: Line, event: string): Promise<unknown[]> {
  return within(event, new Promise<unknown[]>((resolve) => line.socket.once(event, (...args) => resolve(args))));
}
