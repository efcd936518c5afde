// `webrtc-chat user …` on the database of a server that runs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask } from "../support/http.ts";
import { Line, PASSWORD, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Postgres } from "../support/postgres.ts";
import { Server } from "../support/server.ts";

const NEW_PASSWORD = "another fine password";

for (const backend of ["SQLite", "PostgreSQL"]) {
  describe(`user commands on ${backend}`, () => {
    let postgres: Postgres | null = null;
    let server: Server;
    before(async () => {
      postgres = backend === "PostgreSQL" ? await Postgres.start() : null;
      server = await Server.start(postgres ? { DATABASE_URL: postgres.url("postgres") } : {});
    });
    after(async () => {
      await server.stop();
      await postgres?.stop();
    });

    const user = (args: readonly string[], input = "") => server.command(["user", ...args], input);
    const login = async (email: string, password: string) =>
      (await ask(`${server.url}/api/auth/login`, { method: "POST", body: { email, password } })).status;

    /** The login is over for its cookie and its socket. */
    async function assertEnded(cookie: string, line: Line, start: number): Promise<void> {
      await until("the socket to be closed", () => line.socket.disconnected);
      assert.ok(performance.now() - start < 1000, "within a second");
      assert.equal(line.payloads("error").at(-1)?.["code"], "UNAUTHORIZED");
      await until("the cookie to be refused", async () =>
        (await ask(`${server.url}/api/users/me`, { headers: { cookie } })).status === 401, 1000);
    }

    test("create and list", async () => {
      const made = await user(["create", "New@Example.org", "newcomer"], `${PASSWORD}\n`);
      assert.equal(made.code, 0, made.output);
      assert.equal(await login("new@example.org", PASSWORD), 200);
      assert.match((await user(["list"])).output, /^c\w{24} {2}new@example\.org {2}newcomer {2}20\d\d-/m);
      const twice = await user(["create", "new@example.org", "other"], `${PASSWORD}\n`);
      assert.equal(twice.code, 1);
      assert.match(twice.output, /e-mail address/);
      const bad = await user(["create", "nobody", "x"], "short\n");
      assert.equal(bad.code, 1);
      for (const field of ["email", "username", "password"]) assert.match(bad.output, new RegExp(`^${field}: `, "m"));
    });

    test("unlock lets a locked account in", async () => {
      const person = await Person.register(server);
      for (let i = 0; i < 5; i++) await login(person.email, "a wrong password");
      assert.equal(await login(person.email, PASSWORD), 423);
      assert.match((await user(["list"])).output, new RegExp(`${person.username} .* locked$`, "m"));
      assert.equal((await user(["unlock", person.email])).code, 0);
      assert.equal(await login(person.email, PASSWORD), 200);
    });

    test("set-password ends all logins and their sockets within a second", async () => {
      const person = await Person.register(server);
      const line = await person.connect();
      const done = await user(["set-password", person.email], `${NEW_PASSWORD}\n`);
      await assertEnded(person.cookie, line, performance.now());
      assert.equal(done.code, 0, done.output);
      assert.equal(await login(person.email, PASSWORD), 401);
      assert.equal(await login(person.email, NEW_PASSWORD), 200);
      assert.equal((await user(["set-password", person.email], "short\n")).code, 1);
    });

    test("delete ends the account, its sockets and its rooms", async () => {
      const person = await Person.register(server);
      const room = await person.createRoom();
      const line = await person.connect();
      const guest = await Line.open(server, { auth: { guestName: "Left behind" } });
      await guest.join(room.slug);
      assert.equal((await user(["delete", person.email])).code, 0);
      await assertEnded(person.cookie, line, performance.now());
      await until("the room's end", () => guest.payloads("room:closed").length > 0);
      assert.deepEqual(guest.payloads("room:closed"), [{ reason: "deleted" }]);
      guest.close();
      assert.equal(await login(person.email, PASSWORD), 401);
      assert.equal((await ask(`${server.url}/api/rooms/${room.slug}`)).status, 404);
    });

    test("an account that is not there gives 1, a wrong use 2", async () => {
      for (const command of ["unlock", "delete", "set-password"]) {
        const { code, output } = await user([command, "nobody@example.org"], `${PASSWORD}\n`);
        assert.equal(code, 1);
        assert.match(output, /nobody@example\.org/);
      }
      for (const args of [[], ["create"], ["promote", "x"]]) assert.equal((await user(args)).code, 2, args.join(" "));
    });
  });
}
