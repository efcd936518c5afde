// A room takes ROOM_MAX_PEERS people; the next is told so, and has a place again once somebody leaves.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Line, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

describe("a full room", () => {
  let server: Server;
  before(async () => {
    server = await Server.start({ ROOM_MAX_PEERS: "12" });
  });
  after(() => server.stop());

  test("a room takes ROOM_MAX_PEERS people, and the next one once somebody leaves", async () => {
    const host = await Person.register(server, "host");
    const room = await host.createRoom();
    const lines: Line[] = [];
    const guest = async (name: string): Promise<Line> => {
      const line = await Line.open(server, { auth: { guestName: name } });
      lines.push(line);
      return line;
    };
    const inside: Line[] = [];
    for (let i = 0; i < 12; i++) {
      const line = await guest(`Guest ${i}`);
      const joined = await line.join(room.slug);
      assert.equal(joined.peers.length, i);
      inside.push(line);
    }
    const [first] = inside;
    assert.ok(first);
    await until("the first to have seen eleven come", () => first.payloads("peer:joined").length === 11);

    const late = await guest("Too late");
    assert.equal((await late.call("join:room", { roomCode: room.slug })).error?.code, "ROOM_FULL");
    const gone = inside.pop();
    await gone?.call("leave:room");
    const left = await until("the first to see one leave", () => first.payloads<{ reason: string }>("peer:left")[0]);
    assert.equal(left.reason, "left");
    assert.equal((await late.join(room.slug)).peers.length, 11);
    for (const line of lines) line.close();
  });
});
