// Engine.IO on the wire (docs/protocol/signalling.md), by raw HTTP and WebSocket: one test a rule.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { ask, exchange, json, statusOf } from "../support/http.ts";
import { until } from "../support/poll.ts";
import { QUICK, Raw, Reference, text } from "./reference.ts";

const BAD_REQUEST = { code: 3, message: "Bad request" };
const UNKNOWN_SESSION = { code: 1, message: "Session ID unknown" };

describe("Engine.IO", () => {
  let server: Reference;
  before(async () => {
    // Frequent pings, and time to answer them on a busy machine.
    server = await Reference.start("engine", ["--ping-interval", "300", "--ping-timeout", "20000"]);
  });
  after(async () => {
    await server.stop();
  });

  const isClosed = async (sid: string) => {
    const answer = await server.get(sid);
    assert.equal(answer.status, 400);
    assert.deepEqual(json(answer), UNKNOWN_SESSION);
  };

  describe("opens", () => {
    test("by polling with exactly these keys", async () => {
      const answer = await ask(server.target("EIO=4&transport=polling"));
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["content-type"], "text/plain; charset=UTF-8");
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.equal(text(answer)[0], "0");
      const { sid, ...rest } = JSON.parse(text(answer).slice(1)) as { sid: string };
      assert.match(sid, /^[\w-]{20}$/);
      assert.deepEqual(rest, { upgrades: ["websocket"], pingInterval: 300, pingTimeout: 20_000, maxPayload: 1_000_000 });
    });
    test("by WebSocket without upgrades", async () => {
      const socket = server.socket("EIO=4&transport=websocket");
      const open = JSON.parse(String(await socket.next()).slice(1)) as { upgrades: string[] };
      assert.deepEqual(open.upgrades, []);
      socket.close();
    });
    test("on IPv6 too", async () => {
      const answer = await ask(`http://[::1]:${server.port}/engine.io/?EIO=4&transport=polling`);
      assert.equal(answer.status, 200);
    });
  });

  describe("refuses by name", () => {
    const rows: readonly (readonly [string, string, string, unknown])[] = [
      ["no transport", "GET", "EIO=4", { code: 0, message: "Transport unknown" }],
      ["an unknown transport", "GET", "EIO=4&transport=abc", { code: 0, message: "Transport unknown" }],
      ["an unknown session", "GET", "EIO=4&transport=polling&sid=abc", UNKNOWN_SESSION],
      ["a POST without session", "POST", "EIO=4&transport=polling", { code: 2, message: "Bad handshake method" }],
      ["a PUT", "PUT", "EIO=4&transport=polling", { code: 2, message: "Bad handshake method" }],
      ["a WebSocket without upgrade", "GET", "EIO=4&transport=websocket", BAD_REQUEST],
      ["no version", "GET", "transport=polling", { code: 5, message: "Unsupported protocol version" }],
      ["version 3", "GET", "EIO=3&transport=polling", { code: 5, message: "Unsupported protocol version" }],
      ["version abc", "GET", "EIO=abc&transport=polling", { code: 5, message: "Unsupported protocol version" }],
    ];
    for (const [name, method, query, error] of rows) {
      test(name, async () => {
        const answer = await ask(server.target(query), { method });
        assert.equal(answer.status, 400);
        assert.match(String(answer.headers["content-type"]), /^application\/json/);
        assert.deepEqual(json(answer), error);
      });
    }
    const upgrades: readonly (readonly [string, string, unknown])[] = [
      ["an unknown transport", "EIO=4&transport=abc", { code: 0, message: "Transport unknown" }],
      ["an unknown session", "EIO=4&transport=websocket&sid=abc", UNKNOWN_SESSION],
      ["polling", "EIO=4&transport=polling", BAD_REQUEST],
      ["version abc", "EIO=abc&transport=websocket", { code: 5, message: "Unsupported protocol version" }],
    ];
    for (const [name, query, error] of upgrades) {
      test(`a WebSocket with ${name}, before the 101`, async () => {
        const refusal = await server.socket(query).refused();
        assert.equal(refusal.status, 400);
        assert.deepEqual(JSON.parse(refusal.body), error);
      });
    }
    test("a URL over 8 KB", async () => {
      const answer = await ask(server.target(`EIO=4&transport=polling&x=${"x".repeat(9000)}`));
      assert.ok([414, 431].includes(answer.status), String(answer.status));
    });
    test("another WebSocket version with the one it knows", async () => {
      const reply = await exchange(
        server.port,
        "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n" +
          "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n",
      );
      assert.equal(statusOf(reply), 426);
      assert.match(reply, /Sec-WebSocket-Version: 13/);
    });
  });

  describe("over polling", () => {
    test("carries text and binary both ways, and empty messages", async () => {
      const sid = await server.open();
      const body = "4hello\x1e4\u20ac\x1ebAQIDBA==\x1eb\x1e4";
      const posted = await server.post(sid, body);
      assert.equal(posted.status, 200);
      assert.match(String(posted.headers["content-type"]), /^text\/html/);
      assert.equal(text(posted), "ok");
      assert.equal(await server.poll(sid), body);
    });
    test("closes on a second GET: 1 for the first, 400 for the second", async () => {
      const sid = await server.open();
      const [first, second] = (await Promise.all([server.get(sid), server.get(sid)])).sort((a, b) => a.status - b.status);
      assert.equal(first?.status, 200);
      assert.equal(text(first), "1");
      assert.equal(second?.status, 400);
      await isClosed(sid);
    });
    test("closes when a GET is aborted", async () => {
      const sid = await server.open();
      const socket = connect(server.port, "127.0.0.1");
      await new Promise((done) => socket.write(request("GET", server, sid), done));
      socket.destroy();
      await until("the session to be gone", async () => (await server.post(sid, "4x")).status === 400);
    });
    test("closes on a second POST in flight", async () => {
      const sid = await server.open();
      const first = connect(server.port, "127.0.0.1");
      first.write(request("POST", server, sid, "Content-Length: 10\r\n") + "4");
      const second = connect(server.port, "127.0.0.1");
      second.write(request("POST", server, sid, "Content-Length: 10\r\n") + "4");
      await until("the session to be gone", async () => (await server.get(sid)).status === 400);
      first.destroy();
      second.destroy();
    });
    test("closes on a POST of octet-stream", async () => {
      const sid = await server.open();
      const hanging = server.get(sid);
      await server.open(); // by then the GET hangs
      const posted = await server.post(sid, "4x", "application/octet-stream");
      assert.equal(posted.status, 400);
      assert.match(text(await hanging), /^(1|4x|2)$/);
      await isClosed(sid);
    });
    for (const body of ["abc", "4ok\x1e9", "2", "bA*"]) {
      test(`closes on a POST of ${JSON.stringify(body)}`, async () => {
        const sid = await server.open();
        assert.equal((await server.post(sid, body)).status, 400);
        await isClosed(sid);
      });
    }
    test("closes on a POST that is not UTF-8", async () => {
      const sid = await server.open();
      assert.equal((await server.post(sid, Buffer.from([0x34, 0xc3, 0x28]))).status, 400);
      await isClosed(sid);
    });
    test("answers a goodbye: ok, 6 for the hanging GET, then 400", async () => {
      const sid = await server.open();
      const hanging = server.get(sid);
      await server.open(); // by then the GET hangs
      assert.equal(text(await server.post(sid, "1")), "ok");
      assert.match(text(await hanging), /^(6|2)$/);
      await isClosed(sid);
    });
    test("compresses an answer over 1 KB for a client that takes gzip", async () => {
      const sid = await server.open();
      const message = `4${"compressible ".repeat(200)}`;
      await server.post(sid, message);
      const packed = await ask(server.target(`EIO=4&transport=polling&sid=${sid}`), {
        headers: { "accept-encoding": "br, gzip" },
      });
      assert.equal(packed.headers["content-encoding"], "gzip");
      assert.ok(packed.body.length < 200, String(packed.body.length));
      assert.ok(gunzipSync(packed.body).toString().includes(message));
      await server.post(sid, message);
      assert.equal(await server.poll(sid), message);
    });
    test("takes a body of maxPayload and refuses one more octet with 413", async () => {
      const sid = await server.open();
      assert.equal((await server.post(sid, `4${"x".repeat(999_999)}`)).status, 200);
      assert.equal((await server.post(sid, `4${"x".repeat(1_000_000)}`)).status, 413);
    });
    test("answers an announced length over maxPayload at once", async () => {
      const sid = await server.open();
      const reply = await exchange(server.port, request("POST", server, sid, "Content-Length: 1000001\r\n"));
      assert.equal(statusOf(reply), 413);
    });
    test("refuses a body over maxPayload that announced nothing", async () => {
      const sid = await server.open();
      const chunk = `fa000\r\n${"4".repeat(0xfa000)}\r\n`;
      const reply = await exchange(server.port, request("POST", server, sid, "Transfer-Encoding: chunked\r\n") + chunk);
      assert.equal(statusOf(reply), 413);
    });
  });

  describe("over WebSocket", () => {
    test("carries text, binary, and empty messages", async () => {
      const socket = await server.opened();
      assert.equal(await socket.echo("4hello €"), "4hello €");
      for (const bytes of [Buffer.from([1, 2, 3, 4]), Buffer.alloc(0), Buffer.alloc(100_000, 7)]) {
        socket.send(bytes);
        assert.deepEqual(await socket.next(), bytes);
      }
      socket.close();
    });
    test("takes no compression, which costs more memory than it saves", async () => {
      const socket = server.socket("EIO=4&transport=websocket", { perMessageDeflate: true });
      assert.equal((await socket.upgraded())["sec-websocket-extensions"], undefined);
      assert.match(String(await socket.next()), /^0\{/);
      socket.close();
    });
    test("answers pings of the WebSocket protocol", async () => {
      const socket = await server.opened();
      await socket.ping();
      socket.close();
      await socket.closed();
    });
    for (const message of ["abc", "", "7", "2", "5", "2probe", "1"]) {
      test(`closes on ${JSON.stringify(message)}`, async () => {
        const socket = await server.opened();
        socket.send(message);
        await socket.closed();
      });
    }
    test("closes with 1009 on a message over the limit", async () => {
      const socket = await server.opened();
      socket.send(`4${"x".repeat(1_000_000)}`);
      assert.equal(await socket.closed(), 1009);
    });
    test("takes a message of the limit", async () => {
      const socket = await server.opened();
      const message = `4${"x".repeat(999_999)}`;
      assert.equal(await socket.echo(message), message);
      socket.close();
    });
    const broken: readonly (readonly [string, number[], number])[] = [
      ["an unmasked frame", [0x81, 0x02, 0x34, 0x61], 1002],
      ["a reserved bit", [0xc1, 0x81, 0, 0, 0, 0, 0x34], 1002],
      ["text that is not UTF-8", [0x81, 0x82, 0, 0, 0, 0, 0x34, 0xff], 1007],
      ["a continuation of nothing", [0x80, 0x81, 0, 0, 0, 0, 0x34], 1002],
      ["a ping in fragments", [0x09, 0x80, 0, 0, 0, 0], 1002],
    ];
    for (const [name, bytes, code] of broken) {
      test(`closes with ${code} on ${name}`, async () => {
        const socket = connect(server.port, "127.0.0.1");
        const parts: Buffer[] = [];
        socket.on("data", (part) => parts.push(part));
        socket.write(
          "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n" +
            "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        );
        await until("the 101", () => Buffer.concat(parts).includes('"sid"'));
        socket.write(Buffer.from(bytes));
        const close = Buffer.from([0x88, 0x02, code >> 8, code & 0xff]);
        await until("the Close frame", () => Buffer.concat(parts).includes(close));
        assert.match(Buffer.concat(parts).toString("latin1"), /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
        socket.destroy();
      });
    }
  });

  describe("heartbeat", () => {
    test("over polling", async () => {
      const sid = await server.open();
      for (let i = 0; i < 3; i++) {
        assert.equal(text(await server.get(sid)), "2");
        assert.equal((await server.post(sid, "3")).status, 200);
      }
    });
    test("over WebSocket", async () => {
      const socket = await server.opened();
      socket.answersPings = false;
      for (let i = 0; i < 3; i++) {
        assert.equal(await socket.next(), "2");
        socket.send("3");
      }
      socket.close();
    });
    test("closes a session that does not answer", async () => {
      const strict = await Reference.start("engine", QUICK);
      const socket = strict.socket("EIO=4&transport=websocket");
      socket.answersPings = false;
      const sid = await strict.open();
      const start = performance.now();
      await socket.closed();
      const waited = performance.now() - start;
      assert.ok(waited > 300 && waited < 10_000, `${waited} ms`);
      await until("the polling session to be gone", async () => (await strict.get(sid)).status === 400);
      await strict.stop();
    });
  });

  describe("upgrade", () => {
    test("moves the session, releases the GET, and refuses HTTP afterwards", async () => {
      const sid = await server.open();
      const hanging = server.poll(sid);
      await server.open(); // by then the GET hangs
      const socket = server.socket(`EIO=4&transport=websocket&sid=${sid}`);
      socket.send("2probe");
      assert.equal(await socket.next(), "3probe");
      assert.equal(await hanging, "6");
      socket.send("5");
      assert.equal(await socket.echo("4hello"), "4hello");
      const refused = await server.get(sid);
      assert.equal(refused.status, 400);
      assert.deepEqual(json(refused), BAD_REQUEST);
      assert.equal((await server.post(sid, "4x")).status, 400);
      assert.equal(await socket.echo("4still"), "4still");
      socket.close();
    });
    test("flushes what was buffered on the WebSocket, in order", async () => {
      const sid = await server.open();
      const socket = server.socket(`EIO=4&transport=websocket&sid=${sid}`);
      socket.send("2probe");
      assert.equal(await socket.next(), "3probe");
      await server.post(sid, "41\x1e42");
      await server.post(sid, "43");
      socket.send("5");
      assert.deepEqual([await socket.next(), await socket.next(), await socket.next()], ["41", "42", "43"]);
      socket.close();
    });
    test("dismisses a second WebSocket while upgrading and afterwards", async () => {
      const sid = await server.open();
      const query = `EIO=4&transport=websocket&sid=${sid}`;
      const socket = server.socket(query);
      socket.send("2probe");
      assert.equal(await socket.next(), "3probe");
      const second = server.socket(query);
      assert.ok(await second.upgraded());
      await second.closed();
      socket.send("5");
      assert.equal(await socket.echo("4a"), "4a");
      const third = server.socket(query);
      await third.closed();
      assert.equal(await socket.echo("4b"), "4b");
      socket.close();
    });

    const failures: readonly (readonly [string, (socket: Raw) => Promise<unknown>])[] = [
      ["before the probe", async (socket) => (await socket.upgraded(), socket.terminate())],
      ["by closing after the probe", async (socket) => (socket.send("2probe"), await socket.next(), socket.close())],
      ["by a reset after the probe", async (socket) => (socket.send("2probe"), await socket.next(), socket.terminate())],
      ["by a message that is no probe", async (socket) => (socket.send("4hello"), await socket.closed())],
      ["by a binary message", async (socket) => (socket.send(Buffer.from("2probe")), await socket.closed())],
      ["by a broken frame", async (socket) => (socket.send("2probe"), await socket.next(), socket.send("9"), await socket.closed())],
    ];
    for (const [name, fail] of failures) {
      test(`that fails ${name} leaves polling alive`, async () => {
        const sid = await server.open();
        const socket = server.socket(`EIO=4&transport=websocket&sid=${sid}`);
        await fail(socket);
        assert.equal((await server.post(sid, "4alive")).status, 200);
        let heard = "";
        while (heard === "" || heard === "6") heard = await server.poll(sid);
        assert.equal(heard, "4alive");
      });
    }
  });
});

function request(method: string, server: Reference, sid: string, headers = ""): string {
  return `${method} ${server.path}?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
}
