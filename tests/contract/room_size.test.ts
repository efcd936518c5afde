// A mesh takes ten people; the eleventh is told so, and has a place again once somebody leaves.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Line, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

describe("a full room", () => {
  let server: Server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());

  test("ten people meet, the eleventh gets ROOM_FULL until one leaves", async () => {
    const host = await Person.register(server, "host");
    const room = await host.createRoom();
    const lines: Line[] = [];
    const guest = async (name: string): Promise<Line> => {
      const line = await Line.open(server, { auth: { guestName: name } });
      lines.push(line);
      return line;
    };
    const inside: Line[] = [];
    for (let i = 0; i < 10; i++) {
      const line = await guest(`Guest ${i}`);
      const joined = await line.join(room.slug);
      assert.equal(joined.peers.length, i);
      inside.push(line);
    }
    const [first] = inside;
    assert.ok(first);
    await until("the first to have seen nine come", () => first.payloads("peer:joined").length === 9);

    const late = await guest("Too late");
    assert.equal((await late.call("join:room", { roomCode: room.slug })).error?.code, "ROOM_FULL");
    const gone = inside.pop();
    await gone?.call("leave:room");
    const left = await until("the first to see one leave", () => first.payloads<{ reason: string }>("peer:left")[0]);
    assert.equal(left.reason, "left");
    assert.equal((await late.join(room.slug)).peers.length, 9);
    for (const line of lines) line.close();
  });

  test("ROOM_MAX_PEERS bounds it further", async () => {
    const small = await Server.start({ ROOM_MAX_PEERS: "2" });
    try {
      const room = await (await Person.register(small, "host")).createRoom();
      const lines = await Promise.all(["a", "b", "c"].map((name) => Line.open(small, { auth: { guestName: name } })));
      const codes: (string | undefined)[] = [];
      for (const line of lines) codes.push((await line.call("join:room", { roomCode: room.slug })).error?.code);
      assert.deepEqual(codes, [undefined, undefined, "ROOM_FULL"]);
      for (const line of lines) line.close();
    } finally {
      await small.stop();
    }
  });
});
