// What the log tells of people: ids, never an e-mail address, a password or a token.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../support/http.ts";
import { PASSWORD, Person } from "../support/person.ts";
import { Postgres } from "../support/postgres.ts";
import { Server } from "../support/server.ts";

for (const backend of ["SQLite", "PostgreSQL"]) {
  test(`no e-mail address, password or token is logged on ${backend}, at any level`, async () => {
    const postgres = backend === "PostgreSQL" ? await Postgres.start() : null;
    const server = await Server.start({
      LOG_LEVEL: "debug",
      LOCKOUT_ATTEMPTS: "2",
      ...(postgres && { DATABASE_URL: postgres.url("postgres") }),
    });
    try {
      const person = await Person.register(server, "private");
      const other = await Person.register(server, "other");
      const login = (email: string, password: string) =>
        ask(`${server.url}/api/auth/login`, { method: "POST", body: { email, password } });
      const { email } = person;

      const statuses = [
        await person.ask("POST", "/api/auth/register", { email, username: "another", password: PASSWORD }),
        await other.ask("PATCH", "/api/users/me", { email, currentPassword: PASSWORD }),
        await login(email, "a wrong password"),
        await login(email, "a wrong password"),
        await login(email, PASSWORD),
        await login(`nobody-${email}`, PASSWORD),
        await login("' OR 1=1 -- private", PASSWORD),
        await person.ask("POST", "/api/auth/refresh"),
        await person.ask("POST", "/api/auth/logout"),
        await person.ask("GET", "/api/users/me"),
      ].map((answer) => answer.status);
      assert.deepEqual(statuses, [409, 409, 401, 401, 423, 401, 401, 200, 204, 401]);
    } finally {
      await server.stop();
      await postgres?.stop();
    }
    const log = server.lines.join("\n");
    assert.match(log, /"path":"\/api\/auth\/login"/, "requests are logged at all");
    assert.doesNotMatch(log, /private-[0-9a-f]{8}|@example/, "neither e-mail address nor name");
    assert.ok(!log.includes(PASSWORD));
    assert.doesNotMatch(log, /eyJ[\w-]{10,}/, "no token");
  });
}
