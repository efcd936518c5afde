// Several servers act as one: people of one room may be connected to any of them.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Cluster } from "../support/cluster.ts";
import { ask, json } from "../support/http.ts";
import { Line, Person, type Room } from "../support/person.ts";
import { until, within } from "../support/poll.ts";
import { metric, type Server } from "../support/server.ts";
import { lead, nextLoss, said, stay } from "../support/stayer.ts";

type Message = { content: string };

describe("a room whose people are connected to three servers", () => {
  let cluster: Cluster;
  let host: Person;
  let room: Room;
  let open: Line[] = [];
  const server = (index: number): Server => cluster.servers[index] as Server;
  /** Somebody with an account at one of the servers, another than where it registered. */
  const hostAt = async (index: number): Promise<Line> => keep(await Line.open(server(index), { extraHeaders: { cookie: host.cookie } }));
  const guestAt = async (index: number, guestName: string): Promise<Line> => keep(await Line.open(server(index), { auth: { guestName } }));
  const keep = (line: Line): Line => {
    open.push(line);
    return line;
  };

  before(async () => {
    cluster = await Cluster.start(3);
    host = await Person.register(server(0), "host");
  });
  after(() => cluster.stop());
  beforeEach(async () => {
    room = await host.createRoom();
  });
  afterEach(async () => {
    for (const line of open) line.close();
    open = [];
    for (const one of cluster.servers) {
      await until("nobody to be left", async () => (await metric(one, "webrtc_chat_sockets")) === 0);
    }
  });

  test("they see each other come, change, talk and go", async () => {
    const ada = await hostAt(1);
    const bo = await guestAt(0, "Bo");
    const cy = await guestAt(2, "Cy");
    const a = await ada.join(room.slug);
    const b = await bo.join(room.slug);
    const c = await cy.join(room.slug);
    assert.deepEqual(b.peers.map((peer) => peer.peerId), [a.peerId]);
    assert.deepEqual(c.peers.map((peer) => peer.peerId), [a.peerId, b.peerId]);
    for (const line of [ada, bo]) await until("peer:joined", () => line.payloads("peer:joined").length === (line === ada ? 2 : 1));

    await bo.call("peer:update", { audio: true });
    for (const line of [ada, cy]) {
      const seen = await until("peer:updated", () => line.payloads<{ peerId: string; state: { audio: boolean } }>("peer:updated").at(-1));
      assert.deepEqual([seen.peerId, seen.state.audio], [b.peerId, true]);
    }
    assert.deepEqual(bo.payloads("peer:updated"), [], "not to the one who said it");

    const asked = { targetPeerId: c.peerId, offer: { type: "offer", sdp: "v=0" } };
    assert.deepEqual(await bo.call("webrtc:offer", asked), {});
    assert.deepEqual(await until("the offer", () => cy.payloads("webrtc:offer")[0]), { ...asked, fromPeerId: b.peerId });
    assert.deepEqual(ada.payloads("webrtc:offer"), []);
    let deep: object = {};
    for (let i = 0; i < 26; i++) deep = { deep };
    assert.deepEqual(await bo.call("webrtc:ice", { targetPeerId: c.peerId, candidate: deep }), {}, "what one server takes, two take");
    await until("the candidate", () => cy.payloads("webrtc:ice").length === 1);

    await cy.call("leave:room");
    for (const line of [ada, bo]) {
      assert.deepEqual(await until("peer:left", () => line.payloads("peer:left")[0]), { peerId: c.peerId, reason: "left" });
    }
    bo.close();
    await until("peer:left", () => ada.payloads<{ peerId: string }>("peer:left").some((one) => one.peerId === b.peerId));
  });

  test("what they write at the same time has one order for all, and none twice", async () => {
    const lines = [await hostAt(0), await guestAt(1, "Bo"), await guestAt(2, "Cy")];
    for (const line of lines) await line.join(room.slug);
    const count = 40;
    await Promise.all(
      lines.map(async (line, index) => {
        for (let i = 0; i < count; i++) {
          const reply = await line.call("chat:send", { content: `${index}-${i}`, clientId: `${index}-${i}` });
          assert.equal(reply.error, undefined);
        }
      }),
    );
    for (const line of lines) await until("all messages", () => said(line).length === lines.length * count);
    const [first, ...others] = lines.map(said);
    for (const other of others) assert.deepEqual(other, first);
    const late = await guestAt(1, "Di");
    const history = (await late.join(room.slug)).messages as Message[];
    assert.deepEqual(history.map((message) => message.content), first?.slice(-50));
  });

  test("the host rules from another server: mute, admit, remove, lock; a rename and the count go round", async () => {
    const bo = await guestAt(0, "Bo");
    await bo.join(room.slug);
    const ada = await hostAt(2);
    const { peers } = await ada.join(room.slug);
    const target = peers[0]?.peerId;
    assert.equal((await ada.call("host:mute", { peerId: target, kind: "audio" })).error, undefined);
    await until("host:muted", () => bo.payloads("host:muted").length === 1);
    assert.equal((await bo.call("host:mute", { peerId: ada.socket.id, kind: "audio" })).error?.code, "FORBIDDEN");

    for (const one of cluster.servers) {
      const seen = await until("both counted", async () => {
        const answer = await ask(`${one.url}/api/rooms/${room.slug}`, { headers: { cookie: host.cookie } });
        const found = json(answer) as { peerCount: number };
        return found.peerCount === 2 && found;
      });
      assert.equal(seen.peerCount, 2);
    }

    // The REST door of any server reaches the room wherever it lives.
    await ask(`${server(1).url}/api/rooms/${room.slug}`, { method: "PATCH", body: { name: "Retro", lobby: true }, headers: { cookie: host.cookie } });
    for (const line of [ada, bo]) await until("room:updated", () => line.payloads<{ room: Room }>("room:updated").some((one) => one.room.name === "Retro"));

    const cy = await guestAt(1, "Cy");
    assert.equal((await cy.call("join:room", { roomCode: room.slug }))["status"] ?? "waiting", "waiting");
    const knock = await until("the knock", () => ada.payloads<{ peerId: string }>("lobby:knock")[0]);
    assert.equal((await ada.call("host:admit", { peerId: knock.peerId })).error, undefined);
    await until("room:joined", () => cy.payloads("room:joined").length === 1);
    await ada.call("host:remove", { peerId: knock.peerId });
    await until("the removal", () => cy.payloads<{ reason: string }>("room:closed")[0]?.reason === "removed");
    assert.equal((await cy.call("chat:send", { content: "still?", clientId: "1" })).error?.code, "NOT_IN_ROOM");
  });

  test("who comes back to its server is the same, and has missed nothing", async () => {
    const ada = await hostAt(0);
    await ada.join(room.slug);
    const bo = await guestAt(1, "Bo");
    const { peerId } = await bo.join(room.slug);
    await ada.call("chat:send", { content: "before", clientId: "1" });
    await until("an event to recover from", () => said(bo).length === 1);
    bo.socket.io.engine.close();
    await until("the client to notice", () => bo.socket.disconnected);
    await ada.call("chat:send", { content: "meanwhile", clientId: "2" });
    bo.socket.connect();
    await until("the recovery", () => bo.socket.connected);
    assert.equal(bo.socket.recovered, true);
    await until("what was missed", () => said(bo).length === 2);
    assert.equal((await bo.call("chat:send", { content: "still here", clientId: "3" })).error, undefined);
    await until("its word", () => said(ada).length === 3);
    assert.deepEqual(ada.payloads("peer:left"), []);
    assert.equal(bo.socket.id, peerId);
  });

  test("from one room to the next, wherever that lives", async () => {
    const other = await host.createRoom("Other");
    const ada = await hostAt(0);
    await ada.join(room.slug);
    const bo = await guestAt(1, "Bo");
    await bo.join(other.slug);
    const cy = await guestAt(2, "Cy");
    const path = [[room.slug, ada], [other.slug, bo], [room.slug, ada]] as const;
    for (const [step, [slug, inside]] of path.entries()) {
      const { peers } = await cy.join(slug);
      assert.deepEqual(peers.map((peer) => peer.peerId), [inside.socket.id]);
      await cy.call("chat:send", { content: `step ${step}`, clientId: `${step}` });
      await until("its word", () => said(inside).at(-1) === `step ${step}`);
    }
    for (const line of [ada, bo]) await until("its leave", () => line.payloads("peer:left").length === 1);
    assert.deepEqual([said(ada), said(bo)], [["step 0", "step 2"], ["step 1"]]);
  });

  test("a login that ends at one server ends its sockets at all", async () => {
    const guest = await guestAt(0, "Bo");
    await guest.join(room.slug);
    const second = await Person.register(server(1), "second");
    const line = keep(await Line.open(server(2), { extraHeaders: { cookie: second.cookie } }));
    await line.join(room.slug);
    assert.equal((await second.ask("POST", "/api/auth/logout")).status, 204);
    await until("the end of its socket", () => line.socket.disconnected);
    assert.ok(line.payloads<{ code: string }>("error").some((error) => error.code === "UNAUTHORIZED"));
    await until("peer:left", () => guest.payloads("peer:left").length === 1);
  });
});

describe("when a server or Redis fails", () => {
  let cluster: Cluster;
  let host: Person;
  let room: Room;
  let lines: Line[] = [];
  beforeEach(async () => {
    cluster = await Cluster.start(2);
    host = await Person.register(cluster.servers[0] as Server, "host");
    room = await host.createRoom();
  });
  afterEach(async () => {
    for (const line of lines) line.close();
    lines = [];
    await cluster.stop();
  });
  const first = (): Server => cluster.servers[0] as Server;
  const second = (): Server => cluster.servers[1] as Server;

  const stayingGuest = async (server: Server, guestName: string): Promise<Line> => {
    const line = await stay(server, room, { auth: { guestName } });
    lines.push(line);
    return line;
  };
  const closed = (line: Line): unknown[] => line.payloads<{ reason: string }>("room:closed").map((one) => one.reason);
  const heard = (line: Line, content: string): boolean =>
    line.payloads<{ message: { content: string } }>("chat:message").some(({ message }) => message.content === content);
  const together = async (one: Line, other: Line): Promise<void> => {
    await until("both in one room", async () => {
      const content = `are you there at ${performance.now()}`;
      await one.call("chat:send", { content, clientId: content }).catch(() => undefined);
      await until("the word", () => heard(other, content), 500);
      return true;
    });
  };

  test("the home of a room killed: who is connected elsewhere is told, and goes on there", async () => {
    const gone = await stayingGuest(first(), "Gone");
    const left = await stayingGuest(second(), "Left");
    await until("both", () => gone.payloads("peer:joined").length === 1);
    gone.socket.io.reconnection(false);
    const before = left.socket.id;
    await first().kill();
    const start = performance.now();
    await until("the word of it", () => closed(left).length === 1);
    assert.deepEqual(closed(left), ["shutdown"]);
    await until("a new session", () => left.socket.connected && left.socket.id !== before);
    await until("the room again", () => left.payloads("room:joined").length === 1);
    assert.ok(performance.now() - start < 9_000, "the lease of a dead server does not hold the room");
    const newcomer = await stayingGuest(second(), "Newcomer");
    await together(newcomer, left);
  });

  test("the server of a guest killed: the others see it leave, and the room goes on", async () => {
    const stays = await stayingGuest(first(), "Stays");
    const gone = await stayingGuest(second(), "Gone");
    gone.socket.io.reconnection(false);
    const peerId = gone.socket.id;
    await until("both", () => stays.payloads("peer:joined").length === 1);
    await second().kill();
    const left = await until("peer:left", () => stays.payloads("peer:left")[0]);
    assert.deepEqual(left, { peerId, reason: "disconnected" });
    assert.equal((await stays.call("chat:send", { content: "alone", clientId: "1" })).error, undefined);
    assert.deepEqual(closed(stays), []);
  });

  test("a server that stops says so: nobody waits for its silence", async () => {
    const stays = await stayingGuest(first(), "Stays");
    const gone = await stayingGuest(second(), "Gone");
    gone.socket.io.reconnection(false);
    await until("both", () => stays.payloads("peer:joined").length === 1);
    await second().kill("SIGTERM");
    await until("the word of it", async () => (await metric(first(), "webrtc_chat_other_servers")) === 0, 3_000);
  });

  for (const place of ["another server", "the room's home"]) {
    test(`a server stops in the middle of a talk: its people go on at ${place} as who they are, and miss nothing`, async () => {
      const third = await cluster.add();
      await cluster.together();
      const next = place === "another server" ? third : first();
      const ada = await stayingGuest(first(), "Ada");
      const cy = await stayingGuest(next, "Cy");
      const bo = await stayingGuest(second(), "Bo");
      const peerId = bo.socket.id;
      const joined = () => [ada, cy].map((line) => line.payloads("peer:joined").length);
      await until("everybody to be seen", () => joined().join() === "2,1");
      let isOver = false;
      const talk = async (): Promise<void> => {
        for (let i = 0; !isOver; i++) {
          assert.equal((await ada.call("chat:send", { content: `${i}`, clientId: `${i}` })).error, undefined);
        }
      };
      const talking = talk();
      try {
        await until("the talk", () => said(bo).length > 10);
        lead(bo, next);
        const loss = nextLoss(bo);
        const stopped = second().kill("SIGTERM");
        await within("the loss", loss);
        const atLoss = said(ada).length;
        await until("the return", () => bo.socket.connected);
        assert.equal(bo.socket.recovered, true);
        assert.equal(bo.socket.id, peerId);
        assert.equal((await stopped).code, 0);
        await until("more talk", () => said(ada).length > atLoss + 10);
      } finally {
        isOver = true;
        await talking;
      }
      await together(ada, bo);
      await together(bo, ada);
      await until("the last word", () => said(bo).length === said(ada).length);
      assert.deepEqual(said(bo), said(ada));
      assert.deepEqual(said(cy), said(ada));
      for (const line of [ada, cy]) assert.deepEqual(line.payloads("peer:left"), []);
      assert.deepEqual(joined(), [2, 1]);

      const loss = nextLoss(bo);
      bo.socket.io.engine.close();
      await within("the loss", loss);
      await until("the return", () => bo.socket.connected);
      assert.equal(bo.socket.id, peerId, "as one of that server");
      bo.close();
      await until("peer:left", () => ada.payloads<{ peerId: string }>("peer:left").some((one) => one.peerId === peerId));
    });
  }

  test("a server stops: nobody else goes on as one of its people", async () => {
    const third = await cluster.add();
    await cluster.together();
    const ada = await stayingGuest(first(), "Ada");
    const lost = [await stayingGuest(second(), "Bo"), await stayingGuest(second(), "Cy")];
    const before = lost.map((line) => line.socket.id);
    for (const [index, line] of lost.entries()) {
      line.socket.auth = { guestName: "Mallory" };
      lead(line, index === 0 ? first() : third);
    }
    await second().kill("SIGTERM");
    for (const [index, line] of lost.entries()) {
      await until("a new session", () => line.socket.connected && line.socket.id !== before[index]);
      assert.equal(line.socket.recovered, false);
    }
    const left = await until("peer:left", () => ada.payloads<{ peerId: string }>("peer:left").length === 2 && ada.payloads<{ peerId: string }>("peer:left"), 3_000);
    assert.deepEqual(left.map((one) => one.peerId).sort(), before.sort());
    for (const line of lost) await together(ada, line);
    await until("nobody to be on the way", async () => (await metric(first(), "webrtc_chat_sockets_taken_in")) === 1);
  });

  test("a server stops, and one of its people does not come back: it has left 10 s later", async () => {
    const ada = await stayingGuest(first(), "Ada");
    const bo = await stayingGuest(second(), "Bo");
    const peerId = bo.socket.id;
    bo.socket.io.reconnection(false);
    await second().kill("SIGTERM");
    const stopped = performance.now();
    const left = await until("peer:left", () => ada.payloads("peer:left")[0]);
    assert.deepEqual(left, { peerId, reason: "disconnected" });
    assert.ok(performance.now() - stopped > 7_000, "a lost connection gets 10 s");
  });

  test("a server that stood still comes back as another one, and its people into the room", async () => {
    const stays = await stayingGuest(first(), "Stays");
    const slept = await stayingGuest(second(), "Slept");
    const before = slept.socket.id;
    await until("both", () => stays.payloads("peer:joined").length === 1);
    second().signal("SIGSTOP");
    try {
      await until("peer:left", () => stays.payloads("peer:left").length === 1);
    } finally {
      second().signal("SIGCONT");
    }
    await until("a new session", () => slept.socket.connected && slept.socket.id !== before);
    await together(stays, slept);
    await together(slept, stays);
  });

  test("a server that is drained waits for its people in rooms of others", async () => {
    const stays = await stayingGuest(first(), "Stays");
    const last = await stayingGuest(second(), "Last");
    await until("both", () => stays.payloads("peer:joined").length === 1);
    last.socket.io.reconnection(false);
    assert.equal((await ask(`${second().url}/api/admin/drain`, { method: "POST" })).status, 202);
    await together(last, stays);
    let hasEnded = false;
    const ended = second().exited.then(() => void (hasEnded = true));
    for (let i = 0; i < 20; i++) assert.equal((await last.call("chat:send", { content: `${i}`, clientId: `${i}` })).error, undefined);
    assert.equal(hasEnded, false);
    last.close();
    await until("its end", () => hasEnded);
    await ended;
  });

  test("Redis gone: each server goes on with its own people; back: the room is one again", async () => {
    const ada = await stayingGuest(first(), "Ada");
    const bo = await stayingGuest(second(), "Bo");
    await until("both", () => ada.payloads("peer:joined").length === 1);
    await cluster.redis.stop();
    await until("the word of it", () => closed(bo).length === 1);
    await until("peer:left", () => ada.payloads("peer:left").length === 1);
    await until("the room again", () => bo.payloads("room:joined").length === 1);
    assert.equal((await ada.call("chat:send", { content: "apart", clientId: "1" })).error, undefined);
    assert.equal((await bo.call("chat:send", { content: "apart, too", clientId: "2" })).error, undefined);
    assert.deepEqual([heard(ada, "apart, too"), heard(bo, "apart")], [false, false]);
    await cluster.redis.startAgain();
    await cluster.together();
    await together(ada, bo);
    await together(bo, ada);
  });
});
