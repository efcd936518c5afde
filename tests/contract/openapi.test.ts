// The OpenAPI document as the real server gives it: it names every method of every path, and what
// it says of the routes that the C++ suite has not (apps/server/tests/http/openapi_test.cpp) is so.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Answer, ask, errorCode, json } from "../support/http.ts";
import { Line, Person } from "../support/person.ts";
import { Server } from "../support/server.ts";

type Schema = {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  enum?: unknown[];
};
type Operation = { responses: Record<string, { content?: Record<string, { schema: Schema }> }> };
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const SERVER_PATHS = ["/api/rtc/config", "/api/health/live", "/api/health/ready", "/api/admin/drain", "/metrics",
  "/api/openapi.json", "/api/docs"];

describe("the OpenAPI document", () => {
  let server: Server;
  let document: Document;
  before(async () => {
    server = await Server.start({ TRUST_PROXY: "127.0.0.1,::1" });
    const answer = await ask(`${server.url}/api/openapi.json`);
    assert.equal(answer.status, 200);
    document = json(answer) as Document;
  });
  after(() => server.stop());

  /** As much of JSON Schema as the document uses: throws what is wrong with the value. */
  function assertFits(value: unknown, schema: Schema, where: string): void {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
      return assertFits(value, document.components.schemas[name] as Schema, where);
    }
    const kind = value === null ? "null" : Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
    if (schema.type !== undefined) assert.ok([schema.type].flat().includes(kind), `${where} is ${kind}`);
    if (schema.enum) assert.ok(schema.enum.includes(value), `${where} is ${String(value)}`);
    if (Array.isArray(value)) value.forEach((item, i) => assertFits(item, schema.items ?? {}, `${where}[${i}]`));
    if (kind !== "object") return;
    const members = value as Record<string, unknown>;
    for (const name of schema.required ?? []) assert.ok(name in members, `${where}.${name} is missing`);
    for (const [name, member] of Object.entries(members)) {
      const further = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
      const known = schema.properties?.[name] ?? further;
      if (known) assertFits(member, known, `${where}.${name}`);
      else assert.ok(!schema.properties, `${where}.${name} is not in the schema`);
    }
  }

  function assertAsDocumented(method: string, path: string, answer: Answer): void {
    const response = document.paths[path]?.[method]?.responses[String(answer.status)];
    assert.ok(response, `${method} ${path} ${answer.status}`);
    const type = String(answer.headers["content-type"]).split(";")[0] ?? "";
    const schema = response.content?.[type]?.schema;
    assert.ok(schema, `${method} ${path} ${answer.status}: ${type}`);
    if (type === "application/json") assertFits(json(answer), schema, `${method} ${path}`);
  }

  test("is OpenAPI 3.1", () => {
    assert.match(document.openapi, /^3\.1\./);
  });

  test("names the methods of each path, as Allow does", async () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const answer = await ask(server.url + path.replaceAll(/\{\w+\}/g, "some-thing"), { method: "PUT" });
      assert.equal(answer.status, 405, path);
      // `/api/users/me` is one of `/api/users/:id` too.
      const allowed = new Set(String(answer.headers["allow"]).split(", "));
      assert.deepEqual(allowed, new Set(Object.keys(operations).map((method) => method.toUpperCase())), path);
    }
  });

  test("a foreign origin gets 403 from every operation that changes something", async () => {
    let count = 0;
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations).filter((one) => one !== "get")) {
        const url = server.url + path.replaceAll(/\{\w+\}/g, "some-thing");
        const answer = await ask(url, { method: method.toUpperCase(), headers: { origin: "https://evil.example" }, body: {} });
        assert.equal(answer.status, 403, `${method} ${path}`);
        assert.equal(errorCode(answer), "FORBIDDEN");
        count++;
      }
    }
    assert.ok(count >= 10, `${count} operations`);
  });

  test("every status of the server's own routes is answered in the shape given", async () => {
    const seen = new Set<string>();
    const expect = async (status: number, method: string, path: string, headers: Record<string, string> = {}) => {
      const answer = await ask(server.url + path, { method: method.toUpperCase(), headers });
      assert.equal(answer.status, status, `${method} ${path}`);
      assertAsDocumented(method, path, answer);
      seen.add(`${method} ${path} ${status}`);
    };
    const outside = { "x-forwarded-for": "198.51.100.7" };
    for (const path of SERVER_PATHS.filter((one) => one !== "/api/admin/drain")) await expect(200, "get", path);
    await expect(403, "get", "/metrics", outside);
    await expect(403, "post", "/api/admin/drain", outside);
    // Somebody in a room keeps the server up while it drains.
    const room = await (await Person.register(server)).createRoom();
    const guest = await Line.open(server, { auth: { guestName: "Gus" } });
    await guest.join(room.slug);
    await expect(202, "post", "/api/admin/drain");
    await expect(503, "get", "/api/health/ready");
    guest.close();

    const documented = SERVER_PATHS.flatMap((path) =>
      Object.entries(document.paths[path] ?? {}).flatMap(([method, operation]) =>
        Object.keys(operation.responses).filter((one) => one !== "default").map((status) => `${method} ${path} ${status}`)));
    assert.deepEqual([...seen].sort(), documented.sort());
  });
});

describe("the page of the OpenAPI document", () => {
  let server: Server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());

  test("has every path, and neither scripts nor assets from elsewhere", async () => {
    const answer = await ask(`${server.url}/api/docs`);
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers["content-type"]), /^text\/html/);
    const page = answer.body.toString("utf8");
    const { paths } = json(await ask(`${server.url}/api/openapi.json`)) as Document;
    for (const path of Object.keys(paths)) assert.ok(page.includes(path), path);
    assert.doesNotMatch(page, /<script|<link|<img|https?:\/\/|@import|url\(/);
  });

  test("unknown paths below /api are 404", async () => {
    assert.equal(errorCode(await ask(`${server.url}/api/none`)), "NOT_FOUND");
  });
});
