// The stock clients from npm, which know nothing of this server, on every transport.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Socket as EngineClient } from "engine.io-client";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { until, within } from "../support/poll.ts";
import { Reference } from "./reference.ts";

const TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]] as const;

describe("engine.io-client", () => {
  let server: Reference;
  before(async () => {
    server = await Reference.start("engine", ["--ping-interval", "200", "--ping-timeout", "2000"]);
  });
  after(async () => {
    await server.stop();
  });

  for (const transports of TRANSPORTS) {
    test(`echoes 500 messages of both kinds in order over ${transports.join(" and ")}`, async () => {
      const client = new EngineClient(server.url, { path: "/engine.io/", transports: [...transports] });
      client.binaryType = "nodebuffer" as BinaryType;
      const heard: string[] = [];
      client.on("message", (data: unknown) => heard.push(Buffer.isBuffer(data) ? `b${data.toString()}` : String(data)));
      await within("the opening", new Promise<void>((done) => client.on("open", () => done())));
      const sent: string[] = [];
      for (let i = 0; i < 500; i++) {
        const isBinary = i % 3 === 0;
        sent.push(isBinary ? `b${i}` : `text ${i}`);
        client.send(isBinary ? Buffer.from(String(i)) : `text ${i}`);
        if (i % 50 === 0) await new Promise((turn) => setImmediate(turn));
      }
      await until("all echoes", () => heard.length === 500);
      assert.deepEqual(heard, sent);
      if (transports.length === 2) await until("the upgrade", () => client.transport.name === "websocket");
      client.close();
    });
  }

  test("stays through many heartbeats", async () => {
    const client = new EngineClient(server.url, { path: "/engine.io/" });
    let pings = 0;
    client.on("ping", () => pings++);
    await until("ten pings", () => pings >= 10);
    assert.equal(client.readyState, "open");
    client.close();
  });
});

describe("socket.io-client", () => {
  let server: Reference;
  before(async () => {
    server = await Reference.start("socket");
  });
  after(async () => {
    await server.stop();
  });

  const open = (path: string, options: Partial<ManagerOptions & SocketOptions>): Socket =>
    io(server.url + path, { forceNew: true, reconnectionDelay: 50, ...options });

  for (const transports of TRANSPORTS) {
    const name = transports.join(" and ");
    const options = { transports: [...transports] };

    test(`connects with auth over ${name}`, async () => {
      const client = open("/", { ...options, auth: { token: "x" } });
      const auth = new Promise((done) => client.on("auth", done));
      assert.deepEqual(await within("auth", auth), { token: "x" });
      assert.match(client.id ?? "", /^[\w-]{20}$/);
      client.disconnect();
    });
    test(`echoes events and acknowledges, binary too, over ${name}`, async () => {
      const client = open("/", options);
      const args = [1, "zwei", { drei: [true, null, 4.5] }, Buffer.from([1, 2, 3]), "€ 😀"];
      const back = new Promise<unknown[]>((done) => client.on("message-back", (...got: unknown[]) => done(got)));
      client.emit("message", ...args);
      assert.deepEqual(await within("the event", back), args);
      const ack = new Promise<unknown[]>((done) => client.emit("message-with-ack", ...args, (...got: unknown[]) => done(got)));
      assert.deepEqual(await within("the acknowledgement", ack), args);
      client.disconnect();
    });
    test(`keeps the order of 1000 events over ${name}`, async () => {
      const client = open("/", options);
      const back: number[] = [];
      client.on("message-back", (i: number) => back.push(i));
      for (let i = 0; i < 1000; i++) {
        client.emit("message", i);
        if (i % 100 === 0) await new Promise((turn) => setImmediate(turn));
      }
      await until("all echoes", () => back.length === 1000);
      assert.deepEqual(back, Array.from({ length: 1000 }, (_, i) => i));
      client.disconnect();
    });
  }

  test("joins several namespaces on one connection", async () => {
    const main = io(server.url, { auth: { a: 1 } });
    const custom = io(`${server.url}/custom`, { auth: { b: 2 } });
    const auths = Promise.all([main, custom].map((one) => new Promise((done) => one.on("auth", done))));
    assert.deepEqual(await within("both", auths), [{ a: 1 }, { b: 2 }]);
    assert.equal(main.io, custom.io);
    custom.disconnect();
    await within("main to go on", new Promise<void>((done) => main.emit("message-with-ack", () => done())));
    main.disconnect();
  });
  test("learns of an unknown namespace", async () => {
    const client = open("/unknown", {});
    const error = await within("the error", new Promise<Error>((done) => client.on("connect_error", done)));
    assert.equal(error.message, "Invalid namespace");
    client.disconnect();
  });
  test("reconnects to a server that comes back", async () => {
    const first = await Reference.start("socket");
    const client = io(first.url, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100 });
    await until("the connection", () => client.connected);
    const reason = new Promise<string>((done) => client.on("disconnect", (why) => done(why)));
    await first.stop();
    assert.equal(await within("the end", reason), "transport close");
    client.disconnect();
  });
});
