// `webrtc-chat backup` and `restore`: a backup is taken while the server works, and who was in it can log in elsewhere.
import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { ask, json } from "../support/http.ts";
import { PASSWORD, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Postgres } from "../support/postgres.ts";
import { environment, runCommand, Server } from "../support/server.ts";

for (const backend of ["SQLite", "PostgreSQL"] as const) {
  describe(`backup and restore on ${backend}`, { timeout: 120_000 }, () => {
    let folder: string;
    let postgres: Postgres | null = null;
    let made = 0;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "webrtc-chat-backup-"));
      if (backend === "PostgreSQL") postgres = await Postgres.start();
    });
    after(async () => {
      await postgres?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** DATABASE_URL of an empty database. */
    async function emptyDatabase(): Promise<string> {
      const name = `test_${++made}`;
      return postgres ? postgres.createDatabase(name) : `sqlite:${join(folder, `${name}.db`)}`;
    }
    const at = (name: string) => join(folder, name);
    const run = (args: readonly string[], url: string, more = {}) =>
      runCommand(args, environment({ DATABASE_URL: url, ...more }), { cwd: folder });

    async function assertAllThere(server: Server, person: Person, slugs: readonly string[], said: string): Promise<void> {
      const login = await ask(`${server.url}/api/auth/login`, { method: "POST", body: { email: person.email, password: PASSWORD } });
      assert.equal(login.status, 200);
      for (const slug of slugs) assert.equal((await ask(`${server.url}/api/rooms/${slug}`)).status, 200, slug);
      const cookie = (login.headers["set-cookie"] as string[]).map((line) => line.split(";")[0]).join("; ");
      const history = json(await ask(`${server.url}/api/rooms/${slugs[0]}/messages`, { headers: { cookie } })) as { messages: { content: string }[] };
      assert.deepEqual(history.messages.map((one) => one.content), [said]);
    }

    test("a backup of a server that works holds all that was acknowledged before it, and restores elsewhere", async (t) => {
      const url = await emptyDatabase();
      const server = await Server.start({ DATABASE_URL: url });
      t.after(() => server.stop());
      const person = await Person.register(server);
      const slugs = [(await person.createRoom()).slug];
      const line = await person.connect();
      await line.join(slugs[0] ?? "");
      assert.equal((await line.call("chat:send", { content: "to be kept", clientId: "1" })).error, undefined);
      line.close();
      // Others go on writing meanwhile.
      let isOver = false;
      const writing = (async () => {
        const writer = await Person.register(server, "writer");
        while (!isOver) await writer.createRoom();
      })();
      for (let i = 0; i < 20; i++) slugs.push((await person.createRoom()).slug);
      const done = await run(["backup", at("good")], url);
      isOver = true;
      await writing;
      assert.equal(done.code, 0, done.output);
      assert.equal((await stat(at("good"))).mode & 0o777, 0o600);
      assert.ok(!done.output.includes("postgres@"), "no URL is shown");

      const elsewhere = await emptyDatabase();
      const restored = await run(["restore", at("good")], elsewhere);
      assert.equal(restored.code, 0, restored.output);
      const second = await Server.start({ DATABASE_URL: elsewhere });
      t.after(() => second.stop());
      await assertAllThere(second, person, slugs, "to be kept");
      assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith(".part")), [], "nothing half done is left");
    });

    test("restore replaces a database by --force alone, and never under a server", async (t) => {
      const url = await emptyDatabase();
      const first = await Server.start({ DATABASE_URL: url });
      t.after(() => first.stop());
      const person = await Person.register(first);
      const later = await emptyDatabase();
      const second = await Server.start({ DATABASE_URL: later });
      t.after(() => second.stop());
      const other = await Person.register(second, "other");
      assert.equal((await run(["backup", at("first")], url)).code, 0);

      const running = await run(["restore", "--force", at("first")], later);
      assert.equal(running.code, 1, running.output);
      assert.match(running.output, /in use: stop the server/);
      assert.equal((await other.ask("GET", "/api/users/me")).status, 200);
      await second.kill("SIGTERM");
      const careful = await run(["restore", at("first")], later);
      assert.equal(careful.code, 1, careful.output);
      assert.match(careful.output, /--force/);
      const forced = await run(["restore", "--force", at("first")], later);
      assert.equal(forced.code, 0, forced.output);
      const again = await second.startAgain();
      t.after(() => again.stop());
      const login = (who: Person) => ask(`${again.url}/api/auth/login`, { method: "POST", body: { email: who.email, password: PASSWORD } });
      assert.equal((await login(person)).status, 200);
      assert.equal((await login(other)).status, 401);
    });

    test("a backup is not written over another one, nor over the database", async () => {
      const url = await emptyDatabase();
      assert.equal((await run(["migrate"], url)).code, 0);
      await writeFile(at("taken"), "mine");
      const refused = await run(["backup", at("taken")], url);
      assert.equal(refused.code, 1);
      assert.match(refused.output, /taken/);
      assert.equal(await readFile(at("taken"), "utf8"), "mine");
      assert.equal((await run(["backup", "--force", at("taken")], url)).code, 0);
      if (postgres) return;
      const file = url.slice("sqlite:".length);
      const itself = await run(["backup", "--force", file], url);
      assert.equal(itself.code, 1);
      assert.match(itself.output, /the database itself/);
    });

    test("restore refuses what is no backup, one of a newer program and a damaged one, by name, and changes nothing", async () => {
      const url = await emptyDatabase();
      assert.equal((await run(["migrate"], url)).code, 0);
      assert.equal((await run(["backup", at("whole")], url)).code, 0);
      await writeFile(at("noise"), "neither this nor that\n".repeat(1_000));
      await writeFile(at("empty"), "");
      const whole = await readFile(at("whole"));
      await writeFile(at("torn"), whole.subarray(0, whole.length / 2));
      const newer = await emptyDatabase();
      assert.equal((await run(["migrate"], newer)).code, 0);
      const statement = `INSERT INTO "SchemaMigration" ("version", "name") VALUES (999, 'of_tomorrow')`;
      if (postgres) await postgres.query(`test_${made}`, statement);
      const made_newer = await run(["backup", at("newer")], newer);
      assert.equal(made_newer.code, 0, made_newer.output);
      if (!postgres) {
        const file = new DatabaseSync(at("newer"));
        file.exec(statement);
        file.close();
      }
      const target = await emptyDatabase();
      for (const [name, why] of [["noise", ""], ["empty", "no backup"], ["torn", ""], ["missing", "no such file"], ["newer", "999"]] as const) {
        const refused = await run(["restore", "--force", at(name)], target);
        assert.equal(refused.code, 1, `${name}: ${refused.output}`);
        assert.ok(refused.output.includes(at(name)), `${name}: ${refused.output}`);
        assert.match(refused.output, new RegExp(why), name);
      }
      assert.equal((await run(["restore", at("whole")], target)).code, 0, "the target is as empty as before");
    });

    if (backend === "PostgreSQL") {
      test("without pg_dump it says which package has it", async () => {
        const url = await emptyDatabase();
        assert.equal((await run(["migrate"], url)).code, 0);
        const without = await run(["backup", at("without")], url, { PATH: folder });
        assert.equal(without.code, 1);
        assert.match(without.output, /pg_dump is not installed.*postgresql-client/);
        await until("no file to be left", async () => !(await readdir(folder)).some((name) => name.startsWith("without")));
      });
    } else {
      test("the file, its log and its index are the owner's alone, whatever the umask and whatever they were", async (t) => {
        const wide = ["sh", "-c", 'umask 000; exec "$@"', "sh"];
        const server = await Server.start({}, wide);
        t.after(() => server.stop());
        await Person.register(server);
        const modes = async () => {
          const names = (await readdir(server.folder)).filter((name) => name.startsWith("chat.db"));
          assert.deepEqual(names.sort(), ["chat.db", "chat.db-shm", "chat.db-wal"]);
          return Promise.all(names.map(async (name) => ((await stat(join(server.folder, name))).mode & 0o777).toString(8)));
        };
        assert.deepEqual(await modes(), ["600", "600", "600"]);
      });

      test("a file that was open to others is closed to them at the start", async (t) => {
        const server = await Server.start();
        await server.kill("SIGKILL");
        for (const name of (await readdir(server.folder)).filter((one) => one.startsWith("chat.db"))) await chmod(join(server.folder, name), 0o644);
        const again = await server.startAgain();
        t.after(() => again.stop());
        for (const name of (await readdir(server.folder)).filter((one) => one.startsWith("chat.db"))) {
          assert.equal((await stat(join(server.folder, name))).mode & 0o777, 0o600, name);
        }
      });
    }
  });
}
