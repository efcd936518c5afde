// Several servers with one Redis count rate limits together, and each for itself while it is away.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, errorCode } from "../support/http.ts";
import { until } from "../support/poll.ts";
import { Redis } from "../support/redis.ts";
import { metric, runCommand, Server } from "../support/server.ts";

describe("rate limits of two servers with one Redis", () => {
  let redis: Redis;
  let servers: Server[] = [];
  before(async () => {
    redis = await Redis.start();
    const settings = { RATE_LIMIT: "on", TRUST_PROXY: "127.0.0.1,::1", REDIS_URL: redis.url };
    servers = await Promise.all([Server.start(settings), Server.start(settings)]);
    await connected(1);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.stop();
  });

  async function connected(value: 0 | 1): Promise<void> {
    for (const server of servers) {
      await until(`${value === 1 ? "a" : "no"} connection to Redis`, async () =>
        (await metric(server, "webrtc_chat_redis_connected")) === value);
    }
  }

  const register = (server: Server, client: string) =>
    ask(`${server.url}/api/auth/register`, { method: "POST", body: { email: "x" }, headers: { "x-forwarded-for": client } });

  /** How many of `count` registrations in a row, by turns at each server, were let through. */
  async function through(client: string, count: number): Promise<number> {
    let passed = 0;
    for (let i = 0; i < count; i++) {
      const answer = await register(servers[i % servers.length] as Server, client);
      if (answer.status === 400) passed++;
      else assert.equal(errorCode(answer), "RATE_LIMITED");
    }
    return passed;
  }

  test("an address has one budget at both", async () => {
    const passed = await through("192.0.2.1", 60);
    assert.ok(passed >= 20 && passed <= 22, `${passed} of 60 passed, 20 at once are allowed`);
    const refused = await register(servers[0] as Server, "192.0.2.1");
    const wait = Number(refused.headers["retry-after"]);
    assert.ok(wait >= 1 && wait <= 6, `the next comes after ${wait} s, one each 6 s`);
    assert.equal((await register(servers[1] as Server, "192.0.2.2")).status, 400, "another address has its own");
  });

  test("new sockets count too, and what is counted forgets itself", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 130; i++) {
      const server = servers[i % 2] as Server;
      const door = `${server.url}/socket.io/?EIO=4&transport=polling`;
      const answer = await ask(door, { headers: { "x-forwarded-for": "192.0.2.3" } });
      statuses.push(answer.status);
      const sid = /"sid":"([^"]+)"/.exec(answer.body.toString())?.[1];
      if (sid !== undefined) await ask(`${door}&sid=${sid}`, { method: "POST", body: "1" });
    }
    const passed = statuses.filter((status) => status === 200).length;
    assert.ok(passed >= 120 && passed <= 124, `${passed} of 130 passed`);
    for (const key of (await redis.ask("KEYS", "*")).split("\n")) {
      const life = Number(await redis.ask("PTTL", key));
      assert.ok(life > 0 && life <= 120_000, `${key} lives for ${life} ms`);
    }
  });

  test("while Redis is away each counts for itself, and together again when it is back", async () => {
    await redis.stop();
    await connected(0);
    const alone = await through("192.0.2.4", 80);
    assert.ok(alone >= 40 && alone <= 44, `${alone} of 80 passed at two servers`);
    for (const server of servers) {
      const said = server.lines.filter((line) => line.includes("Redis is away"));
      assert.equal(said.length, 1, "the log says it once");
    }
    await redis.startAgain();
    await connected(1);
    const together = await through("192.0.2.5", 60);
    assert.ok(together >= 20 && together <= 22, `${together} of 60 passed`);
  });

  test("a Redis that falls silent delays a request by half a second, not the ones after it", async () => {
    redis.signal("SIGSTOP");
    try {
      const passed = await through("192.0.2.6", 30);
      assert.ok(passed >= 30, `${passed} of 30 passed, 15 at each server`);
      await connected(0);
    } finally {
      redis.signal("SIGCONT");
    }
    await connected(1);
  });

  test("no password is shown", () => {
    for (const server of servers) {
      assert.ok(!server.lines.some((line) => line.includes("hidden-word")), "not in the log");
    }
  });
});

describe("a Redis that does not let the server in", () => {
  test("the start, check-config and doctor say so, and the server serves", async () => {
    const redis = await Redis.start();
    const settings = { REDIS_URL: redis.url.replace("hidden-word", "other-word") };
    const server = await Server.start(settings);
    try {
      await until("a word of it", () => server.lines.find((line) => line.includes("Redis is away") && line.includes("WRONGPASS")));
      assert.equal((await ask(`${server.url}/api/health/ready`)).status, 200);
      const doctor = await server.command(["doctor"]);
      assert.match(doctor.output, /^BAD +Redis: AUTH: WRONGPASS/m);
      const shown = await server.command(["check-config"]);
      assert.equal(shown.code, 0, shown.output);
      for (const text of [...server.lines, doctor.output, shown.output]) assert.ok(!text.includes("other-word"));
    } finally {
      await server.stop();
      await redis.stop();
    }
    const wrong = await runCommand(["check-config"], { REDIS_URL: "http://:other-word@localhost" });
    assert.equal(wrong.code, 2);
    assert.match(wrong.output, /REDIS_URL.*redis:\/\//);
    assert.ok(!wrong.output.includes("other-word"));
  });
});
