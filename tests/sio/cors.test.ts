// Which pages may connect: the same answer on preflight, polling and the 101.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, json } from "../support/http.ts";
import { Reference } from "./reference.ts";

const PAGE = "https://meet.example";

describe("CORS", () => {
  let server: Reference;
  before(async () => {
    server = await Reference.start("engine", ["--cors", PAGE]);
  });
  after(async () => {
    await server.stop();
  });

  const expectAllowed = (headers: Readonly<Record<string, unknown>>, origin: string) => {
    assert.equal(headers["access-control-allow-origin"], origin);
    assert.equal(headers["access-control-allow-credentials"], "true");
    assert.match(String(headers["vary"]), /Origin/);
  };
  const POLLING = "EIO=4&transport=polling";

  test("an allowed origin is echoed on the preflight", async () => {
    const answer = await ask(server.target(POLLING), {
      method: "OPTIONS",
      headers: { origin: PAGE, "access-control-request-method": "POST", "access-control-request-headers": "x-custom" },
    });
    assert.equal(answer.status, 204);
    expectAllowed(answer.headers, PAGE);
    assert.match(String(answer.headers["access-control-allow-methods"]), /POST/);
    assert.equal(answer.headers["access-control-allow-headers"], "x-custom");
  });
  test("an allowed origin is echoed on answers, errors among them", async () => {
    expectAllowed((await ask(server.target(POLLING), { headers: { origin: PAGE } })).headers, PAGE);
    const refused = await ask(server.target(`${POLLING}&sid=x`), { headers: { origin: PAGE } });
    assert.equal(refused.status, 400);
    expectAllowed(refused.headers, PAGE);
  });
  test("an allowed origin is echoed on the 101", async () => {
    const socket = server.socket("EIO=4&transport=websocket", { headers: { origin: PAGE } });
    expectAllowed(await socket.upgraded(), PAGE);
    socket.close();
  });
  test("the server's own origins are allowed", async () => {
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      const origin = `http://${host}:${server.port}`;
      expectAllowed((await ask(server.target(POLLING), { headers: { origin } })).headers, origin);
    }
  });
  test("without an origin there are no such headers", async () => {
    const { headers } = await ask(server.target(POLLING));
    assert.equal(headers["access-control-allow-origin"], undefined);
  });

  for (const origin of ["https://evil.example", `${PAGE}.evil.example`, "http://meet.example", "null", `${PAGE}:444`]) {
    test(`${origin} is refused with 403 on both transports`, async () => {
      const answer = await ask(server.target(POLLING), { headers: { origin } });
      assert.equal(answer.status, 403);
      assert.deepEqual(json(answer), { code: 4, message: "Forbidden" });
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
      assert.equal((await ask(server.target(POLLING), { method: "OPTIONS", headers: { origin } })).status, 403);
      const refusal = await server.socket("EIO=4&transport=websocket", { headers: { origin } }).refused();
      assert.equal(refusal.status, 403);
    });
  }
});
