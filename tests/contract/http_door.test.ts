// The HTTP door itself, byte by byte: malformed, oversized, slow and tricky requests.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { Bystander } from "../support/bystander.ts";
import { ask, errorCode, exchange, statusOf } from "../support/http.ts";
import { Person } from "../support/person.ts";
import { within } from "../support/poll.ts";
import { Server } from "../support/server.ts";

describe("the HTTP door", () => {
  let server: Server;
  let bystander: Bystander;
  before(async () => {
    server = await Server.start();
    bystander = await Bystander.start(server);
  });
  after(async () => {
    await bystander.stop();
    await server.stop();
  });

  const refused: readonly (readonly [string, string, number, string])[] = [
    ["noise", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405, "METHOD_NOT_ALLOWED"],
    ["an unknown version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["a header without colon", "GET / HTTP/1.1\r\nHost a\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["a folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\nContent-Length: x\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["two lengths", "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "VALIDATION_ERROR"],
    ["a negative length", "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["length and chunks", "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["a broken chunk", "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "VALIDATION_ERROR"],
    ["a huge length", "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413, "PAYLOAD_TOO_LARGE"],
    ["a header of 100 KB", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
    ["10 000 headers", `GET / HTTP/1.1\r\nHost: a\r\n${"X: 1\r\n".repeat(10_000)}\r\n`, 431, "HEADERS_TOO_LARGE"],
    ["a target of 10 KB", `GET /${"x".repeat(10_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
    ["a NUL in the path", "GET /api/rooms/a%00b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["half an escape", "GET /api/rooms/%f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400, "VALIDATION_ERROR"],
    ["invalid UTF-8 in the path", "GET /api/rooms/%ff%fe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400, "VALIDATION_ERROR"],
  ];
  for (const [name, bytes, status, code] of refused) {
    test(`refuses ${name} with ${status}`, async () => {
      const reply = await exchange(server.port, Buffer.from(bytes, "latin1"));
      assert.equal(statusOf(reply), status, reply.slice(0, 300));
      assert.equal((JSON.parse(reply.slice(reply.indexOf("\r\n\r\n") + 4)) as { code: string }).code, code);
      assert.match(reply, /^X-Request-Id: \S+\r$/im);
    });
  }

  // Each would be one request to a proxy that reads its length in another way, and two to us, or the other way round.
  const SMUGGLED = "GET /api/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
  const lengths: readonly (readonly [string, string, string])[] = [
    ["length, then chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"],
    ["chunks, then length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"],
    ["chunks twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"],
    ["chunks, then another coding", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"],
    ["a list that ends in chunks", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"],
    ["a list that begins with chunks", "Transfer-Encoding: chunked, identity\r\n", ""],
    ["a coding that nobody knows", "Transfer-Encoding: xchunked\r\n", ""],
    ["a coding that nobody knows, and a length", "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n", ""],
    ["identity", "Transfer-Encoding: identity\r\n", ""],
    ["an empty coding", "Transfer-Encoding:\r\nContent-Length: 0\r\n", ""],
    ["quoted chunks", 'Transfer-Encoding: "chunked"\r\nContent-Length: 0\r\n', ""],
    ["chunks after a vertical tab", "Transfer-Encoding: \vchunked\r\nContent-Length: 0\r\n", ""],
    ["a space before the colon", "Transfer-Encoding : chunked\r\nContent-Length: 0\r\n", ""],
    ["a bare line feed", "X: y\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", ""],
    ["a signed length", "Content-Length: +0\r\n", ""],
    ["a length in hexadecimal", "Content-Length: 0x0\r\n", ""],
    ["two lengths in one", "Content-Length: 0, 5\r\n", ""],
    ["a length of nothing", "Content-Length:\r\n", ""],
  ];
  for (const [name, headers, body] of lengths) {
    test(`a request whose length is told by ${name} is refused, and what follows it is not read`, async () => {
      const reply = await exchange(server.port, `POST /api/auth/logout HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}${SMUGGLED}`);
      assert.equal(statusOf(reply), 400, reply.slice(0, 300));
      assert.equal([...reply.matchAll(/HTTP\/1\.1 \d{3} /g)].length, 1, reply.slice(0, 2_000));
      assert.match(reply, /^Connection: close\r$/im);
    });
  }

  test("chunks in HTTP/1.0 are refused", async () => {
    const reply = await exchange(server.port, `POST /api/auth/logout HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`);
    assert.equal(statusOf(reply), 400, reply.slice(0, 300));
    assert.equal([...reply.matchAll(/HTTP\/1\.1 \d{3} /g)].length, 1);
  });

  test("the method is the one on the request line, whatever a header, the query or the body says", async () => {
    const person = await Person.register(server, "owner");
    const room = await person.createRoom();
    const path = `/api/rooms/${room.slug}`;
    for (const name of ["x-http-method-override", "x-http-method", "x-method-override", "_method"]) {
      for (const method of ["GET", "POST"]) {
        const answer = await person.ask(method, `${path}?_method=DELETE&method=DELETE`, method === "POST" ? { _method: "DELETE" } : undefined, { [name]: "DELETE" });
        assert.equal(answer.status, method === "GET" ? 200 : 405, `${method} with ${name}`);
      }
    }
    assert.equal((await person.ask("GET", path)).status, 200, "the room is still there");
    for (const method of ["TRACE", "CONNECT", "PROPFIND"]) {
      const reply = await exchange(server.port, `${method} ${method === "CONNECT" ? "a:1" : path} HTTP/1.1\r\nHost: a\r\nCookie: secret=1\r\nConnection: close\r\n\r\n`);
      assert.ok([400, 405].includes(statusOf(reply)), `${method}: ${reply.slice(0, 100)}`);
      assert.ok(!reply.includes("secret=1"), "nothing is echoed");
    }
  });

  test("error texts name nothing of the inside, and echo nothing", async () => {
    const mark = "<script>alert(1)</script>";
    const answers = [
      await ask(`${server.url}/api/${encodeURIComponent(mark)}`),
      await ask(`${server.url}/api/rooms/${encodeURIComponent(`' OR 1=1; --${mark}`)}`),
      await ask(`${server.url}/api/users/${encodeURIComponent(`"; DROP TABLE "User"${mark}`)}`),
      await ask(`${server.url}/api/auth/login`, { method: "POST", body: `{"email": ${mark}` }),
      await ask(`${server.url}/api/auth/login`, { method: "POST", body: { email: mark, password: "'" } }),
      await ask(`${server.url}/api/users/me`, { headers: { cookie: `access_token=${"a.".repeat(50)}` } }),
    ];
    for (const answer of answers) {
      const text = answer.body.toString();
      assert.ok(answer.status >= 400 && answer.status < 500, text);
      assert.match(String(answer.headers["content-type"]), /^application\/json/);
      assert.doesNotMatch(text, /script|sqlite|libpq|select |\.cpp|\.hpp|boost|std::|exception|\/(usr|home|tmp|work)\//i);
    }
  });

  test("a chunked body over the limit is cut off with 413", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const reply = await exchange(server.port, head + chunk.repeat(4));
    assert.equal(statusOf(reply), 413, reply.slice(0, 200));
  });

  test("no path leads out of the page's folder", async () => {
    const tricks = ["/../../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2f..%2fetc/passwd",
      "/..\\..\\etc\\passwd", "//etc/passwd", "/assets/../../../package.json", "/%252e%252e/etc/passwd"];
    for (const path of tricks) {
      const reply = await exchange(server.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      assert.ok([200, 400, 404].includes(statusOf(reply)), `${path}: ${reply.slice(0, 80)}`);
      assert.doesNotMatch(reply, /root:|"workspaces"|webrtc-chat-client"/, path);
      // What is answered 200 is the page itself, which every path without a file's name gets.
      if (statusOf(reply) === 200) assert.match(reply, /^content-type: text\/html/im, path);
    }
  });

  test("requests that were sent ahead are answered in order", async () => {
    const one = "GET /api/health/live HTTP/1.1\r\nHost: a\r\n\r\n";
    const last = "GET /api/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const reply = await exchange(server.port, one.repeat(20) + last);
    const statuses = [...reply.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]);
    assert.deepEqual(statuses, [...Array<string>(20).fill("200"), "404"]);
  });

  test("a header that drips in is cut off after 10 s", async () => {
    const took = await dripUntilClosed(server.port, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 20_000);
    assert.ok(took > 8_000 && took < 15_000, `${took} ms`);
  });

  test("a body that drips in is cut off after 30 s", async () => {
    const head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    const took = await dripUntilClosed(server.port, head, 45_000);
    assert.ok(took > 25_000 && took < 40_000, `${took} ms`);
  });

  test("200 connections that say nothing keep nobody out", async () => {
    const silent = await Promise.all(
      Array.from({ length: 200 }, () => new Promise<ReturnType<typeof connect>>((resolve, reject) => {
        const socket = connect(server.port, "127.0.0.1", () => resolve(socket));
        socket.once("error", reject);
      })),
    );
    assert.equal((await ask(`${server.url}/api/health/live`)).status, 200);
    for (const socket of silent) socket.destroy();
  });

  test("clients that go away in the middle do no harm", async () => {
    const head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    for (let i = 0; i < 200; i++) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(server.port, "127.0.0.1", () => {
          socket.write(head.slice(0, 1 + ((i * 7) % head.length)), () => socket.resetAndDestroy());
        });
        socket.once("error", reject);
        socket.once("close", () => resolve());
      });
    }
    assert.equal((await ask(`${server.url}/api/health/live`)).status, 200);
  });

  test("a preflight of a foreign origin is 403, of our own 204 with credentials", async () => {
    const preflight = { "access-control-request-method": "POST" };
    const foreign = await ask(`${server.url}/api/auth/login`, {
      method: "OPTIONS", headers: { ...preflight, origin: `${server.url}.evil.example` } });
    assert.equal(foreign.status, 403);
    assert.equal(errorCode(foreign), "FORBIDDEN");
    assert.equal(foreign.headers["access-control-allow-origin"], undefined);
    const own = await ask(`${server.url}/api/auth/login`, { method: "OPTIONS", headers: { ...preflight, origin: server.url } });
    assert.equal(own.status, 204);
    assert.equal(own.headers["access-control-allow-origin"], server.url);
    assert.equal(own.headers["access-control-allow-credentials"], "true");
  });
});

/** Sends `head`, then an octet every half second; gives the time until the server closed, in ms. */
function dripUntilClosed(port: number, head: string, deadlineMs: number): Promise<number> {
  const start = performance.now();
  const closed = new Promise<number>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(head));
    const drip = setInterval(() => socket.write("x"), 500);
    socket.on("data", () => undefined);
    socket.on("error", () => undefined); // a reset ends it as well: "close" follows
    socket.on("close", () => {
      clearInterval(drip);
      resolve(performance.now() - start);
    });
    socket.on("end", () => socket.end());
  });
  return within("the server to give up", closed, deadlineMs);
}
