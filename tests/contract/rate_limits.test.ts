// RATE_LIMIT=on: the contract's limits hold, name when to come back, and spare everyone else.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Answer, ask, errorCode } from "../support/http.ts";
import { Line, PASSWORD, Person, type Reply } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

describe("rate limits", () => {
  let server: Server;
  before(async () => {
    server = await Server.start({ RATE_LIMIT: "on", TRUST_PROXY: "127.0.0.1,::1" });
  });
  after(() => server.stop());

  /** Asks until 429, at most `max` times, as the client at this address behind the trusted proxy. */
  async function untilLimited(client: string, max: number, run: (headers: Record<string, string>, i: number) => Promise<Answer>): Promise<number> {
    for (let i = 0; i < max; i++) {
      const answer = await run({ "x-forwarded-for": client }, i);
      if (answer.status !== 429) continue;
      assert.equal(errorCode(answer), "RATE_LIMITED");
      assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
      return i;
    }
    return max;
  }
  const post = (path: string, body: object, headers: Record<string, string>) => ask(server.url + path, { method: "POST", body, headers });

  test("register: 10 a minute with bursts of 20, an address for itself", async () => {
    const wrong = { email: "x", username: "x", password: "x" };
    const count = await untilLimited("192.0.2.10", 40, (headers) => post("/api/auth/register", wrong, headers));
    assert.ok(count >= 20 && count <= 22, `${count}`);
    assert.equal((await post("/api/auth/register", wrong, { "x-forwarded-for": "192.0.2.11" })).status, 400);
  });

  test("a client cannot make up an address for itself, whatever it sends to the proxy", async () => {
    const wrong = { email: "x", username: "x", password: "x" };
    // A proxy that adds a header of its own sends two; one that appends sends a list.
    for (const spell of [(made: string, real: string) => [made, real], (made: string, real: string) => [`${made}, ${real}`]]) {
      const real = `192.0.2.${spell("", "").length + 40}`;
      const count = await untilLimited(real, 40, (_, i) =>
        ask(`${server.url}/api/auth/register`, { method: "POST", body: wrong, headers: { "x-forwarded-for": spell(`203.0.113.${i}`, real) } }));
      assert.ok(count >= 20 && count <= 22, `${count}`);
    }
  });

  test("login: 30 a minute with bursts of 60 for an address", async () => {
    const start = performance.now();
    const count = await untilLimited("192.0.2.20", 150, (headers, i) =>
      post("/api/auth/login", { email: `nobody-${i}@example.org`, password: PASSWORD }, headers));
    const refilled = (performance.now() - start) / 2_000; // 30 a minute: each login takes bcrypt's time
    assert.ok(count >= 60 && count <= 61 + refilled, `${count}`);
  });

  test("new sockets: 60 a minute with bursts of 120 for an address", async () => {
    const count = await untilLimited("192.0.2.30", 200, (headers) =>
      ask(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers }));
    assert.ok(count >= 120 && count <= 123, `${count}`);
  });

  test("events: 50 a second with bursts of 100 for a connection, others untouched", async () => {
    const person = await Person.register(server, "eager");
    const room = await person.createRoom();
    const [eager, calm] = [await person.connect(), await person.connect()];
    await eager.join(room.slug);
    await calm.join(room.slug);
    const replies = await Promise.all(Array.from({ length: 300 }, () => eager.call("chat:typing", { typing: true })));
    const limited = replies.filter((reply) => reply.error?.code === "RATE_LIMITED").length;
    assert.ok(limited >= 100 && limited <= 202, `${limited} of 300 were refused`); // CONNECT and the join count too
    assert.equal(replies.filter((reply) => reply.error !== undefined).length, limited);
    assert.equal((await calm.call("chat:typing", { typing: true })).error, undefined);
    eager.close();
    calm.close();
  });

  test("names that lead to nothing: 30 a minute with bursts of 60, then no name is looked up for that address", async () => {
    const person = await Person.register(server, "host");
    const room = await person.createRoom();
    const get = (path: string, client: string) => ask(server.url + path, { headers: { "x-forwarded-for": client } });
    const guesses = [(i: number) => `/api/rooms/aaa-aaaa-${String(i).padStart(3, "0")}`, (i: number) => `/api/users/nobody-${i}`];
    for (const [n, path] of guesses.entries()) {
      const guesser = `192.0.2.${50 + n}`;
      const count = await untilLimited(guesser, 100, (headers, i) => ask(server.url + path(i), { headers }));
      assert.ok(count >= 60 && count <= 62, `${count}`);
      assert.equal((await get(`/api/rooms/${room.slug}`, guesser)).status, 429, "a hit would tell itself");
      assert.equal((await get(`/api/rooms/${room.slug}`, "192.0.2.99")).status, 200, "another address");
      assert.equal((await get("/api/rtc/config", guesser)).status, 200, "what has no name to guess");
    }
  });

  test("room codes that lead nowhere, tried by sockets: the same limit, however many sockets try", async () => {
    const room = await (await Person.register(server, "host")).createRoom();
    const guestAt = (address: string) =>
      Line.open(server, { auth: { guestName: "Guesser" }, extraHeaders: { "x-forwarded-for": address } });
    const guesser = "192.0.2.70";
    const start = performance.now();
    const replies: Reply[] = [];
    for (let n = 0; n < 3; n++) {
      const line = await guestAt(guesser);
      const codes = Array.from({ length: 40 }, (_, i) => `bbb-bbbb-${n}${String(i).padStart(2, "0")}`);
      for (const code of codes) replies.push(await line.call("join:room", { roomCode: code }));
      line.close();
    }
    const refilled = (performance.now() - start) / 2_000; // 30 a minute
    const misses = replies.filter((reply) => reply.error?.code === "ROOM_NOT_FOUND").length;
    assert.ok(misses >= 60 && misses <= 61 + refilled, `${misses}`);
    assert.equal(replies.filter((reply) => reply.error?.code === "RATE_LIMITED").length, replies.length - misses);

    const [limited, other] = [await guestAt(guesser), await guestAt("192.0.2.71")];
    assert.equal((await limited.call("join:room", { roomCode: room.slug })).error?.code, "RATE_LIMITED", "a hit would tell itself");
    await other.join(room.slug);
    limited.close();
    other.close();
  });

  test("a room that is there may be asked for as often as people do", async () => {
    const person = await Person.register(server, "popular");
    const room = await person.createRoom();
    const count = await untilLimited("192.0.2.60", 300, (headers) => ask(`${server.url}/api/rooms/${room.slug}`, { headers }));
    assert.equal(count, 300);
  });

  test("all routes together: 600 a minute with bursts of 1200 for an address, before the database is asked", async () => {
    const person = await Person.register(server, "reader");
    const room = await person.createRoom();
    const paths = [`/api/rooms/${room.slug}`, `/api/rooms/${room.slug}/messages`, `/api/users/${person.id}`, "/api/rooms", "/api/users/me",
      "/api/health/ready", "/api/rtc/config"];
    const headers = { "x-forwarded-for": "192.0.2.61", cookie: person.cookie };
    const get = (path: string, more = {}) => ask(server.url + path, { headers: { ...headers, ...more } });
    const start = performance.now();
    let refused = 0;
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => get(paths[n % paths.length] ?? "")));
      for (const answer of answers) {
        if (answer.status !== 429) assert.equal(answer.status, 200);
        else refused++;
      }
    }
    const refilled = (performance.now() - start) / 100; // 600 a minute
    assert.ok(refused <= 800 && refused >= 799 - refilled, `${refused} of 2000`);
    await until("each route to refuse", async () => {
      const statuses = await Promise.all(Array.from({ length: 100 }, (_, n) => get(paths[n % paths.length] ?? "")));
      return statuses.slice(-paths.length).every((answer) => answer.status === 429 && answer.headers["retry-after"] !== undefined);
    });
    assert.equal((await get("/api/rooms", { "x-forwarded-for": "192.0.2.62" })).status, 200, "another address");
    assert.equal((await get("/")).status, 200, "the page");
  });

  test("RATE_LIMIT=off counts nothing", async () => {
    const own = await Server.start();
    try {
      for (let i = 0; i < 15; i++) {
        const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(`${own.url}/api/rooms/none-${i}-${n}`)));
        for (const answer of answers) assert.equal(answer.status, 404);
      }
    } finally {
      await own.stop();
    }
  });

  test("three wrong passwords lock the account, also for the right one", async () => {
    const own = await Server.start({ LOCKOUT_ATTEMPTS: "3" });
    try {
      const person = await Person.register(own, "locked");
      const login = (password: string) => ask(`${own.url}/api/auth/login`, { method: "POST", body: { email: person.email, password } });
      const statuses: number[] = [];
      for (let i = 0; i < 4; i++) statuses.push((await login("not the password")).status);
      assert.deepEqual(statuses, [401, 401, 401, 423]);
      const right = await login(PASSWORD);
      assert.equal(right.status, 423);
      assert.equal(errorCode(right), "ACCOUNT_LOCKED");
      assert.match(String(right.headers["retry-after"]), /^\d+$/);
    } finally {
      await own.stop();
    }
  });

  test("an outsider's wrong passwords lock out the outsider, and not the owner", async () => {
    const person = await Person.register(server, "owner");
    const login = (from: string, password: string) =>
      post("/api/auth/login", { email: person.email, password }, { "x-forwarded-for": from });
    for (let i = 0; i < 5; i++) assert.equal((await login("198.51.100.1", "not the password")).status, 401);
    assert.equal((await login("198.51.100.1", PASSWORD)).status, 423);
    assert.equal((await login("203.0.113.77", PASSWORD)).status, 200, "from an address that was never seen");
    let status = 0;
    for (let i = 2; i < 100 && status !== 429; i++) status = (await login(`198.51.100.${i}`, "not the password")).status;
    assert.equal(status, 429, "strangers have used up their rate");
    assert.equal((await login("203.0.113.77", PASSWORD)).status, 200, "who was here before has another");
  });
});
