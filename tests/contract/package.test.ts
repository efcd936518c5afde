// The Debian package: what is in it, and that its server runs and serves its page from there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { ask } from "../support/http.ts";
import { Person } from "../support/person.ts";
import { Child } from "../support/process.ts";
import { environment, Server, startUrl } from "../support/server.ts";

const run = promisify(execFile);
const BUILD = resolve(import.meta.dirname, "../../build/release");

const UNIT = resolve(import.meta.dirname, "../../deploy/webrtc-chat.service");
const CONFINED = resolve(import.meta.dirname, "../support/confined.py");

describe("the systemd unit", { timeout: 120_000 }, () => {
  let unit: string;
  before(async () => {
    unit = await readFile(UNIT, "utf8");
  });
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "";

  test("exposes less than 2.0 of 10, as systemd counts", async () => {
    const { stdout } = await run("systemd-analyze", ["security", "--offline=true", "--no-pager", UNIT]);
    const exposure = Number(/Overall exposure level for webrtc-chat\.service: ([\d.]+)/.exec(stdout)?.[1]);
    assert.ok(exposure < 2, stdout);
  });

  test("never gives up a database that is away, and lets a stop take its time", () => {
    assert.equal(setting("StartLimitIntervalSec"), "0");
    assert.equal(setting("Restart"), "on-failure");
    assert.ok(Number(setting("RestartSec")) >= 1, "no start after the other without a pause");
    assert.equal(setting("RestartPreventExitStatus"), "2", "a wrong setting is not tried again");
    // Rooms 10 s, people 5 s, answers 11 s, a statement 60 s.
    assert.ok(Number(setting("TimeoutStopSec")) >= 86);
  });

  test("keeps memory bounded, secrets off the disk and keys with root", () => {
    for (const [name, value] of [["LimitCORE", /^0$/], ["MemoryMax", /^\d+/], ["TasksMax", /^\d+$/], ["UMask", /^0077$/], ["LoadCredential", /^tls:\/etc\/webrtc-chat\/tls$/]] as const) {
      assert.match(setting(name), value, name);
    }
  });

  test("lets the server work: under its system call filter, as a user with its one right", async (t) => {
    const isRoot = userInfo().uid === 0;
    const right = "net_bind_service";
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", `--inh-caps=+${right}`, `--ambient-caps=+${right}`, `--bounding-set=-all,+${right}`];
    const launcher = ["sh", "-c", `${isRoot ? "chown 65534:65534 . && " : ""}exec "$@"`, "sh", ...(isRoot ? user : []), "/usr/bin/python3", CONFINED, UNIT];
    const server = await Server.start({ RTC_P2P_MAX_PEERS: "0" }, launcher);
    t.after(() => server.stop());
    const status = await readFile(`/proc/${server.pid}/status`, "utf8");
    assert.match(status, /^Seccomp:\t2$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    const person = await Person.register(server);
    const room = await person.createRoom();
    const line = await person.connect();
    const { routerRtpCapabilities: rtpCapabilities } = await line.join(room.slug);
    assert.equal((await line.call("chat:send", { content: "confined", clientId: "1" })).error, undefined);
    const media = await line.call("sfu:join", { roomId: room.id, rtpCapabilities });
    assert.equal(media.error, undefined, JSON.stringify(media));
    assert.equal((await ask(server.url)).status, 200);
    assert.equal((await ask(`${server.url}/metrics`)).status, 200);
    line.close();
    server.signal("SIGHUP");
    assert.deepEqual(await server.kill("SIGTERM"), { code: 0, signal: null });
    const troubles = server.lines.filter((one) => /"level":"(warn|error)"/.test(one) && !one.includes("RATE_LIMIT"));
    assert.deepEqual(troubles, []);
  });
});

describe("the Debian package", { timeout: 120_000 }, () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "webrtc-chat-package-"));
    await run("cpack", ["-G", "DEB", "-B", folder], { cwd: BUILD });
    const found = (await readdir(folder)).filter((name) => name.endsWith(".deb"));
    assert.equal(found.length, 1);
    file = join(folder, found[0] ?? "");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("holds server, page, unit and configuration, and nothing else", async () => {
    const { stdout } = await run("dpkg-deb", ["-c", file]);
    const files = stdout.split("\n").filter((line) => line.startsWith("-")).map((line) => line.split(/\s+/));
    const found = new Map(files.map(([mode, owner, , , , name]) => [name ?? "", `${mode} ${owner}`]));
    assert.equal(found.get("./usr/bin/webrtc-chat"), "-rwxr-xr-x root/root");
    assert.equal(found.get("./usr/lib/systemd/system/webrtc-chat.service"), "-rw-r--r-- root/root");
    assert.equal(found.get("./etc/webrtc-chat/webrtc-chat.conf"), "-rw-r----- root/root");
    assert.match(stdout, /^drwx------ root\/root .* \.\/etc\/webrtc-chat\/tls\/$/m);
    const page = "./usr/share/webrtc-chat/client/";
    for (const name of ["index.html", "index.html.br", "index.html.gz", "csp-hashes.txt"]) assert.ok(found.has(page + name), name);
    assert.ok([...found.keys()].some((name) => name.startsWith(`${page}assets/`)));
    assert.equal([...found.keys()].filter((name) => !name.startsWith(page)).length, 3, [...found.keys()].join("\n"));
  });

  test("names the libraries it needs, and keeps the administrator's settings", async () => {
    const field = async (name: string) => (await run("dpkg-deb", ["-f", file, name])).stdout.trim();
    assert.equal(await field("Package"), "webrtc-chat");
    for (const library of ["libssl3", "libsoci-core", "libboost-json1.81"]) {
      assert.match(await field("Depends"), new RegExp(library.replaceAll(".", "\\.")));
    }
    assert.equal((await run("dpkg-deb", ["-I", file, "conffiles"])).stdout.trim(), "/etc/webrtc-chat/webrtc-chat.conf");
  });

  test("its server takes its settings file and serves its page", async () => {
    const root = join(folder, "root");
    await run("dpkg-deb", ["-x", file, root]);
    const settings = await readFile(join(root, "etc/webrtc-chat/webrtc-chat.conf"), "utf8");
    assert.match(settings, /^#PUBLIC_URL=/m);
    const config = ["--config", join(root, "etc/webrtc-chat/webrtc-chat.conf")];
    const child = new Child(join(root, "usr/bin/webrtc-chat"), ["serve", ...config], environment({ PORT: "0", RTC_PORT: "0" }), { cwd: folder });
    try {
      const page = await ask(await child.line("the start line", startUrl));
      assert.equal(page.status, 200);
      assert.match(page.body.toString(), /\/assets\/[\w.-]+\.js/);
    } finally {
      await child.stop();
    }
  });
});
