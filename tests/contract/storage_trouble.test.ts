// Trouble with the disk below SQLite: requests are refused by name, what was acknowledged stays, and work goes on after it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { ask, errorCode, json } from "../support/http.ts";
import { PASSWORD, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Child } from "../support/process.ts";
import { BINARY, environment, Server } from "../support/server.ts";

const run = promisify(execFile);
const DISK = "/mnt"; // in a mount namespace of the server's own
const RIGHTS = userInfo().uid === 0 ? [] : ["--map-root-user"];

/** A server whose database lies on a disk of 3 MB that nobody else has; `outside` is the disk's path for us. */
async function onSmallDisk(t: TestContext): Promise<{ server: Server; outside: string }> {
  const mount = `mount -t tmpfs -o size=3m none ${DISK} && exec "$@"`;
  const server = await Server.start({ DATABASE_URL: `sqlite:${DISK}/chat.db` }, ["unshare", ...RIGHTS, "--mount", "sh", "-c", mount, "sh"]);
  t.after(() => server.stop());
  return { server, outside: `/proc/${server.pid}/root${DISK}` };
}

/**
 * From now on no file takes a write of the process (EFBIG), or takes them again. To turn a disk read-only while it is written to
 * is refused by the kernel, but when the disk errs; and SQLite makes the same of both errors.
 */
async function allowWrites(server: Server, allowed: boolean): Promise<void> {
  await run("prlimit", ["--pid", String(server.pid), `--fsize=${allowed ? "unlimited" : "0"}:`]);
}

/** Creates rooms until one is refused; what was acknowledged. */
async function createUntilRefused(person: Person): Promise<string[]> {
  const slugs: string[] = [];
  for (;;) {
    const answer = await person.ask("POST", "/api/rooms", { name: "x".repeat(60) });
    if (answer.status === 201) slugs.push((json(answer) as { slug: string }).slug);
    else {
      assert.equal(answer.status, 503, answer.body.toString());
      assert.equal(errorCode(answer), "UNAVAILABLE");
      assert.match(String(answer.headers["retry-after"]), /^\d+$/);
      return slugs;
    }
    assert.ok(slugs.length < 100_000, "the disk does not fill");
  }
}

async function assertAllThere(server: Server, slugs: readonly string[]): Promise<void> {
  for (const slug of slugs) assert.equal((await ask(`${server.url}/api/rooms/${slug}`)).status, 200, slug);
}

describe("SQLite on a disk in trouble", { timeout: 180_000 }, () => {
  test("full: writes are refused by REST and by Socket.IO, reads go on, and so does everything once there is room", async (t) => {
    const { server, outside } = await onSmallDisk(t);
    const person = await Person.register(server);
    const room = await person.createRoom();
    const line = await person.connect();
    await line.join(room.slug);
    assert.equal((await line.call("chat:send", { content: "before", clientId: "0" })).error, undefined);
    await run("dd", ["if=/dev/zero", `of=${outside}/filler`, "bs=64k"]).catch(() => undefined); // ends when there is no room

    const slugs = [room.slug, ...(await createUntilRefused(person))];
    const said: string[] = [];
    for (let i = 0; ; i++) {
      const content = `${i} ${"y".repeat(2_000)}`;
      const reply = await line.call("chat:send", { content, clientId: String(i + 1) });
      if (reply.error === undefined) {
        said.push(content);
        assert.ok(i < 10_000, "the disk does not fill");
        continue;
      }
      assert.equal(reply.error.code, "UNAVAILABLE");
      break;
    }
    await assertAllThere(server, slugs);
    assert.equal((await ask(server.url)).status, 200, "the page");
    assert.equal((await ask(`${server.url}/api/health/live`)).status, 200);

    await rm(`${outside}/filler`);
    await until("rooms to be created again", async () => (await person.ask("POST", "/api/rooms", { name: "room again" })).status === 201);
    await until("messages to be taken again", async () =>
      (await line.call("chat:send", { content: "after", clientId: "last" })).error === undefined);
    await assertAllThere(server, slugs);
    const history = json(await person.ask("GET", `/api/rooms/${room.slug}/messages?limit=100`)) as { messages: { content: string }[] };
    const expected = ["before", ...said, "after"].slice(-100);
    assert.deepEqual(history.messages.map((one) => one.content).filter((one) => expected.includes(one)), expected);
    line.close();
  });

  test("a write cut short by the end of the disk, and the process killed there: the next start has all that was acknowledged", async (t) => {
    const { server, outside } = await onSmallDisk(t);
    const copy = join(server.folder, "chat.db");
    const person = await Person.register(server);
    await run("dd", ["if=/dev/zero", `of=${outside}/filler`, "bs=64k"]).catch(() => undefined);
    const slugs = await createUntilRefused(person);
    // As a power cut leaves it: the files as they are on the disk, half a write at their end.
    for (const part of ["", "-wal"]) await run("cp", [`${outside}/chat.db${part}`, `${copy}${part}`]);
    await server.kill("SIGKILL");
    const again = await Server.start({ DATABASE_URL: `sqlite:${copy}` });
    t.after(() => again.stop());
    await assertAllThere(again, slugs);
    const login = { email: person.email, password: PASSWORD };
    assert.equal((await ask(`${again.url}/api/auth/login`, { method: "POST", body: login })).status, 200);
    const check = new DatabaseSync(copy, { readOnly: true });
    assert.deepEqual(check.prepare("PRAGMA integrity_check").all().map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
    check.close();
  });

  test("read-only: the start says so and ends with 1, and the next start on a disk that can be written has it all", async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const person = await Person.register(server);
    const room = await person.createRoom();
    await server.kill("SIGTERM");
    const mount = `mount --bind ${server.folder} ${DISK} && mount -o remount,bind,ro ${DISK} && exec "$@"`;
    const env = environment({ PORT: "0", RTC_PORT: "0", DATABASE_URL: `sqlite:${DISK}/chat.db`, JWT_ACCESS_SECRET: "a".repeat(40), JWT_REFRESH_SECRET: "b".repeat(40) });
    const child = new Child("unshare", [...RIGHTS, "--mount", "sh", "-c", mount, "sh", BINARY, "serve"], env);
    assert.equal((await child.exited).code, 1, child.lines.join("\n"));
    assert.match(child.lines.join("\n"), /readonly|read-only|unable to open/);
    const again = await server.startAgain();
    t.after(() => again.stop());
    await assertAllThere(again, [room.slug]);
  });

  test("no more writable under a running server: writes are refused, reads go on, nothing is lost, and writes go on when it is", async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const person = await Person.register(server);
    const room = await person.createRoom();
    const line = await person.connect();
    await line.join(room.slug);
    const said: string[] = [];
    const say = async (content: string): Promise<string | undefined> => {
      const reply = await line.call("chat:send", { content, clientId: content });
      if (reply.error === undefined) said.push(content);
      return reply.error?.code;
    };
    const history = async (): Promise<string[]> => {
      const answer = await person.ask("GET", `/api/rooms/${room.slug}/messages?limit=100`);
      assert.equal(answer.status, 200);
      return (json(answer) as { messages: { content: string }[] }).messages.map((one) => one.content);
    };
    const slugs = [room.slug];
    for (let round = 0; round < 3; round++) {
      // The disk turns while both doors write.
      const creating = createUntilRefused(person);
      assert.equal(await say(`before ${round}`), undefined);
      await allowWrites(server, false);
      slugs.push(...(await creating));
      for (let i = 0; i < 5; i++) {
        assert.equal(await say(`never ${round} ${i}`), "UNAVAILABLE");
        const refused = await person.ask("POST", "/api/rooms", { name: "never" });
        assert.deepEqual([refused.status, errorCode(refused)], [503, "UNAVAILABLE"]);
      }
      await assertAllThere(server, slugs);
      assert.deepEqual(await history(), said);
      assert.equal((await ask(server.url)).status, 200, "the page");
      assert.equal((await ask(`${server.url}/api/health/live`)).status, 200);
      await allowWrites(server, true);
      await until("messages to be taken again", async () => (await say(`after ${round}`)) === undefined);
      slugs.push((await person.createRoom()).slug);
      assert.deepEqual(await history(), said);
    }
    line.close();
    await allowWrites(server, false);
    assert.equal((await createUntilRefused(person)).length, 0);
    await server.kill("SIGKILL");
    const again = await server.startAgain();
    t.after(() => again.stop());
    await assertAllThere(again, slugs);
    const kept = new DatabaseSync(join(again.folder, "chat.db"), { readOnly: true });
    t.after(() => kept.close());
    assert.deepEqual(kept.prepare('SELECT "content" FROM "Message" ORDER BY "createdAt", "id"').all().map((row) => row["content"]), said);
    assert.deepEqual(kept.prepare(`SELECT COUNT(*) AS "rooms" FROM "Room" WHERE "name" = 'never'`).get(), { __proto__: null, rooms: 0 });
    assert.deepEqual(kept.prepare("PRAGMA integrity_check").all().map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
  });

  test("a lock that another program holds: writes are refused in time, reads go on, and work goes on after it", async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const person = await Person.register(server);
    const room = await person.createRoom();
    const intruder = new DatabaseSync(join(server.folder, "chat.db"));
    t.after(() => intruder.close());
    intruder.exec("BEGIN IMMEDIATE");
    // More writers than connections to the database (8).
    const writes = Array.from({ length: 20 }, () => person.ask("POST", "/api/rooms", { name: "Standup" }));
    let refused = 0;
    for (const write of writes) void write.then(() => refused++);
    // One after the other: the first may come before the writes wait, the last does not.
    for (let i = 0; i < 10; i++) assert.equal((await ask(`${server.url}/api/rooms/${room.slug}`)).status, 200);
    assert.equal((await person.ask("GET", `/api/rooms/${room.slug}/messages`)).status, 200);
    assert.equal(refused, 0, "the readers waited for the writers");
    for (const answer of await Promise.all(writes)) {
      assert.equal(answer.status, 503);
      assert.equal(errorCode(answer), "UNAVAILABLE");
    }
    intruder.exec("ROLLBACK");
    await until("rooms to be created", async () => (await person.ask("POST", "/api/rooms", { name: "again" })).status === 201);
    const rooms = json(await person.ask("GET", "/api/rooms")) as { rooms: { name: string }[] };
    assert.deepEqual(rooms.rooms.map((one) => one.name).filter((name) => name === "again"), ["again"]);
  });
});
