// Connection state recovery on the wire, and with the stock client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { io, type Socket } from "socket.io-client";
import { until } from "../support/poll.ts";
import { type Raw, Reference } from "./reference.ts";

type Kept = { sid: string; pid: string; offset: string };

describe("Recovery", () => {
  let server: Reference;
  before(async () => {
    server = await Reference.start("socket", ["--recovery"]);
  });
  after(async () => {
    await server.stop();
  });

  const reply = (message: string | Buffer) => JSON.parse(String(message).slice(2)) as { sid: string; pid: string };
  const join = async (): Promise<{ socket: Raw; kept: Kept }> => {
    const socket = await server.opened();
    socket.send("40");
    const { sid, pid } = reply(await socket.next());
    const auth = JSON.parse(String(await socket.next()).slice(2)) as [string, unknown, string];
    assert.deepEqual(auth.slice(0, 2), ["auth", {}]);
    return { socket, kept: { sid, pid, offset: auth[2] } };
  };
  const comeBack = async (kept: { pid: string; offset?: string }): Promise<Raw> => {
    const socket = await server.opened();
    socket.send(`40${JSON.stringify({ pid: kept.pid, offset: kept.offset })}`);
    return socket;
  };

  test("events without an ack id carry an offset, acknowledgements none", async () => {
    const { socket } = await join();
    const event = JSON.parse(String(await socket.echo('42["message",1]')).slice(2)) as unknown[];
    assert.deepEqual(event.slice(0, 2), ["message-back", 1]);
    assert.equal(typeof event[2], "string");
    assert.equal(await socket.echo('421["message-with-ack",1]'), "431[1]");
    socket.close();
  });
  for (const [how, leave] of [
    ["closed", (socket: Raw) => socket.close()],
    ["reset", (socket: Raw) => socket.terminate()],
  ] as const) {
    test(`a connection that was ${how} is taken up: missed packets first, then the reply`, async () => {
      const { socket, kept } = await join();
      const seen = String(await socket.echo('42["message","seen"]'));
      const missed = String(await socket.echo('42["message","missed"]'));
      leave(socket);
      await socket.closed();
      const offset = (JSON.parse(seen.slice(2)) as string[])[2] ?? "";
      const again = await comeBack({ ...kept, offset });
      assert.equal(await again.next(), missed);
      const answer = reply(await again.next());
      assert.deepEqual(answer, { sid: kept.sid, pid: kept.pid });
      again.close();
    });
  }
  test("a connection that the server still thinks alive is taken over", async () => {
    const { socket, kept } = await join();
    const again = await comeBack(kept);
    assert.equal(reply(await again.next()).sid, kept.sid);
    await socket.closed();
    again.close();
  });
  test("a session is restored once", async () => {
    const { socket, kept } = await join();
    socket.terminate();
    await socket.closed();
    const first = await comeBack(kept);
    assert.equal(reply(await first.next()).sid, kept.sid);
    const second = await comeBack(kept);
    assert.notEqual(reply(await second.next()).sid, kept.sid);
    await first.next(); // auth
    assert.match(String(await first.echo('42["message","still here"]')), /still here/);
    first.close();
    second.close();
  });
  /** The CONNECT reply, whatever events come with it. */
  const answer = async (next: () => Promise<string | Buffer>): Promise<{ sid: string }> => {
    for (;;) {
      const found = String(await next()).split("\x1e").find((packet) => packet.startsWith("40"));
      if (found !== undefined) return reply(found);
    }
  };
  test("an answer that was lost is given again, though the server thinks that connection alive", async () => {
    const { socket, kept } = await join();
    socket.terminate();
    await socket.closed();
    const deaf = server.socket("EIO=4&transport=websocket", { autoPong: false });
    await deaf.next();
    deaf.send(`40${JSON.stringify({ pid: kept.pid, offset: kept.offset })}`);
    assert.equal((await answer(() => deaf.next())).sid, kept.sid); // and suppose that it never arrived
    const again = await comeBack(kept);
    assert.equal((await answer(() => again.next())).sid, kept.sid);
    await deaf.closed();
    again.close();
  });
  test("an answer that was lost over polling is given again", async () => {
    const { socket, kept } = await join();
    socket.terminate();
    await socket.closed();
    const sid = await server.open();
    await server.post(sid, `40${JSON.stringify({ pid: kept.pid, offset: kept.offset })}`);
    assert.equal((await answer(() => server.poll(sid))).sid, kept.sid); // likewise
    const again = await comeBack(kept);
    assert.equal((await answer(() => again.next())).sid, kept.sid);
    assert.equal((await server.get(sid)).status, 400);
    again.close();
  });
  test("a client that polls on keeps its session", async () => {
    const { socket, kept } = await join();
    socket.terminate();
    await socket.closed();
    const sid = await server.open();
    await server.post(sid, `40${JSON.stringify({ pid: kept.pid, offset: kept.offset })}`);
    assert.equal((await answer(() => server.poll(sid))).sid, kept.sid);
    let heard = "";
    const polling = (async () => {
      while (!heard.includes("still here")) heard = await server.poll(sid);
    })();
    const copy = await comeBack(kept);
    assert.notEqual((await answer(() => copy.next())).sid, kept.sid);
    await server.post(sid, '42["message","still here"]');
    await polling;
    copy.close();
  });
  test("without an offset there is no recovery", async () => {
    const { socket, kept } = await join();
    socket.terminate();
    await socket.closed();
    const again = await comeBack({ pid: kept.pid });
    assert.notEqual(reply(await again.next()).sid, kept.sid);
    again.close();
  });
  test("with an offset or a pid that was never given there is no recovery", async () => {
    const { socket, kept } = await join();
    socket.terminate();
    await socket.closed();
    const guessed = await comeBack({ ...kept, pid: "x".repeat(20) });
    assert.notEqual(reply(await guessed.next()).sid, kept.sid);
    const again = await comeBack({ ...kept, offset: "99999999" });
    assert.notEqual(reply(await again.next()).sid, kept.sid);
    again.close();
    guessed.close();
  });
  test("one who left on purpose does not come back", async () => {
    const { socket, kept } = await join();
    socket.send("41");
    socket.close();
    await socket.closed();
    const again = await comeBack(kept);
    assert.notEqual(reply(await again.next()).sid, kept.sid);
    again.close();
  });

  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(`the stock client recovers over ${transports.join(" and ")}`, async () => {
      const client: Socket = io(server.url, { transports, reconnectionDelay: 50, reconnectionDelayMax: 50 });
      const back: unknown[] = [];
      client.on("message-back", (value: unknown) => back.push(value));
      await until("the connection", () => client.connected);
      client.emit("message", "before");
      await until("the first echo", () => back.length === 1);
      const id = client.id;
      client.io.engine.close(); // as a lost network would
      await until("the loss", () => !client.connected);
      await until("the connection again", () => client.connected);
      assert.equal(client.recovered, true);
      assert.equal(client.id, id);
      client.emit("message", "after");
      await until("the second echo", () => back.length === 2);
      assert.deepEqual(back, ["before", "after"]);
      client.disconnect();
    });
  }
});
