// The release binary itself, read off its ELF file and its running process: what an exploit would have to pass.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { before, describe, test } from "node:test";
import { promisify } from "node:util";
import { BINARY, Server } from "../support/server.ts";

const run = promisify(execFile);
const MANY = { maxBuffer: 256 * 1024 * 1024 };
const ENDBR64 = Buffer.from([0xf3, 0x0f, 0x1e, 0xfa]);
const BTI_C = Buffer.from([0x5f, 0x24, 0x03, 0xd5]);

describe("the release binary", { timeout: 120_000 }, () => {
  let elf: string;
  before(async () => {
    elf = (await run("readelf", ["--wide", "--file-header", "--program-headers", "--dynamic", "--dyn-syms", BINARY], MANY)).stdout;
  });

  test("is position independent", () => {
    assert.match(elf, /Type:\s+DYN \(Position-Independent Executable file\)/);
    assert.match(elf, /\(FLAGS_1\).*\bPIE\b/);
  });

  test("has its relocations done and read-only before main", () => {
    assert.match(elf, /GNU_RELRO/);
    assert.match(elf, /\(FLAGS_1\).*\bNOW\b/);
  });

  test("has no stack that runs, and nothing both writable and executable", () => {
    assert.match(elf, /GNU_STACK\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+RW\s/);
    assert.doesNotMatch(elf, /\sRWE\s/);
  });

  test("guards its stack frames and checks the sizes of buffers", () => {
    assert.match(elf, /__stack_chk_fail/);
    assert.match(elf, /__(memcpy|memmove|snprintf|vsnprintf|read|recv|memset)_chk/);
  });

  test("checks the assertions of the standard library", () => {
    assert.match(elf, /_ZSt21__glibcxx_assert_fail|__glibcxx_assert_fail/);
  });

  test("marks where indirect jumps may land", async () => {
    const mark = process.arch === "x64" ? ENDBR64 : BTI_C;
    const bytes = await readFile(BINARY);
    let marks = 0;
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 4)) marks++;
    assert.ok(marks > 1_000, `${marks} landing pads`);
  });

  test("leaves no core dump, and its memory to nobody", async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const limits = await readFile(`/proc/${server.pid}/limits`, "utf8");
    assert.match(limits, /^Max core file size\s+0\s+0\s/m);
    // The files in /proc of a process that is not dumpable belong to root.
    assert.equal((await stat(`/proc/${server.pid}/mem`)).uid, 0);
    const runsAsRoot = userInfo().uid === 0;
    if (!runsAsRoot) await assert.rejects(readFile(`/proc/${server.pid}/environ`));
  });
});
