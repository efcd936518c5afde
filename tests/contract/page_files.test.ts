// How the page is served: security headers, caching, compression, one page for every route.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Answer, ask, errorCode } from "../support/http.ts";
import { Server } from "../support/server.ts";

describe("the page's files", () => {
  let server: Server;
  let index: Answer;
  let html: string;
  let asset: string;
  before(async () => {
    server = await Server.start();
    index = await ask(server.url);
    html = index.body.toString();
    const found = /\/assets\/[\w.-]+\.js/.exec(html)?.[0];
    assert.ok(found, "the page names a script under /assets/");
    asset = server.url + found;
  });
  after(() => server.stop());

  test("every route of the page gets the page, unknown files 404", async () => {
    for (const path of ["/", "/login", "/register", "/room/abc-defg-hij", "/whatever/else"]) {
      const answer = await ask(server.url + path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.body.toString(), html, path);
      assert.match(String(answer.headers["content-type"]), /^text\/html; charset=utf-8/);
    }
    const missing = await ask(`${server.url}/assets/nothing.js`);
    assert.equal(missing.status, 404);
    assert.equal(errorCode(missing), "NOT_FOUND");
    const posted = await ask(`${server.url}/login`, { method: "POST", body: {} });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers["allow"], "GET, HEAD");
  });

  test("security headers on page, file, API answer and refusal", async () => {
    for (const path of ["/", asset.slice(server.url.length), "/api/health/live", "/api/nothing"]) {
      const { headers } = await ask(server.url + path);
      assert.equal(headers["x-content-type-options"], "nosniff", path);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /default-src 'self'/);
      assert.match(policy, /frame-ancestors 'none'/);
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
      assert.doesNotMatch(scripts, /unsafe-inline|unsafe-eval|\*|https?:/, path);
      const permissions = String(headers["permissions-policy"]);
      for (const device of ["camera", "microphone", "display-capture"]) {
        assert.match(permissions, new RegExp(`${device}=\\(self\\)`), path);
      }
      assert.equal(headers["strict-transport-security"], undefined, "HSTS under TLS alone");
      assert.ok(headers["referrer-policy"]);
      assert.ok(headers["x-request-id"]);
    }
  });

  test("the policy lists the hash of each inline script of the page, and nothing that is not there", () => {
    const policy = String(index.headers["content-security-policy"]);
    const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? "");
    const hashes = inline.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
    for (const hash of hashes) assert.ok(policy.includes(hash), `${hash} in ${policy}`);
    const listed = policy.match(/'sha256-[^']+'/g) ?? [];
    assert.deepEqual([...new Set(listed)].sort(), [...new Set(hashes)].sort());
  });

  test("request ids differ", async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await ask(server.url)).headers["x-request-id"]));
    assert.equal(new Set(ids).size, 50);
  });

  test("hashed files are cached for ever, the page is asked for again", async () => {
    assert.equal((await ask(asset)).headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(index.headers["cache-control"], "no-cache");
  });

  test("a known ETag gives 304 without a body, another gives the file", async () => {
    for (const url of [server.url, asset]) {
      const first = await ask(url);
      const tag = String(first.headers["etag"]);
      assert.match(tag, /^"[^"]+"$/);
      const again = await ask(url, { headers: { "if-none-match": tag } });
      assert.equal(again.status, 304);
      assert.equal(again.body.length, 0);
      assert.equal(again.headers["etag"], tag);
      assert.equal((await ask(url, { headers: { "if-none-match": '"other"' } })).status, 200);
    }
  });

  test("brotli and gzip for those who take them, the same content", async () => {
    const plain = await ask(asset);
    assert.equal(plain.headers["content-encoding"], undefined);
    const brotli = await ask(asset, { headers: { "accept-encoding": "gzip, deflate, br" } });
    assert.equal(brotli.headers["content-encoding"], "br");
    const gzip = await ask(asset, { headers: { "accept-encoding": "gzip" } });
    assert.equal(gzip.headers["content-encoding"], "gzip");
    assert.ok(brotliDecompressSync(brotli.body).equals(plain.body));
    assert.ok(gunzipSync(gzip.body).equals(plain.body));
    assert.ok(brotli.body.length < plain.body.length);
    for (const answer of [plain, brotli, gzip]) assert.match(String(answer.headers["vary"]), /Accept-Encoding/i);
    assert.equal(new Set([plain, brotli, gzip].map((answer) => answer.headers["etag"])).size, 3);
    const refused = await ask(asset, { headers: { "accept-encoding": "br;q=0, gzip;q=0" } });
    assert.equal(refused.headers["content-encoding"], undefined, "q=0 refuses");
  });

  test("HEAD has the header of GET and no body", async () => {
    const get = await ask(asset);
    const head = await ask(asset, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    assert.equal(head.headers["content-length"], String(get.body.length));
    assert.equal(head.headers["etag"], get.headers["etag"]);
  });
});
