// Starts the server with a certificate of each kind and prints, a row for each: the CPU time that one handshake takes of
// its control thread, and the delay of somebody who uses one open connection, alone and while a flood of handshakes runs.
import { execFileSync, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { Server } from "../../tests/support/server.ts";

const HANDSHAKES = 400;
const SECONDS = 8;
const FLOODERS = 2;
const CONNECTIONS = 64; // of each flooder at any time
const TICKS_MS = 10; // of /proc/…/stat

type Kind = { name: string; key: readonly string[] };
const KINDS: readonly Kind[] = [
  { name: "ECDSA P-256", key: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] },
  { name: "RSA 2048", key: ["-newkey", "rsa:2048"] },
];

const options = (port: number) => ({ port, host: "127.0.0.1", localAddress: "127.0.0.2", rejectUnauthorized: false });

/** One whole handshake from another address than the bystander's; false when it was refused. */
function shakeHands(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(options(port), () => {
      resolve(true);
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
  });
}

/** CPU time of the process's first thread, the control thread. */
function controlMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICKS_MS;
}

function askOnce(port: number, agent: Agent): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path: "/api/health/live", agent, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(performance.now() - start));
    }).on("error", reject);
  });
}

async function delays(port: number): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const taken: number[] = [];
  const end = performance.now() + SECONDS * 1_000;
  while (performance.now() < end) {
    taken.push(await askOnce(port, agent));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  agent.destroy();
  taken.sort((a, b) => a - b);
  const at = (part: number) => (taken[Math.floor(taken.length * part)] ?? Number.NaN).toFixed(1);
  return `${at(0.5)} / ${at(0.99)}`;
}

async function measure(kind: Kind, folder: string): Promise<void> {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  execFileSync("openssl", ["req", "-x509", ...kind.key, "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert], { stdio: "ignore" });
  const server = await Server.start({ TLS_CERT: cert, TLS_KEY: key, RTC_WORKERS: "1" });
  try {
    const before = controlMs(server.pid);
    for (let i = 0; i < HANDSHAKES; i++) await shakeHands(server.port);
    const each = (controlMs(server.pid) - before) / HANDSHAKES;
    const quiet = await delays(server.port);
    const flooders = Array.from({ length: FLOODERS }, () => fork(import.meta.filename, ["flood", String(server.port)]));
    const cpu = controlMs(server.pid);
    const flooded = await delays(server.port);
    const share = ((controlMs(server.pid) - cpu) / (SECONDS * 10)).toFixed(0);
    let done = 0;
    for (const flooder of flooders) {
      done += await new Promise<number>((resolve) => {
        flooder.once("message", (count) => resolve(Number(count)));
        flooder.send("stop");
      });
    }
    console.log(`| ${kind.name} | ${each.toFixed(2)} | ${quiet} | ${flooded} | ${(done / SECONDS).toFixed(0)} | ${share} % |`);
  } finally {
    await server.stop();
  }
}

async function flood(port: number): Promise<void> {
  let done = 0;
  process.once("message", () => process.send?.(done, () => process.exit()));
  const one = async () => {
    for (;;) {
      if (await shakeHands(port)) done++;
      else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}

if (process.argv[2] === "flood") {
  await flood(Number(process.argv[3]));
} else {
  console.log("| certificate | ms of the control thread a handshake | request of a bystander, p50 / p99, ms | during a flood, ms | handshakes/s of the flood | control thread |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  const folder = mkdtempSync(join(tmpdir(), "webrtc-chat-tls-"));
  try {
    for (const kind of KINDS) await measure(kind, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
