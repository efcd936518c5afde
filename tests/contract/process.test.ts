// The program as an operator meets it: options, configuration, exit codes, TLS, the end.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { connect as tlsConnect } from "node:tls";
import { Authority } from "../support/authority.ts";
import { ask, exchange, statusOf } from "../support/http.ts";
import { Line, Person } from "../support/person.ts";
import { until, within } from "../support/poll.ts";
import { Child, type Exit } from "../support/process.ts";
import { BINARY, environment, runCommand, Server, type Settings, startUrl } from "../support/server.ts";

const SECRETS: Settings = {
  JWT_ACCESS_SECRET: "an access secret of forty octets or more.",
  JWT_REFRESH_SECRET: "a refresh secret of forty octets or more.",
};

/** A server that ends with the test, whatever becomes of it. */
async function started(t: TestContext, settings: Settings = {}): Promise<Server> {
  const server = await Server.start(settings);
  t.after(() => server.stop());
  return server;
}

describe("the program", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "webrtc-chat-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function ends(args: readonly string[], settings: Settings = {}): Promise<Exit & { output: string }> {
    const env = environment({ PORT: "0", RTC_PORT: "0", DATABASE_URL: `sqlite:${folder}/chat.db`, ...SECRETS, ...settings });
    return runCommand(args, env, { cwd: folder });
  }

  test("--help and --version", async () => {
    const help = await ends(["--help"]);
    assert.equal(help.code, 0);
    for (const word of ["serve", "migrate", "check-config", "doctor"]) assert.match(help.output, new RegExp(word));
    const version = await ends(["--version"]);
    assert.equal(version.code, 0);
    assert.match(version.output, /\d+\.\d+\.\d+/);
  });

  test("doctor says what is good and what is wrong, and ends with 1 when something is", async () => {
    const good = await ends(["doctor"]);
    assert.equal(good.code, 0, good.output);
    assert.match(good.output, /^ok +database: reached/m);
    assert.match(good.output, /^ok +page: built/m);
    const bad = await ends(["doctor"], {
      DATABASE_URL: "postgresql://someone:hidden-word@127.0.0.1:1/none",
      TLS_CERT: "/nowhere/cert.pem",
      TLS_KEY: "/nowhere/key.pem",
    });
    assert.equal(bad.code, 1);
    assert.match(bad.output, /^BAD +database: /m);
    assert.match(bad.output, /^BAD +web door: /m);
    assert.match(bad.output, /^ok +media door: /m);
    assert.ok(!bad.output.includes("hidden-word"), "no password is shown");
  });

  test("doctor and the start tell what keeps browsers from the media ports", async () => {
    const unreachable = { PUBLIC_URL: "https://meet.example", RTC_ANNOUNCED_IP: "127.0.0.1" };
    const found = await ends(["doctor"], unreachable);
    assert.equal(found.code, 1);
    assert.match(found.output, /^BAD +announced address: .*127\.0\.0\.1.*this machine alone/m);
    const started = await Server.start(unreachable);
    assert.ok(started.lines.some((line) => /"warn.*this machine alone/.test(line)), started.lines.join("\n"));

    const name = { RTC_ANNOUNCED_IP: "no-such-host.invalid" };
    assert.match((await ends(["doctor"], name)).output, /^BAD +announced address: .*no-such-host\.invalid/m);
    const stopped = await ends(["serve"], name);
    assert.equal(stopped.code, 1, stopped.output);
    assert.match(stopped.output, /no-such-host\.invalid/);

    const rtcPort = started.lines.map((line) => /"rtc_port":"(\d+)"/.exec(line)?.[1]).find((port) => port !== undefined);
    assert.ok(rtcPort);
    const taken = await ends(["doctor"], { RTC_PORT: rtcPort, RTC_WORKERS: "1" });
    await started.stop();
    assert.match(taken.output, new RegExp(`^BAD +media door: .*${rtcPort}`, "m"));
  });

  test("unknown options and commands end with 2", async () => {
    for (const args of [["--nonsense"], ["dance"], ["serve", "--config"], ["serve", "--config", "/nowhere/at/all"]]) {
      assert.equal((await ends(args)).code, 2, args.join(" "));
    }
  });

  const mistakes: readonly (readonly [string, string])[] = [
    ["PORT", "http"],
    ["PORT", "70000"],
    ["HOST", "not an address"],
    ["PUBLIC_URL", "meet.example"],
    ["DATABASE_URL", "mysql://localhost/x"],
    ["DATABASE_POOL", "0"],
    ["JWT_ACCESS_SECRET", "short"],
    ["JWT_REFRESH_SECRET", SECRETS["JWT_ACCESS_SECRET"] ?? ""],
    ["BCRYPT_ROUNDS", "3"],
    ["LOCKOUT_ATTEMPTS", "-1"],
    ["RATE_LIMIT", "maybe"],
    ["ROOM_MAX_PEERS", "many"],
    ["RTC_PORT", "99999"],
    ["RTC_P2P_MAX_PEERS", "1x"],
    ["RTC_WORKERS", "0"],
    ["RTC_TCP_ANNOUNCED_PORT", "-1"],
    ["ICE_SERVERS", "stun:a"],
    ["TRUST_PROXY", "the proxy"],
    ["LOG_LEVEL", "loud"],
    ["LOG_FORMAT", "xml"],
  ];
  for (const [name, value] of mistakes) {
    test(`${name}=${value} stops the start with one line and 2`, async () => {
      for (const command of ["serve", "check-config"]) {
        const { code, output } = await ends([command], { [name]: value });
        assert.equal(code, 2, `${command}: ${output}`);
        assert.match(output, new RegExp(name), command);
      }
    });
  }

  test("check-config shows what is in force, the environment before the file, and no secret", async () => {
    const file = join(folder, "config");
    await writeFile(file, "# a comment\n\nROOM_MAX_PEERS=7\nLOCKOUT_ATTEMPTS=9\n");
    const { code, output } = await ends(["check-config", "--config", file], { LOCKOUT_ATTEMPTS: "3" });
    assert.equal(code, 0, output);
    assert.match(output, /ROOM_MAX_PEERS\W+7/);
    assert.match(output, /LOCKOUT_ATTEMPTS\W+3/);
    for (const secret of Object.values(SECRETS)) assert.ok(!output.includes(secret), "a secret is shown");
  });

  test("a mistake in the file, and a name that is none, end with 2", async () => {
    const file = join(folder, "wrong");
    for (const line of ["PORT=many", "PROT=3000", "just words"]) {
      await writeFile(file, `${line}\n`);
      const { code, output } = await ends(["check-config", "--config", file], {});
      assert.equal(code, line.startsWith("PORT") ? 0 : 2, `${line}: ${output}`); // the environment wins over PORT
    }
  });

  test("a port that is taken ends with 1 and names it", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "::", resolve));
    const { port } = other.address() as { port: number };
    try {
      const { code, output } = await ends(["serve"], { PORT: String(port) });
      assert.equal(code, 1, output);
      assert.match(output, new RegExp(String(port)));
    } finally {
      other.close();
    }
  });

  test("migrate makes the database and is content when there is nothing to do", async () => {
    const settings = { DATABASE_URL: `sqlite:${folder}/fresh.db` };
    for (const state of ["applied", "was there"]) {
      const { code, output } = await ends(["migrate"], settings);
      assert.equal(code, 0, output);
      assert.match(output, new RegExp(`^0001 initial: ${state}\n0002 \\w+: ${state}$`, "m"));
    }
    assert.ok((await stat(join(folder, "fresh.db"))).size > 0);
  });

  test("secrets are made once, for the owner alone, and kept", async () => {
    const home = await mkdtemp(join(folder, "home-"));
    const settings = { JWT_ACCESS_SECRET: undefined, JWT_REFRESH_SECRET: undefined };
    const made: string[] = [];
    for (let i = 0; i < 2; i++) {
      const env = { ...environment({ PORT: "0", RTC_PORT: "0", DATABASE_URL: "sqlite:data/chat.db" }), ...settings };
      const child = new Child(BINARY, ["serve"], env, { cwd: home });
      await child.line("the start line", startUrl);
      assert.equal((await child.stop()).code, 0);
      made.push(await readFile(join(home, "data/secrets"), "utf8"));
    }
    assert.equal(made[0], made[1]);
    assert.equal((await stat(join(home, "data/secrets"))).mode & 0o777, 0o600);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} ends the server with 0, and its clients learn of it`, async (t) => {
      const server = await started(t);
      const person = await Person.register(server);
      const room = await person.createRoom();
      const line = await person.connect();
      await line.join(room.slug);
      server.signal(signal);
      const exit = await within("the end", server.exited, 10_000);
      assert.deepEqual(exit, { code: 0, signal: null });
      await until("the client's disconnect", () => line.socket.disconnected);
      assert.deepEqual(line.payloads("room:closed"), [{ reason: "shutdown" }]);
      line.close();
    });
  }

  test("on SIGTERM a request that is still arriving has two seconds: in time it is answered, later refused", async (t) => {
    const server = await started(t);
    const body = JSON.stringify({ email: "nobody@example.org", password: "correct horse battery" });
    const head = (more = "") => `POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n`;
    const [prompt, never, dripping] = [await beginRequest(server.port, head()), await beginRequest(server.port, head()), await beginRequest(server.port, "GET / HTTP/1.1\r\nX: ")];
    const start = performance.now();
    server.signal("SIGTERM");
    await until("the stop to begin", () => server.lines.some((line) => line.includes('"stopping"')));
    prompt.socket.write(body);
    assert.equal(statusOf(await within("the answer", prompt.reply)), 401);
    for (const late of [never, dripping]) {
      const reply = await within("the refusal", late.reply);
      assert.equal(statusOf(reply), 503, reply.slice(0, 200));
      assert.match(reply, /"UNAVAILABLE"/);
      assert.match(reply, /^Retry-After: \d+\r$/im);
      assert.ok(performance.now() - start > 1_500, "two seconds were given");
    }
    assert.deepEqual(await within("the end", server.exited), { code: 0, signal: null });
    assert.ok(performance.now() - start < 9_500, "ten seconds are for answers, not for requests");
  });

  test("on SIGTERM nobody waits for polling clients that have gone, and those that are there are told", async (t) => {
    const server = await started(t);
    const person = await Person.register(server);
    const room = await person.createRoom();
    const present = await Line.open(server, { transports: ["polling"], extraHeaders: { cookie: person.cookie } });
    await present.join(room.slug);
    const door = `${server.url}/socket.io/?EIO=4&transport=polling`;
    for (const fetches of [false, true]) {
      const { sid } = JSON.parse((await ask(door)).body.toString().slice(1)) as { sid: string };
      const connect = { method: "POST", body: '40{"guestName":"guest"}', headers: { "content-type": "text/plain" } };
      assert.equal((await ask(`${door}&sid=${sid}`, connect)).body.toString(), "ok");
      if (fetches) assert.match((await ask(`${door}&sid=${sid}`)).body.toString(), /^40\{/);
    }
    const start = performance.now();
    server.signal("SIGTERM");
    assert.deepEqual(await within("the end", server.exited), { code: 0, signal: null });
    assert.ok(performance.now() - start < 8_000, "ten seconds are for answers that are under way");
    await until("the client's disconnect", () => present.socket.disconnected);
    assert.deepEqual(present.payloads("room:closed"), [{ reason: "shutdown" }]);
    present.close();
  });

  test("text logs say `listening on URL`, JSON logs have the field url on lines that are all JSON", async (t) => {
    for (const format of ["text", "json"]) {
      const server = await started(t, { LOG_FORMAT: format });
      if (format === "text") assert.ok(server.lines.some((line) => line.includes(`listening on ${server.url}`)));
      else for (const line of server.lines) assert.equal(typeof JSON.parse(line), "object", line);
    }
  });

  for (const format of ["json", "text"]) {
    test(`nothing that a client sends makes a line of its own in the log, or steers a terminal (${format})`, async (t) => {
      const server = await started(t, { LOG_LEVEL: "debug", LOG_FORMAT: format });
      const person = await Person.register(server);
      const evil = '\r\n2026-01-01T00:00:00.000Z error forged {"level":"error","message":"forged"} \u001b[31m\u009b31m\u2028\u202e"\\';
      const guest = await Line.open(server, { auth: { guestName: `guest${evil}`.slice(0, 30) } }).catch(() => null);
      guest?.close();
      const line = await Line.open(server, { auth: { guestName: "guest" } });
      await line.call(`event${evil}`, { text: evil });
      await line.call("join:room", { roomCode: evil });
      line.close();
      await person.ask("POST", "/api/rooms", { name: evil });
      await person.ask("POST", "/api/auth/login", { email: evil, password: evil });
      await person.ask("GET", `/api/rooms/${encodeURIComponent(evil)}?q=${encodeURIComponent(evil)}`);
      const latin = encodeURIComponent(evil);
      await person.ask("GET", "/api/users/me", undefined, { "user-agent": latin, referer: latin, origin: `http://${latin}`, "x-request-id": latin });
      await exchange(server.port, Buffer.from(`GET /\x85\x9b31m HTTP/1.1\r\nHost: a\r\nUser-Agent: \x9b31m\x85forged\r\nConnection: close\r\n\r\n`, "latin1"));
      await server.kill("SIGTERM");
      assert.ok(server.lines.some((one) => one.includes("/api/rooms/")), "the requests are in the log");
      for (const one of server.lines) {
        assert.doesNotMatch(one, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/, JSON.stringify(one));
        if (format === "text") assert.match(one, /^\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warn|error) +(?!forged)/, one);
        else assert.notEqual((JSON.parse(one) as { message: string }).message, "forged");
      }
    });
  }

  test("nothing secret is in the logs", async (t) => {
    const settings = { METRICS_TOKEN: "a token of the metrics", ADMIN_TOKEN: "a token of the operator", TURN_URLS: "turn:turn.example", TURN_SECRET: "a secret of the relay" };
    const server = await started(t, { LOG_LEVEL: "debug", ...SECRETS, ...settings });
    const person = await Person.register(server);
    await ask(`${server.url}/metrics`, { headers: { authorization: `Bearer ${settings.METRICS_TOKEN}` } });
    await ask(`${server.url}/socket.io/?EIO=4&transport=none`, { headers: { cookie: person.cookie, authorization: "Basic c29tZW9uZQ==" } });
    await person.ask("POST", "/api/auth/login", { email: person.email, password: "a wrong password" });
    await person.ask("GET", "/api/users/me?token=abc");
    const line = await person.connect();
    await line.join((await person.createRoom()).slug);
    await line.call("chat:send", { content: "between us alone", clientId: "a" });
    line.close();
    const secrets = ["correct horse battery", "a wrong password", "between us alone", "c29tZW9uZQ==", ...person.cookies.values(),
      ...Object.values(SECRETS) as string[], settings.METRICS_TOKEN, settings.ADMIN_TOKEN, settings.TURN_SECRET];
    await server.kill("SIGTERM");
    const log = server.lines.join("\n");
    for (const secret of secrets) assert.ok(!log.includes(secret), secret.slice(0, 20));
  });
});

/** A request of which only `head` has come, and the server has begun to read it; and all that comes back until the end. */
async function beginRequest(port: number, head: string): Promise<{ socket: Socket; reply: Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  const reply = new Promise<string>((resolve, reject) => {
    socket.on("end", () => resolve(Buffer.concat(parts).toString("latin1")));
    socket.on("error", reject);
  });
  reply.catch(() => undefined); // who awaits it is told
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  // The server takes turns: what came before another connection's request is read when that is answered.
  assert.equal((await ask(`http://127.0.0.1:${port}/api/health/live`)).status, 200);
  return { socket, reply };
}

describe("TLS of our own", () => {
  let authority: Authority;
  let ca: string;
  let server: Server;
  const certify = (subject: string) => authority.certify(subject, ["DNS:localhost", "IP:127.0.0.1", "IP:::1"]);

  before(async () => {
    authority = await Authority.create();
    await certify("first");
    ca = await authority.pem();
    server = await Server.start(authority.settings);
  });
  after(async () => {
    await server.stop();
    await authority.remove();
  });

  async function shownName(): Promise<string> {
    const socket = tlsConnect({ port: server.port, host: "localhost", ca });
    await within("TLS", new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", () => resolve());
      socket.once("error", reject);
    }));
    const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
    socket.destroy();
    return certificate?.subject ?? "";
  }

  test("serves https with HSTS, and marks cookies Secure", async () => {
    assert.match(server.url, /^https:/);
    const page = await ask(server.url, { ca });
    assert.equal(page.status, 200);
    assert.match(String(page.headers["strict-transport-security"]), /max-age=\d{7,}/);
    const body = { email: "tls@example.org", username: "tls-person", password: "correct horse battery" };
    const answer = await ask(`${server.url}/api/auth/register`, { method: "POST", body, ca });
    assert.equal(answer.status, 201);
    const cookies = answer.headers["set-cookie"] as string[];
    assert.equal(cookies.length, 2);
    for (const cookie of cookies) {
      for (const flag of ["Secure", "HttpOnly", "SameSite=Strict"]) assert.match(cookie, new RegExp(flag), cookie);
    }
    const line = await Line.open(server, { ca, auth: { guestName: "Visitor" } });
    assert.equal(line.socket.connected, true);
    line.close();
  });

  test("TLS 1.1 and plain HTTP get nowhere, and others are served on", async () => {
    const old = tlsConnect({ port: server.port, host: "localhost", ca, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
    const failed = new Promise<void>((resolve, reject) => {
      old.once("error", () => resolve());
      old.once("secureConnect", () => reject(new Error("TLS 1.1 was accepted")));
    });
    await within("the refusal", failed);
    await assert.rejects(ask(`http://localhost:${server.port}/`));
    assert.equal((await ask(server.url, { ca })).status, 200);
  });

  test("of TLS 1.2 only suites with forward secrecy and authenticated encryption are spoken, and nobody renegotiates", async () => {
    const open = (options: object) => new Promise<string>((resolve, reject) => {
      const socket = tlsConnect({ port: server.port, host: "localhost", ca, maxVersion: "TLSv1.2", ...options });
      socket.once("secureConnect", () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      });
      socket.once("error", reject);
    });
    for (const ciphers of ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "NULL-SHA256", "aNULL", "DHE-RSA-AES128-GCM-SHA256"]) {
      await assert.rejects(within("the refusal", open({ ciphers: `${ciphers}:@SECLEVEL=0` })), ciphers);
    }
    assert.match(await within("the handshake", open({})), /^ECDHE-.*(GCM|CHACHA20)/);
    const socket = tlsConnect({ port: server.port, host: "localhost", ca, maxVersion: "TLSv1.2" });
    await within("TLS", new Promise<void>((resolve) => socket.once("secureConnect", () => resolve())));
    const refused = new Promise<void>((resolve) => {
      socket.once("error", () => resolve());
      socket.once("close", () => resolve());
    });
    socket.renegotiate({}, (error) => error && socket.destroy());
    await within("the renegotiation to be refused", refused);
    assert.equal((await ask(server.url, { ca })).status, 200);
  });

  test("SIGHUP takes a new certificate, and keeps the old one when the new one cannot be read", async () => {
    assert.match(await shownName(), /CN=first/);
    await certify("second");
    server.signal("SIGHUP");
    await until("the new certificate", async () => (await shownName()).includes("CN=second"));
    await writeFile(authority.settings.TLS_CERT, "not a certificate");
    const lines = server.lines.length;
    server.signal("SIGHUP");
    await until("a line in the log", () => server.lines.length > lines);
    assert.match(await shownName(), /CN=second/);
  });
});
