// Runs the Socket.IO benchmarks, ours and npm's server in turn on the same machine, and prints one
// table, which is kept in bench/results/sio.md. Needs `npm ci` here and the release build.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");
const bin = (name) => join(ROOT, "build/release/bin", name);
const TICKS_A_SECOND = 100; // of /proc/PID/stat, USER_HZ

const IDLE = Number(process.env.BENCH_IDLE ?? 10_000);
const MEMBERS = 1000;
const ROUNDS = 300; // writes to each

const SERVERS = {
  ours: [bin("sio-bench-server"), []],
  npm: [process.execPath, [join(import.meta.dirname, "npm_server.mjs")]],
  raw: [bin("sio-bench-raw"), []],
};

async function start(name) {
  const [command, args] = SERVERS[name];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise((done, fail) => {
    createInterface({ input: child.stdout }).once("line", (line) => done(Number(line.split(" ").at(-1))));
    child.once("exit", () => fail(new Error(`${name} did not start`)));
  });
  return { child, port, pid: child.pid, stop: () => new Promise((done) => (child.once("exit", done), child.kill("SIGKILL"))) };
}

const residentKb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Runs the load to its end, or, when `look` is given, looks once it is connected and then ends it. */
async function load(port, args, look) {
  const child = spawn(bin("sio-bench-load"), [String(port), ...args.map(String)], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => undefined); // it may have ended by itself
  const line = await new Promise((done, fail) => {
    createInterface({ input: child.stdout }).once("line", done);
    child.once("exit", (code) => code !== 0 && fail(new Error(`the load ended with ${code}`)));
  });
  const seen = look?.();
  child.stdin.end(); // an idle load waits for this
  return { ...JSON.parse(line), seen };
}

async function measure(name, work) {
  const server = await start(name);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

const idle = (name) =>
  measure(name, async ({ port, pid }) => {
    const before = residentKb(pid);
    const { seconds, seen } = await load(port, ["idle", IDLE], () => residentKb(pid));
    return { kb: (seen - before) / IDLE, rate: IDLE / seconds, cpuRate: IDLE / cpuSeconds(pid) };
  });
const echo = (name) => measure(name, ({ port }) => load(port, ["echo", 100, 20_000, 5]));
/** What it costs until the members are connected. */
const connecting = (name) =>
  measure(name, async ({ port, pid }) => (await load(port, ["idle", MEMBERS], () => cpuSeconds(pid))).seen);
async function broadcast(name, burst) {
  const before = await connecting(name);
  return measure(name, async ({ port, pid }) => {
    const { delivered, seconds } = await load(port, ["go", MEMBERS, ROUNDS * burst, burst]);
    return { delivered, rate: delivered / seconds, cpuRate: delivered / (cpuSeconds(pid) - before) };
  });
}

const rows = [];
const row = (what, ours, npm, raw, aim) => rows.push(`| ${what} | ${ours} | ${npm} | ${raw ?? "–"} | ${aim} |`);
const k = (value) => `${(value / 1000).toFixed(0)} k`;

const [oursIdle, npmIdle] = [await idle("ours"), await idle("npm")];
row(`resident memory a connection, ${IDLE} idle on WebSocket`, `${oursIdle.kb.toFixed(1)} KB`, `${npmIdle.kb.toFixed(1)} KB`, null, "≤ 10 KB");
row("connections set up a second", k(oursIdle.rate), k(npmIdle.rate), null, "");
row("connections set up a CPU second of the server", k(oursIdle.cpuRate), k(npmIdle.cpuRate), null, "");

const [oursEcho, npmEcho] = [await echo("ours"), await echo("npm")];
row("echo p50 at 20 k msg/s", `${oursEcho.p50_ms.toFixed(2)} ms`, `${npmEcho.p50_ms.toFixed(2)} ms`, null, "");
row("echo p99 at 20 k msg/s", `${oursEcho.p99_ms.toFixed(2)} ms`, `${npmEcho.p99_ms.toFixed(2)} ms`, null, "< 2 ms");

// The machine's speed changes within a run: the servers take turns, and each row is the median of them.
const TURNS = 3;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
for (const burst of [1, 10]) {
  const turns = [];
  for (let i = 0; i < TURNS; i++) {
    turns.push({ ours: await broadcast("ours", burst), npm: await broadcast("npm", burst), raw: await broadcast("raw", burst) });
  }
  const of = (name, what) => median(turns.map((turn) => turn[name][what]));
  const ratio = (other) => median(turns.map((turn) => turn.ours.cpuRate / turn[other].cpuRate));
  const how = burst === 1 ? "one a write" : `${burst} merged into one write`;
  const rates = (what) => ["ours", "npm", "raw"].map((name) => k(of(name, what)));
  row(`broadcast deliveries/s, room of ${MEMBERS}, ${how}`, ...rates("rate"), "");
  row(`… a CPU second of the server, ${how}`, ...rates("cpuRate"), "≥ 0.7 raw, ≥ 8 npm");
  row(`… that is`, "1", `ours is ${ratio("npm").toFixed(1)} times npm`, `ours is ${ratio("raw").toFixed(2)} of raw`, "");
}

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
const text = `# Socket.IO: this server and npm's in one run

\`node bench/sio/run.mjs\` at ${commit}, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}.
Raw is a loop that only sends the same ready frame to the same sockets. Load and server share the
machine, so the rows per CPU second of the server compare what the servers cost; the others also
hold what else ran. Broadcasts are medians of ${TURNS} turns.

| what | ours | npm socket.io 4.8 | raw loop | aim |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
console.log(text);
writeFileSync(join(ROOT, "bench/results/sio.md"), text);
