// REST refuses what the contract refuses, with the code that it names (docs/protocol/rest.md).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Bystander } from "../support/bystander.ts";
import { errorCode, json } from "../support/http.ts";
import { PASSWORD, Person } from "../support/person.ts";
import { Server } from "../support/server.ts";

type Row = {
  name: string;
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  status: number;
  code: string;
  /** Fields that `details` must name. */
  fields?: readonly string[];
};

const good = { email: "new@example.org", username: "new-person", password: PASSWORD };
const register = (name: string, body: unknown, fields?: readonly string[]): Row => ({
  name,
  method: "POST",
  path: "/api/auth/register",
  body,
  status: 400,
  code: "VALIDATION_ERROR",
  ...(fields && { fields }),
});
const deep = `${'{"a":'.repeat(200)}1${"}".repeat(200)}`;

const ROWS: readonly Row[] = [
  register("broken JSON", '{"email": '),
  register("no JSON at all", "email=a&username=b", []),
  register("an array", []),
  register("null", "null"),
  register("nothing", ""),
  register("deep nesting", deep),
  register("duplicate keys", '{"email":"a@example.org","email":"b@example.org"}'),
  register("invalid UTF-8", Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
  register("a lone surrogate", `{"email":"a@example.org","username":"a\\ud800b","password":"${PASSWORD}"}`, ["username"]),
  register("U+0000", `{"email":"a@example.org","username":"a\\u0000b","password":"${PASSWORD}"}`, ["username"]),
  register("missing fields", {}, ["email", "username", "password"]),
  register("wrong types", { email: 1, username: [], password: {} }, ["email", "username", "password"]),
  register("an unknown field", { ...good, admin: true }, ["admin"]),
  register("an e-mail without @", { ...good, email: "nobody" }, ["email"]),
  register("an e-mail of 255 characters", { ...good, email: `${"a".repeat(243)}@example.org` }, ["email"]),
  register("a username of 2", { ...good, username: "ab" }, ["username"]),
  register("a username of 33", { ...good, username: "a".repeat(33) }, ["username"]),
  register("a username with a tag", { ...good, username: "<b>x</b>" }, ["username"]),
  register("a password of 7 bytes", { ...good, password: "7 bytes" }, ["password"]),
  register("a password of 73 bytes", { ...good, password: "x".repeat(73) }, ["password"]),
  register("a password of 37 two-byte letters", { ...good, password: "é".repeat(37) }, ["password"]),
  register("a common password", { ...good, password: "password123" }, ["password"]),
  register("the username as password", { ...good, username: "longusername", password: "longusername" }, ["password"]),
  { name: "a body of another type", method: "POST", path: "/api/auth/login", body: "a=b",
    headers: { "content-type": "application/x-www-form-urlencoded" }, status: 415, code: "UNSUPPORTED_MEDIA_TYPE" },
  { name: "a body of 1 MB", method: "POST", path: "/api/auth/login", body: "x".repeat(1_000_000),
    status: 413, code: "PAYLOAD_TOO_LARGE" },
  { name: "a wrong method", method: "PUT", path: "/api/auth/login", status: 405, code: "METHOD_NOT_ALLOWED" },
  { name: "an unknown path", method: "GET", path: "/api/nothing", status: 404, code: "NOT_FOUND" },
  { name: "an unknown room", method: "GET", path: "/api/rooms/aaa-bbbb-ccc", status: 404, code: "ROOM_NOT_FOUND" },
  { name: "SQL as a slug", method: "GET", path: "/api/rooms/a'%20OR%201=1--", status: 404, code: "ROOM_NOT_FOUND" },
  { name: "an unknown user", method: "GET", path: "/api/users/nobody", status: 404, code: "USER_NOT_FOUND" },
  { name: "a page that JSON alone answers", method: "GET", path: "/api/rooms/aaa-bbbb-ccc",
    headers: { accept: "text/html" }, status: 406, code: "NOT_ACCEPTABLE" },
  { name: "a foreign origin", method: "POST", path: "/api/auth/login", body: { email: "a@example.org", password: "x" },
    headers: { origin: "https://evil.example" }, status: 403, code: "FORBIDDEN" },
  { name: "the origin null", method: "POST", path: "/api/auth/logout",
    headers: { origin: "null" }, status: 403, code: "FORBIDDEN" },
  { name: "a room name that is a number", method: "POST", path: "/api/rooms", body: { name: 7 },
    status: 400, code: "VALIDATION_ERROR", fields: ["name"] },
  { name: "an empty room name", method: "POST", path: "/api/rooms", body: { name: " " },
    status: 400, code: "VALIDATION_ERROR", fields: ["name"] },
  { name: "a room name of 81", method: "POST", path: "/api/rooms", body: { name: "x".repeat(81) },
    status: 400, code: "VALIDATION_ERROR", fields: ["name"] },
  { name: "a room name with U+0000", method: "POST", path: "/api/rooms", body: { name: "a\u0000b" },
    status: 400, code: "VALIDATION_ERROR", fields: ["name"] },
  { name: "a slug with a slash", method: "POST", path: "/api/rooms", body: { name: "x", slug: "../etc" },
    status: 400, code: "VALIDATION_ERROR", fields: ["slug"] },
  { name: "a header in a slug", method: "POST", path: "/api/rooms", body: { name: "x", slug: "abc\r\nSet-Cookie: a=b" },
    status: 400, code: "VALIDATION_ERROR", fields: ["slug"] },
  { name: "a header in a path", method: "GET", path: "/api/rooms/abc%0d%0aSet-Cookie:%20a=b", status: 404, code: "ROOM_NOT_FOUND" },
  { name: "a limit of 0", method: "GET", path: "/api/rooms?limit=0", status: 400, code: "VALIDATION_ERROR" },
  { name: "a limit of 101", method: "GET", path: "/api/rooms?limit=101", status: 400, code: "VALIDATION_ERROR" },
  { name: "a limit of letters", method: "GET", path: "/api/rooms?limit=ten", status: 400, code: "VALIDATION_ERROR" },
];

describe("REST refuses", () => {
  let server: Server;
  let person: Person;
  let bystander: Bystander;
  before(async () => {
    server = await Server.start();
    person = await Person.register(server);
    bystander = await Bystander.start(server);
  });
  after(async () => {
    await bystander.stop();
    await server.stop();
  });

  for (const row of ROWS) {
    test(`${row.name} (${row.method} ${row.path})`, async () => {
      const answer = await person.ask(row.method, row.path, row.body, row.headers);
      assert.equal(answer.status, row.status, answer.body.toString());
      assert.equal(errorCode(answer), row.code);
      assert.ok(answer.headers["x-request-id"]);
      assert.equal(answer.headers["set-cookie"], undefined);
      if (row.status === 405) assert.match(String(answer.headers["allow"]), /POST/);
      if (row.fields === undefined) return;
      const { details } = json(answer) as { details?: { field: string; message: string }[] };
      for (const field of row.fields) {
        assert.ok(details?.some((detail) => detail.field === field), `details name ${field}`);
      }
    });
  }

  test("whoever is not logged in, where a login is needed", async () => {
    const nobody = await Person.register(server);
    nobody.cookies.clear();
    const paths = [["GET", "/api/users/me"], ["PATCH", "/api/users/me"], ["DELETE", "/api/users/me"],
      ["GET", "/api/rooms"], ["POST", "/api/rooms"], ["POST", "/api/auth/refresh"]] as const;
    for (const [method, path] of paths) {
      const answer = await nobody.ask(method, path, method === "GET" ? undefined : {});
      assert.equal(answer.status, 401, `${method} ${path}`);
      assert.equal(errorCode(answer), "UNAUTHORIZED");
    }
    nobody.cookies.set("access_token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.");
    assert.equal((await nobody.ask("GET", "/api/users/me")).status, 401);
  });

  test("changes to a room by someone who is not its host", async () => {
    const room = await person.createRoom();
    const other = await Person.register(server);
    for (const [method, body] of [["PATCH", { name: "mine" }], ["DELETE", undefined]] as const) {
      const answer = await other.ask(method, `/api/rooms/${room.slug}`, body);
      assert.equal(answer.status, 403);
      assert.equal(errorCode(answer), "FORBIDDEN");
    }
    const messages = await other.ask("GET", `/api/rooms/${room.slug}/messages`);
    assert.equal(messages.status, 403);
  });

  test("the same e-mail or username twice, whatever the case", async () => {
    const taken = [
      [{ email: person.email.toUpperCase(), username: "someone-else" }, "EMAIL_TAKEN"],
      [{ email: "someone@example.org", username: person.username.toUpperCase() }, "USERNAME_TAKEN"],
    ] as const;
    for (const [who, code] of taken) {
      const answer = await person.ask("POST", "/api/auth/register", { ...who, password: PASSWORD });
      assert.equal(answer.status, 409);
      assert.equal(errorCode(answer), code);
    }
  });

  test("nothing of an e-mail, hash or counter in a public user", async () => {
    const answer = await person.ask("GET", `/api/users/${person.id}`);
    assert.deepEqual(Object.keys(json(answer) as object).sort(), ["createdAt", "id", "username"]);
  });
});
