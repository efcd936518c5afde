// The server on PostgreSQL, as operators run it: adopted, migrated by several at once, over TLS, and
// with a database that goes away. What the routes answer on it is the C++ suite's.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { ask, errorCode, json } from "../support/http.ts";
import { type Line, PASSWORD, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Postgres } from "../support/postgres.ts";
import { environment, runCommand, Server, type Settings } from "../support/server.ts";

describe("the server on PostgreSQL", () => {
  let postgres: Postgres;
  let databases = 0;
  before(async () => {
    postgres = await Postgres.start();
  });
  after(() => postgres.stop());

  async function emptyDatabase(): Promise<{ name: string; url: string }> {
    const name = `test_${++databases}`;
    return { name, url: await postgres.createDatabase(name) };
  }
  async function started(t: TestContext, settings: Settings): Promise<Server> {
    const server = await Server.start(settings);
    t.after(() => server.stop());
    return server;
  }
  const run = (args: readonly string[], url: string) =>
    runCommand(args, environment({ PORT: "0", RTC_PORT: "0", DATABASE_URL: url }), { cwd: postgres.folder });

  test("several servers that start at once migrate it once, and serve one set of accounts", async (t) => {
    const { name, url } = await emptyDatabase();
    const servers = await Promise.all(Array.from({ length: 4 }, () => started(t, { DATABASE_URL: url })));
    const versions = await postgres.query(name, 'SELECT COUNT(*), COUNT(DISTINCT "version"), MAX("version") FROM "SchemaMigration"');
    const [count, distinct, newest] = versions.split("|");
    assert.ok(Number(count) >= 4);
    assert.deepEqual([distinct, newest], [count, count]);
    const person = await Person.register(servers[0] as Server);
    for (const server of servers) {
      assert.equal((await ask(`${server.url}/api/users/me`, { headers: { cookie: person.cookie } })).status, 200);
    }
  });

  test("a logout at one server ends the login's cookies and sockets at another within a second", async (t) => {
    const { url } = await emptyDatabase();
    const [here, there] = [await started(t, { DATABASE_URL: url }), await started(t, { DATABASE_URL: url })];
    const person = await Person.register(here);
    const abroad = Object.assign(Object.create(person) as Person, { server: there });
    const line = await abroad.connect();
    const cookie = person.cookie;
    const start = performance.now();
    assert.equal((await person.ask("POST", "/api/auth/logout")).status, 204);
    await until("the socket to be closed", () => line.socket.disconnected);
    assert.ok(performance.now() - start < 1000, "within a second");
    assert.equal(line.payloads("error").at(-1)?.["code"], "UNAUTHORIZED");
    await until("the cookie to be refused", async () =>
      (await ask(`${there.url}/api/users/me`, { headers: { cookie } })).status === 401, 1000);
  });

  test("a session that is ended at one server closes its sockets at another, and so does its age", async (t) => {
    const { name, url } = await emptyDatabase();
    const [here, there] = [await started(t, { DATABASE_URL: url }), await started(t, { DATABASE_URL: url })];
    const person = await Person.register(here);
    const login = async (): Promise<Person> => {
      const other = Object.assign(Object.create(person) as Person, { server: there, cookies: new Map<string, string>() });
      assert.equal((await other.ask("POST", "/api/auth/login", { email: person.email, password: PASSWORD })).status, 200);
      return other;
    };
    const assertOver = async (who: Person, line: Line): Promise<void> => {
      await until("the socket to be closed", () => line.socket.disconnected);
      assert.equal(line.payloads("error").at(-1)?.["code"], "UNAUTHORIZED");
      await until("the cookie to be refused", async () => (await who.ask("GET", "/api/users/me")).status === 401);
      assert.equal((await who.ask("POST", "/api/auth/refresh")).status, 401);
    };
    const phone = await login();
    const line = await phone.connect();
    const { sessions } = json(await person.ask("GET", "/api/users/me/sessions")) as { sessions: { id: string; current: boolean }[] };
    const meant = sessions.find((session) => !session.current);
    assert.equal((await person.ask("DELETE", `/api/users/me/sessions/${meant?.id}`)).status, 204);
    await assertOver(phone, line);

    const tablet = await login();
    const old = await tablet.connect();
    await postgres.query(name, `UPDATE "LoginFamily" SET "createdAt" = now() at time zone 'utc' - interval '90 days'`);
    await assertOver(tablet, old);
  });

  test("a database that Prisma made is adopted: its accounts log in, its rooms and messages are there", async (t) => {
    const { name, url } = await emptyDatabase();
    await postgres.query(name, await readFile(join(import.meta.dirname, "../support/prisma.sql"), "utf8"));
    const first = await run(["migrate"], `${url}?schema=public`);
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /^0001 initial: adopted(\n\d{4} \w+: applied)+$/);
    const again = await run(["migrate"], url);
    assert.match(again.output, /^0001 initial: was there(\n\d{4} \w+: was there)+$/);

    const server = await started(t, { DATABASE_URL: url });
    for (const email of ["ada@example.com", "Ada@Example.com", "bob@example.com"]) {
      const login = await ask(`${server.url}/api/auth/login`, { method: "POST", body: { email, password: "SecurePass123" } });
      assert.equal(login.status, 200, email);
      const cookie = (login.headers["set-cookie"] as string[]).map((line) => line.split(";")[0]).join("; ");
      const get = async (path: string) => json(await ask(server.url + path, { headers: { cookie } }));
      assert.equal((await get("/api/rooms") as { rooms: { slug: string }[] }).rooms[0]?.slug, "abc-defg-hij");
      const history = await get("/api/rooms/abc-defg-hij/messages") as { messages: unknown[] };
      assert.deepEqual(history.messages, [{
        id: "clm0a1b2c0000qwer1234abcd", content: "hello from before", roomId: "clr0a1b2c0000qwer1234abcd",
        userId: "clx0a1b2c0001qwer1234abcd", username: "bob", createdAt: "2025-02-07T11:00:01.500Z",
      }]);
    }
    const wrong = { email: "ada@example.com", password: "SecurePass124" };
    assert.equal((await ask(`${server.url}/api/auth/login`, { method: "POST", body: wrong })).status, 401);
    assert.equal(await postgres.query(name, 'SELECT COUNT(*) FROM "_prisma_migrations"'), "1");
  });

  test("a schema newer than the program stops it with a line that says so", async () => {
    const { name, url } = await emptyDatabase();
    assert.equal((await run(["migrate"], url)).code, 0);
    await postgres.query(name, `INSERT INTO "SchemaMigration" ("version", "name") VALUES (999, 'of_tomorrow')`);
    for (const command of ["serve", "migrate"]) {
      const { code, output } = await run([command], url);
      assert.equal(code, 1, output);
      assert.match(output, /schema version 999, but this program knows versions up to \d+/);
    }
  });

  test("opens DATABASE_POOL connections and no more", async (t) => {
    const { name, url } = await emptyDatabase();
    const server = await started(t, { DATABASE_URL: url, DATABASE_POOL: "3" });
    const person = await Person.register(server);
    await Promise.all(Array.from({ length: 60 }, () => person.createRoom()));
    const open = await postgres.query(name, `SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'webrtc-chat' AND datname = '${name}'`);
    assert.equal(open, "3");
  });

  test("sslmode is obeyed: TLS where it is asked for, and only with the right certificate", async (t) => {
    const { name, url } = await emptyDatabase();
    const without = await run(["serve"], `${url}?sslmode=require`);
    assert.equal(without.code, 1);
    assert.match(without.output, /does not support SSL/);

    const certificate = await postgres.makeCertificate();
    await postgres.kill();
    await postgres.startAgain(["ssl=on"]);
    for (const query of ["sslmode=require", `sslmode=verify-full&sslrootcert=${certificate}`]) {
      const server = await Server.start({ DATABASE_URL: `${url}?${query}` });
      t.after(() => server.stop());
      await Person.register(server);
      const plain = await postgres.query(name, `SELECT COUNT(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'webrtc-chat' AND NOT ssl`);
      assert.equal(plain, "0", query);
    }
    const authority = "/etc/ssl/certs/ca-certificates.crt";
    const unknown = await run(["serve"], `${url}?sslmode=verify-full&sslrootcert=${authority}`);
    assert.equal(unknown.code, 1);
    assert.match(unknown.output, /certificate verify failed/);
  });

  test("a database that does not wait for its disk is told by name at the start, and by doctor", async (t) => {
    const names = ["synchronous_commit", "fsync", "full_page_writes"];
    const told = (server: Server) =>
      server.lines
        .map((line) => JSON.parse(line) as { level: string; message: string })
        .filter((entry) => entry.level === "warn" && names.some((name) => entry.message.includes(`PostgreSQL's ${name} is off`)));
    const careful = await emptyDatabase();
    assert.deepEqual(told(await started(t, { DATABASE_URL: careful.url })), []);
    const good = await run(["doctor"], careful.url);
    assert.match(good.output, /^ok +database: reached/m);

    const careless = await Postgres.start();
    t.after(() => careless.stop());
    const url = await careless.createDatabase("careless");
    for (const off of [names, names.slice(1, 2)]) {
      await careless.kill();
      await careless.startAgain(off.map((name) => `${name}=off`));
      const server = await Server.start({ DATABASE_URL: url });
      t.after(() => server.stop());
      const lines = told(server);
      assert.deepEqual(off.map((name) => lines.filter((entry) => entry.message.includes(`'s ${name} is`)).length), off.map(() => 1));
      assert.equal(lines.length, off.length);
      const bad = await run(["doctor"], url);
      assert.equal(bad.code, 1);
      for (const name of off) assert.match(bad.output, new RegExp(`^.* database: .*PostgreSQL's ${name} is off`, "m"));
      await server.stop();
    }
  });
});

/** Creates rooms on and on, several at a time, until an answer is no 201; what was acknowledged. */
async function createRooms(person: Person, acknowledged: string[], isOver: () => boolean): Promise<void> {
  const one = async (): Promise<void> => {
    while (!isOver()) {
      const answer = await person.ask("POST", "/api/rooms", { name: "Standup" }).catch(() => null);
      if (answer === null) return; // the server was killed
      if (answer.status === 201) acknowledged.push((json(answer) as { slug: string }).slug);
      else assert.equal(errorCode(answer), "UNAVAILABLE");
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

async function assertAllThere(server: Server, slugs: readonly string[]): Promise<void> {
  for (const slug of slugs) assert.equal((await ask(`${server.url}/api/rooms/${slug}`)).status, 200, slug);
}

describe("kill -9 in the middle of writes", () => {
  for (const backend of ["SQLite", "PostgreSQL"]) {
    test(`of the server on ${backend} loses nothing that was acknowledged`, async (t) => {
      const postgres = backend === "PostgreSQL" ? await Postgres.start() : null;
      if (postgres) t.after(() => postgres.stop());
      const server = await Server.start(postgres ? { DATABASE_URL: postgres.url("postgres") } : {});
      const person = await Person.register(server);
      const acknowledged: string[] = [];
      const writing = createRooms(person, acknowledged, () => false);
      await until("writes to be under way", () => acknowledged.length > 100);
      await server.kill("SIGKILL");
      await writing;
      const again = await server.startAgain();
      t.after(() => again.stop());
      await assertAllThere(again, acknowledged);
      const login = { email: person.email, password: PASSWORD };
      assert.equal((await ask(`${again.url}/api/auth/login`, { method: "POST", body: login })).status, 200);
    });
  }

  test("of PostgreSQL: 503 meanwhile, at once and to everyone, and then all is there", async (t) => {
    const postgres = await Postgres.start();
    t.after(() => postgres.stop());
    const server = await Server.start({ DATABASE_URL: postgres.url("postgres") });
    t.after(() => server.stop());
    const person = await Person.register(server);
    const acknowledged: string[] = [];
    let isOver = false;
    const writing = createRooms(person, acknowledged, () => isOver);
    await until("writes to be under way", () => acknowledged.length > 100);
    await postgres.kill();

    const ready = async () => (await ask(`${server.url}/api/health/ready`)).status;
    await until("the server to notice", async () => (await ready()) === 503);
    const login = { email: person.email, password: PASSWORD };
    for (const [method, path, body] of [["GET", "/api/rooms/abc-defg-hij"], ["POST", "/api/auth/login", login], ["POST", "/api/auth/refresh"]] as const) {
      const start = performance.now();
      const answer = await person.ask(method, path, body);
      assert.ok(performance.now() - start < 5_000, `${path} hangs`);
      assert.equal(answer.status, 503, path);
      assert.equal(errorCode(answer), "UNAVAILABLE");
      assert.match(String(answer.headers["retry-after"]), /^\d+$/);
    }
    assert.equal((await ask(`${server.url}/api/health/live`)).status, 200);

    await postgres.startAgain();
    await until("the server to be back by itself", async () => (await ready()) === 200);
    const before = acknowledged.length;
    await until("writes to go on", () => acknowledged.length > before);
    isOver = true;
    await writing;
    await assertAllThere(server, acknowledged);
    assert.equal((await person.ask("POST", "/api/auth/refresh")).status, 200, "and the login stands");
    const told = server.lines.map((line) => (JSON.parse(line) as { message: string }).message);
    for (const message of ["database connection lost", "database away", "database connected again"]) {
      assert.equal(told.filter((one) => one === message).length >= 1, true, message);
    }
  });
});
