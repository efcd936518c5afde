// /metrics and /api/admin/drain: what an operator reads and asks.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, errorCode } from "../support/http.ts";
import { Line, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { metric, Server } from "../support/server.ts";

const PROXY = { TRUST_PROXY: "127.0.0.1,::1" };
const FROM_OUTSIDE = { "x-forwarded-for": "198.51.100.7" };

describe("the operator's doors", () => {
  test("metrics follow who is there", async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const host = await Person.register(server, "host");
    const room = await host.createRoom();
    const line = await host.connect();
    await line.join(room.slug);
    assert.equal(await metric(server, "webrtc_chat_peers"), 1);
    assert.equal(await metric(server, "webrtc_chat_rooms"), 1);
    assert.equal(await metric(server, "webrtc_chat_sockets"), 1);
    assert.equal(await metric(server, "webrtc_chat_sfu_transports"), 0);
    for (const reason of ["malformed", "unexpected", "forged", "outbox_full", "not_sent"]) {
      assert.ok((await metric(server, `webrtc_chat_datagrams_dropped_total{reason="${reason}"}`)) >= 0);
    }
    assert.ok((await metric(server, 'webrtc_chat_http_requests_total{status="2xx"}')) >= 2);
    line.close();
    await until("the peer to be gone", async () => (await metric(server, "webrtc_chat_sockets")) === 0);
    await until("the room to be gone", async () => (await metric(server, "webrtc_chat_rooms")) === 0);
    assert.equal(await metric(server, "webrtc_chat_peers"), 0);
  });

  test("metrics are for loopback, and for who has the token", async (t) => {
    const server = await Server.start({ ...PROXY, METRICS_TOKEN: "a-token-of-the-operator" });
    t.after(() => server.stop());
    const get = (headers: Record<string, string>) => ask(`${server.url}/metrics`, { headers });
    assert.equal((await get({})).status, 200);
    for (const headers of [
      FROM_OUTSIDE,
      { ...FROM_OUTSIDE, authorization: "Bearer " },
      { ...FROM_OUTSIDE, authorization: "Bearer a-token-of-the-operatoR" },
      { ...FROM_OUTSIDE, authorization: "a-token-of-the-operator" },
    ]) {
      const refused = await get(headers);
      assert.equal(refused.status, 403);
      assert.equal(errorCode(refused), "FORBIDDEN");
    }
    assert.equal((await get({ ...FROM_OUTSIDE, authorization: "Bearer a-token-of-the-operator" })).status, 200);
  });

  test("drain: nobody new, those who are there go on, and the end comes with the last", async (t) => {
    const server = await Server.start(PROXY);
    t.after(() => server.stop());
    const drain = (headers = {}) => ask(`${server.url}/api/admin/drain`, { method: "POST", headers });
    assert.equal((await drain(FROM_OUTSIDE)).status, 403);
    assert.equal((await ask(`${server.url}/api/health/ready`)).status, 200);

    const host = await Person.register(server, "host");
    const room = await host.createRoom();
    const line = await host.connect();
    await line.join(room.slug);
    assert.equal((await drain()).status, 202);
    assert.equal((await drain()).status, 202, "asked twice");
    assert.equal((await ask(`${server.url}/api/health/ready`)).status, 503);
    await assert.rejects(Line.open(server, { auth: { guestName: "Late" } }));
    const reply = await line.call("chat:send", { content: "still here", clientId: "1" });
    assert.equal(reply.error, undefined);
    line.close();
    assert.equal((await server.exited).code, 0);
  });
});
