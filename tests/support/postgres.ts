// A PostgreSQL server of a test's own: in a temporary folder, on a free port of loopback.
import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./poll.ts";
import { freePort } from "./ports.ts";
import { Child } from "./process.ts";

const run = promisify(execFile);
const TOOLS = "/usr/lib/postgresql";
const ENVIRONMENT = { PATH: process.env["PATH"], LC_ALL: "C" };

type User = { uid: number; gid: number };

export class Postgres {
  readonly folder: string;
  readonly #tools: string;
  readonly #user: User | undefined;
  readonly #port: number;
  #child: Child | null = null;

  private constructor(folder: string, tools: string, user: User | undefined, port: number) {
    this.folder = folder;
    this.#tools = tools;
    this.#user = user;
    this.#port = port;
  }

  static async start(): Promise<Postgres> {
    const folder = await mkdtemp(join(tmpdir(), "webrtc-chat-pg-"));
    const user = await serviceUser();
    if (user) await chown(folder, user.uid, user.gid);
    const version = (await readdir(TOOLS)).sort((a, b) => Number(b) - Number(a))[0];
    const server = new Postgres(folder, `${TOOLS}/${version}/bin`, user, await freePort());
    const options = ["-D", server.#data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"];
    await run(`${server.#tools}/initdb`, options, { env: ENVIRONMENT, cwd: folder, ...user });
    await server.startAgain();
    return server;
  }

  /** `settings` are the server's own, as `ssl=on`. */
  async startAgain(settings: readonly string[] = []): Promise<void> {
    const fixed = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", "shared_buffers=32MB"];
    const args = ["-D", this.#data, "-p", String(this.#port), ...[...fixed, ...settings].flatMap((one) => ["-c", one])];
    // What a killed server left behind may live for a moment: then it is started once more.
    await until("PostgreSQL to start", async () => {
      const options = { cwd: this.folder, user: this.#user };
      this.#child = new Child(`${this.#tools}/postgres`, args, ENVIRONMENT, options);
      // After a kill it first syncs every file there is, which takes as long as the disk is busy.
      return this.#child.line("readiness", (line) => line.includes("ready to accept connections") || null, 90_000);
    });
  }

  /** As a power cut ends it; its data stay. */
  async kill(): Promise<void> {
    await this.#child?.stop("SIGKILL");
    this.#child = null;
  }

  async stop(): Promise<void> {
    await this.#child?.stop("SIGQUIT");
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A self-made certificate for localhost, which `ssl=on` then serves: its path, to be trusted. */
  async makeCertificate(): Promise<string> {
    const [cert, key] = [join(this.#data, "server.crt"), join(this.#data, "server.key")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", key, "-out", cert];
    await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...files]);
    if (this.#user) await chown(key, this.#user.uid, this.#user.gid);
    return cert;
  }

  url(database: string, query = ""): string {
    return `postgresql://postgres@localhost:${this.#port}/${database}${query}`;
  }

  async createDatabase(name: string): Promise<string> {
    await this.query("postgres", `CREATE DATABASE "${name}"`);
    return this.url(name);
  }

  /** Rows as lines, columns between bars. */
  async query(database: string, sql: string): Promise<string> {
    const args = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", this.url(database), "-c", sql];
    return (await run(`${this.#tools}/psql`, args, { env: ENVIRONMENT })).stdout.trim();
  }

  get #data(): string {
    return join(this.folder, "data");
  }
}

/** PostgreSQL does not serve root: there it runs as the user that its package made. */
async function serviceUser(): Promise<User | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const line = (await readFile("/etc/passwd", "utf8")).split("\n").find((one) => one.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) throw new Error("no user postgres");
  return { uid: Number(uid), gid: Number(gid) };
}
