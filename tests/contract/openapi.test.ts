// The OpenAPI document as it is served: it names every method of every path that the server has.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, errorCode, json } from "../support/http.ts";
import { Server } from "../support/server.ts";

type Document = { openapi: string; paths: Record<string, Record<string, unknown>> };

describe("the OpenAPI document", () => {
  let server: Server;
  let document: Document;
  before(async () => {
    server = await Server.start();
    const answer = await ask(`${server.url}/api/openapi.json`);
    assert.equal(answer.status, 200);
    document = json(answer) as Document;
  });
  after(() => server.stop());

  test("is OpenAPI 3.1", () => {
    assert.match(document.openapi, /^3\.1\./);
  });

  test("names the methods of each path, as Allow does", async () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const answer = await ask(server.url + path.replaceAll(/\{\w+\}/g, "some-thing"), { method: "PUT" });
      assert.equal(answer.status, 405, path);
      const allowed = new Set(String(answer.headers["allow"]).split(", "));
      const named = Object.keys(operations).map((method) => method.toUpperCase());
      for (const method of named) assert.ok(allowed.has(method), `${method} ${path}`);
    }
  });

  test("has a page without scripts", async () => {
    const answer = await ask(`${server.url}/api/docs`);
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers["content-type"]), /^text\/html/);
    const page = answer.body.toString("utf8");
    for (const path of Object.keys(document.paths)) assert.ok(page.includes(path), path);
    assert.ok(!page.includes("<script"));
  });

  test("leaves unknown paths to 404", async () => {
    assert.equal(errorCode(await ask(`${server.url}/api/none`)), "NOT_FOUND");
  });
});
