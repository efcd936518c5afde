// The Debian package: what is in it, and that its server runs and serves its page from there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { ask } from "../support/http.ts";
import { Child } from "../support/process.ts";
import { environment, startUrl } from "../support/server.ts";

const run = promisify(execFile);
const BUILD = resolve(import.meta.dirname, "../../build/release");

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
    const child = new Child(join(root, "usr/bin/webrtc-chat"), ["serve", ...config], environment({ PORT: "0", RTC_PORT: "0" }), folder);
    try {
      const page = await ask(await child.line("the start line", startUrl));
      assert.equal(page.status, 200);
      assert.match(page.body.toString(), /\/assets\/[\w.-]+\.js/);
    } finally {
      await child.stop();
    }
  });
});
