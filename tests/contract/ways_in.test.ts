// Removal, lock and lobby hold on every way into a room: racing joins, lost connections, the history.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { errorCode } from "../support/http.ts";
import { Line, Person, type Reply, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

const ROUNDS = 12;
const JOINERS = 4;

describe("the ways into a room", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  let ada: Line;
  let open: Line[] = [];
  const keep = (line: Line): Line => {
    open.push(line);
    return line;
  };
  const guest = async (guestName: string): Promise<Line> => keep(await Line.open(server, { auth: { guestName } }));
  const join = (line: Line): Promise<Reply> => line.call("join:room", { roomCode: room.slug });
  const closeAll = (): void => {
    for (const line of open) line.close();
    open = [];
  };
  const fresh = async (): Promise<void> => {
    closeAll();
    room = await host.createRoom();
    ada = keep(await host.connect());
    await ada.join(room.slug);
  };
  const change = async (settings: object): Promise<void> => {
    assert.equal((await host.ask("PATCH", `/api/rooms/${room.slug}`, settings)).status, 200);
  };
  const remove = async (line: Line): Promise<void> => {
    assert.deepEqual(await ada.call("host:remove", { peerId: line.socket.id }), {});
  };
  const historyStatus = async (person: Person): Promise<number> =>
    (await person.ask("GET", `/api/rooms/${room.slug}/messages`)).status;
  const arrivals = (): string[] => ada.payloads<{ peerId: string }>("peer:joined").map(({ peerId }) => peerId);

  /** While `act` is under way the lines join. Who came in after it was done, as the host saw it. */
  async function joinDuring(lines: readonly Line[], act: () => Promise<void>): Promise<string[]> {
    const answers = lines.map(join);
    await act();
    await ada.call("chat:history", {});
    const before = arrivals().length;
    await Promise.all(answers);
    await ada.call("chat:history", {});
    return arrivals().slice(before);
  }

  before(async () => {
    server = await Server.start();
    host = await Person.register(server, "host");
  });
  after(async () => {
    closeAll();
    await server.stop();
  });

  test("nobody races past a lock or a lobby", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const settings of [{ locked: true }, { lobby: true }]) {
        await fresh();
        const lines = await Promise.all(Array.from({ length: JOINERS }, (_, i) => guest(`Racer ${i}`)));
        assert.deepEqual(await joinDuring(lines, () => change(settings)), [], JSON.stringify(settings));
      }
    }
  });

  test("nobody races past a removal, and none of the same person stays", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await fresh();
      const first = await guest("Bo");
      await join(first);
      const lines = await Promise.all(Array.from({ length: JOINERS }, () => guest("Bo")));
      assert.deepEqual(await joinDuring(lines, () => remove(first)), []);
      const again = keep(await host.connect());
      assert.deepEqual((await again.join(room.slug)).peers.map(({ peerId }) => peerId), [ada.socket.id]);
    }
  });

  test("who is removed does not come back by a lost connection", async () => {
    await fresh();
    const person = await Person.register(server, "bo");
    const here = keep(await person.connect());
    const lost = keep(await person.connect());
    await here.join(room.slug);
    await lost.join(room.slug);
    await until("an event to recover from", () => lost.payloads("room:updated").length > 0);
    lost.socket.io.engine.close();
    await until("peer:left", () => ada.payloads("peer:left")[0]?.["reason"] === "disconnected", 30_000);
    await remove(here);
    lost.socket.connect();
    await until("the recovery", () => lost.socket.connected);
    assert.equal(lost.socket.recovered, true);
    await until("room:closed", () => lost.payloads("room:closed")[0]?.["reason"] === "removed");
    assert.deepEqual(lost.payloads("room:joined"), []);
    assert.equal((await join(lost))["waiting"], true, "and is at the door then");
  });

  test("a removed account reads no history until the host lets it in again", async () => {
    await fresh();
    const person = await Person.register(server, "bo");
    const line = keep(await person.connect());
    await line.join(room.slug);
    assert.equal(await historyStatus(person), 200);
    await remove(line);
    assert.equal(await historyStatus(person), 403);
    assert.equal((await line.call("chat:history", {})).error?.code, "NOT_IN_ROOM");
    assert.equal((await join(line))["waiting"], true);
    assert.equal(await historyStatus(person), 403);
    await ada.call("host:admit", { peerId: line.socket.id });
    await until("room:joined", () => line.payloads("room:joined")[0]);
    assert.equal(await historyStatus(person), 200);
  });

  test("who is refused has not been there", async () => {
    const small = await Server.start({ ROOM_MAX_PEERS: "2" });
    try {
      const owner = await Person.register(small, "owner");
      const { slug } = await owner.createRoom();
      const lines = [await owner.connect(), await Line.open(small, { auth: { guestName: "Gus" } })];
      for (const line of lines) await line.join(slug);
      const late = await Person.register(small, "late");
      const line = await late.connect();
      assert.equal((await line.call("join:room", { roomCode: slug })).error?.code, "ROOM_FULL");
      const history = await late.ask("GET", `/api/rooms/${slug}/messages`);
      assert.equal(errorCode(history), "FORBIDDEN");
      for (const one of [...lines, line]) one.close();
    } finally {
      await small.stop();
    }
  });

  test("no guest comes in under the name of the host, or under one that cannot be seen", async () => {
    await fresh();
    const imitations = [host.username.toUpperCase(), host.username.replace("o", "о"), ` ${host.username} `];
    for (const name of [...imitations, "A\u202eda", "A\u200bda", "a\u0000b"]) {
      const reply = await join(await guest(name));
      assert.equal(reply.error?.code, "VALIDATION_ERROR", JSON.stringify([name, reply]));
      assert.deepEqual(reply.error.details?.map(({ field }) => field), ["guestName"]);
    }
    assert.equal((await join(await guest("Ada \u{1f469}\u200d\u{1f4bb}"))).error, undefined);
  });
});
