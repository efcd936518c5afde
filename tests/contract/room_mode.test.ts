// Which way media takes in a room, and when that changes (contract, section 4, "Moving the call").
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { ask, json } from "../support/http.ts";
import { Line, Person, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

type Move = { mode: string; reason: string };

describe("room:mode", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  let open: Line[] = [];
  const enter = async (line: Line): Promise<{ line: Line; mode: unknown }> => {
    open.push(line);
    return { line, mode: (await line.call("join:room", { roomCode: room.slug }))["mode"] };
  };
  const guest = async (guestName: string) => enter(await Line.open(server, { auth: { guestName } }));
  const moves = (line: Line): Move[] => line.payloads<Move>("room:mode");

  before(async () => {
    server = await Server.start();
    host = await Person.register(server, "host");
  });
  after(() => server.stop());
  beforeEach(async () => {
    room = await host.createRoom();
  });
  afterEach(() => {
    for (const line of open) line.close();
    open = [];
  });

  test("the third moves the call to the SFU; five seconds after it has left it moves back", async () => {
    const config = json(await ask(`${server.url}/api/rtc/config`)) as { p2pMaxPeers: number };
    assert.equal(config.p2pMaxPeers, 2);
    const a = await guest("A");
    const b = await guest("B");
    assert.deepEqual([a.mode, b.mode], ["p2p", "p2p"]);
    const c = await guest("C");
    assert.equal(c.mode, "sfu");
    for (const { line } of [a, b]) {
      await until("the move", () => moves(line).length === 1);
      assert.deepEqual(moves(line), [{ mode: "sfu", reason: "size" }]);
    }
    assert.deepEqual(moves(c.line), []);
    await c.line.call("leave:room");
    const start = performance.now();
    await until("the move back", () => moves(a.line).length === 2 && moves(b.line).length === 2);
    assert.ok(performance.now() - start > 4_500, "not before five seconds of the smaller size");
    assert.deepEqual(moves(a.line)[1], { mode: "p2p", reason: "size" });
  });

  test("a failed connection moves it at once, until the room is empty", async () => {
    const a = await guest("A");
    const b = await guest("B");
    assert.equal((await a.line.call("room:request-sfu", { peerId: "nobody" })).error?.code, "PEER_NOT_FOUND");
    assert.equal((await a.line.call("room:request-sfu", { peerId: a.line.socket.id })).error?.code, "VALIDATION_ERROR");
    assert.deepEqual(await a.line.call("room:request-sfu", { peerId: b.line.socket.id }), {});
    assert.deepEqual(await b.line.call("room:request-sfu", { peerId: a.line.socket.id }), {});
    await until("the move", () => moves(a.line).length > 0 && moves(b.line).length > 0);
    assert.deepEqual(moves(a.line), [{ mode: "sfu", reason: "p2p-failed" }]);
    const ada = await enter(await host.connect());
    assert.equal(ada.mode, "sfu");
    assert.equal((await ada.line.call("host:mode", { mode: "p2p" })).error?.code, "FORBIDDEN");
    for (const { line } of [a, b, ada]) await line.call("leave:room");
    assert.equal((await guest("C")).mode, "p2p");
  });

  test("the host chooses; nobody else does", async () => {
    const ada = await enter(await host.connect());
    const b = await guest("B");
    assert.equal((await b.line.call("host:mode", { mode: "sfu" })).error?.code, "FORBIDDEN");
    assert.equal((await ada.line.call("host:mode", { mode: "mesh" })).error?.code, "VALIDATION_ERROR");
    assert.deepEqual(await ada.line.call("host:mode", { mode: "sfu" }), {});
    assert.deepEqual(await ada.line.call("host:mode", { mode: "p2p" }), {});
    await until("both moves", () => moves(b.line).length === 2);
    assert.deepEqual(moves(b.line), [
      { mode: "sfu", reason: "host" },
      { mode: "p2p", reason: "host" },
    ]);
    await guest("C");
    assert.equal((await ada.line.call("host:mode", { mode: "p2p" })).error?.code, "FORBIDDEN", "three are too many");
  });

  test("RTC_P2P_MAX_PEERS=0 is always the SFU, 10 a mesh of ten", async () => {
    for (const [most, last] of [[0, 1], [10, 11]] as const) {
      const own = await Server.start({ RTC_P2P_MAX_PEERS: String(most) });
      try {
        room = await (await Person.register(own, "host")).createRoom();
        const modes: unknown[] = [];
        for (let i = 0; i < last; i++) {
          modes.push((await enter(await Line.open(own, { auth: { guestName: `Guest ${i}` } }))).mode);
        }
        assert.deepEqual(modes, [...Array<string>(most).fill("p2p"), "sfu"]);
      } finally {
        for (const line of open) line.close();
        open = [];
        await own.stop();
      }
    }
  });
});
