// The program as an operator meets it: options, configuration, exit codes, TLS, the end.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { connect as tlsConnect } from "node:tls";
import { Authority } from "../support/authority.ts";
import { ask } from "../support/http.ts";
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

  test("text logs say `listening on URL`, JSON logs have the field url on lines that are all JSON", async (t) => {
    for (const format of ["text", "json"]) {
      const server = await started(t, { LOG_FORMAT: format });
      if (format === "text") assert.ok(server.lines.some((line) => line.includes(`listening on ${server.url}`)));
      else for (const line of server.lines) assert.equal(typeof JSON.parse(line), "object", line);
    }
  });

  test("nothing secret is in the logs", async (t) => {
    const server = await started(t, { LOG_LEVEL: "debug" });
    const person = await Person.register(server);
    await person.ask("POST", "/api/auth/login", { email: person.email, password: "a wrong password" });
    await person.ask("GET", "/api/users/me?token=abc");
    const line = await person.connect();
    await line.join((await person.createRoom()).slug);
    await line.call("chat:send", { content: "between us alone", clientId: "a" });
    line.close();
    const secrets = ["correct horse battery", "a wrong password", "between us alone", ...person.cookies.values()];
    await server.kill("SIGTERM");
    const log = server.lines.join("\n");
    for (const secret of secrets) assert.ok(!log.includes(secret), secret.slice(0, 20));
  });
});

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
