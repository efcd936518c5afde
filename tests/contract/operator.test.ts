// /metrics and /api/admin/drain: what an operator reads and asks, and nobody else, whatever proxy stands in front.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, errorCode } from "../support/http.ts";
import { Line, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { freePort } from "../support/ports.ts";
import { metric, Server, type Settings } from "../support/server.ts";

const PROXY = { TRUST_PROXY: "127.0.0.1,::1" };
const NETWORK = { TRUST_PROXY: "127.0.0.0/8,::1/128" };
const FROM_OUTSIDE = { "x-forwarded-for": "198.51.100.7" };
const TOKEN = "a-token-of-the-operator";
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A server, and where it is reached from here, whatever its public address is. */
async function startAtLoopback(settings: Settings): Promise<{ server: Server; url: string }> {
  const port = await freePort();
  return { server: await Server.start({ PORT: String(port), ...settings }), url: `http://127.0.0.1:${port}` };
}

/** What a stranger's request looks like when a proxy on this machine has handed it on. */
const SHAPES: readonly (readonly [string, Settings, Record<string, string>])[] = [
  ["an address, and nobody trusts the proxy", {}, FROM_OUTSIDE],
  ["an address of this machine, made up", {}, { "x-forwarded-for": "127.0.0.1" }],
  ["an address from a trusted proxy", PROXY, FROM_OUTSIDE],
  ["an address of this machine from a trusted proxy", PROXY, { "x-forwarded-for": "127.0.0.1" }],
  ["IPv6 of this machine from a trusted proxy", PROXY, { "x-forwarded-for": "::1" }],
  ["the proxies' addresses alone", PROXY, { "x-forwarded-for": "127.0.0.1, ::1" }],
  ["an address with a port", PROXY, { "x-forwarded-for": "198.51.100.7:4711" }],
  ["IPv6 with a port", PROXY, { "x-forwarded-for": "[2001:db8::7]:4711" }],
  ["`unknown`", PROXY, { "x-forwarded-for": "unknown" }],
  ["an obfuscated name", PROXY, { "x-forwarded-for": "_hidden" }],
  ["an empty list", PROXY, { "x-forwarded-for": "" }],
  ["a list that ends in nothing", PROXY, { "x-forwarded-for": "127.0.0.1," }],
  ["an address through a trusted network", NETWORK, FROM_OUTSIDE],
  ["X-Real-IP alone", {}, { "x-real-ip": "198.51.100.7" }],
  ["Forwarded alone", {}, { forwarded: "for=198.51.100.7" }],
  ["Via alone", {}, { via: "1.1 proxy" }],
  ["X-Forwarded-Proto alone", PROXY, { "x-forwarded-proto": "https" }],
  ["X-Forwarded-Host alone", {}, { "x-forwarded-host": "meet.example" }],
  ["X-Client-IP alone", {}, { "x-client-ip": "198.51.100.7" }],
  ["CF-Connecting-IP alone", {}, { "cf-connecting-ip": "198.51.100.7" }],
  ["no trace but the public Host", {}, { host: "meet.example" }],
  ["a Host that begins like this machine", {}, { host: "127.0.0.1.meet.example" }],
  ["no trace at all, of a server with a public address", { PUBLIC_URL: "https://meet.example" }, {}],
];

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
    for (const reason of ["malformed", "unexpected", "forged", "over_budget", "feedback_over_budget",
      "retransmission_over_budget", "key_frame_over_budget", "handshakes_full", "receiver_over_budget", "outbox_full", "not_sent"]) {
      assert.ok((await metric(server, `webrtc_chat_datagrams_dropped_total{reason="${reason}"}`)) >= 0);
    }
    assert.ok((await metric(server, 'webrtc_chat_http_requests_total{status="2xx"}')) >= 2);
    line.close();
    await until("the peer to be gone", async () => (await metric(server, "webrtc_chat_sockets")) === 0);
    await until("the room to be gone", async () => (await metric(server, "webrtc_chat_rooms")) === 0);
    assert.equal(await metric(server, "webrtc_chat_peers"), 0);
  });

  for (const settings of [...new Set(SHAPES.map(([, one]) => one))]) {
    test(`no proxy on this machine exposes them: ${JSON.stringify(settings)}`, async (t) => {
      const { server, url } = await startAtLoopback(settings);
      t.after(() => server.stop());
      for (const [name, , headers] of SHAPES.filter(([, one]) => one === settings)) {
        for (const [method, path] of [["GET", "/metrics"], ["POST", "/api/admin/drain"]] as const) {
          const refused = await ask(url + path, { method, headers });
          assert.equal(refused.status, 403, `${path}: ${name}`);
          assert.equal(errorCode(refused), "FORBIDDEN", `${path}: ${name}`);
        }
      }
      assert.equal((await ask(`${url}/api/health/ready`)).status, 200);
    });
  }

  for (const settings of [{ METRICS_TOKEN: TOKEN }, { METRICS_TOKEN: TOKEN, PUBLIC_URL: "https://meet.example", ...PROXY }]) {
    test(`METRICS_TOKEN is asked for here too, and opens both from everywhere: ${JSON.stringify(settings)}`, async (t) => {
      const { server, url } = await startAtLoopback(settings);
      t.after(() => server.stop());
      const doors = [["GET", "/metrics", 200], ["POST", "/api/admin/drain", 202]] as const;
      const wrong = [{}, bearer(""), bearer("a-token-of-the-operatoR"), bearer(`${TOKEN}x`), { authorization: TOKEN }, { authorization: `Basic ${TOKEN}` }];
      for (const [method, path] of doors) {
        for (const headers of wrong) {
          for (const way of [{}, FROM_OUTSIDE]) {
            const refused = await ask(url + path, { method, headers: { ...headers, ...way } });
            assert.equal(refused.status, 403, `${path} ${JSON.stringify(headers)}`);
            assert.equal(errorCode(refused), "FORBIDDEN");
          }
        }
        const taken = await ask(`${url}${path}?token=${TOKEN}`, { method });
        assert.equal(taken.status, 403, "a token in the URL");
      }
      assert.equal((await ask(`${url}/metrics`, { headers: bearer(TOKEN) })).status, 200);
      for (const [method, path, status] of doors) {
        assert.equal((await ask(url + path, { method, headers: { ...bearer(TOKEN), ...FROM_OUTSIDE } })).status, status, path);
      }
      assert.equal((await server.exited).code, 0);
    });
  }

  test("with ADMIN_TOKEN the token of the metrics stops nothing", async (t) => {
    const server = await Server.start({ METRICS_TOKEN: TOKEN, ADMIN_TOKEN: "another-token" });
    t.after(() => server.stop());
    const drain = (token: string) => ask(`${server.url}/api/admin/drain`, { method: "POST", headers: bearer(token) });
    assert.equal((await drain(TOKEN)).status, 403);
    assert.equal((await ask(`${server.url}/metrics`, { headers: bearer("another-token") })).status, 403);
    assert.equal((await ask(`${server.url}/metrics`, { headers: bearer(TOKEN) })).status, 200);
    assert.equal((await drain("another-token")).status, 202);
    assert.equal((await server.exited).code, 0);
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
