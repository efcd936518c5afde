// The real server, as `scripts/run` starts it, on free ports and with a database of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ask } from "./http.ts";
import { within } from "./poll.ts";
import { Child, type ChildOptions, type Exit } from "./process.ts";

// The server lets clients finish for up to 10 s before it cuts them off.

const ROOT = resolve(import.meta.dirname, "../..");
/** Where the build lays the programs. */
export const BIN = join(ROOT, "build/release/bin");
export const BINARY = join(BIN, "webrtc-chat");

export const ACCESS_SECRET = "an access secret for tests alone, 40 oct.";

export type Settings = Readonly<Record<string, string>>;

/** Only what the server needs of this process's environment, so that no setting leaks in. */
export function environment(settings: Settings): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: process.env["HOME"], LOG_FORMAT: "json", ...settings };
}

export class Server {
  readonly url: string;
  readonly port: number;
  readonly #child: Child;
  readonly #folder: string;
  readonly #settings: Settings;
  readonly #launcher: readonly string[];

  private constructor(child: Child, url: string, folder: string, settings: Settings, launcher: readonly string[]) {
    this.#child = child;
    this.url = url;
    this.port = Number(new URL(url).port);
    this.#folder = folder;
    this.#settings = settings;
    this.#launcher = launcher;
  }

  /** `launcher` is what comes before the program on its command line. */
  static async start(settings: Settings = {}, launcher: readonly string[] = []): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "webrtc-chat-"));
    return Server.#startIn(folder, { PORT: "0", RTC_PORT: "0", RATE_LIMIT: "off", ...settings }, launcher);
  }

  static async #startIn(folder: string, settings: Settings, launcher: readonly string[]): Promise<Server> {
    const env = environmentIn(folder, settings);
    // Beside the program's own files nothing of the server's is written outside its working folder.
    const [command = BINARY, ...args] = [...launcher, BINARY, "serve"];
    const child = new Child(command, args, env, { cwd: folder });
    try {
      const url = await child.line("the start line", startUrl);
      return new Server(child, url, folder, settings, launcher);
    } catch (error) {
      await child.stop("SIGKILL");
      throw error;
    }
  }

  /** Another command of the program on this server's database, run to its end. */
  async command(args: readonly string[], input = ""): Promise<Exit & { output: string }> {
    return runCommand(args, environmentIn(this.#folder, this.#settings), { cwd: this.#folder, input });
  }

  get pid(): number {
    return this.#child.pid;
  }
  get lines(): readonly string[] {
    return this.#child.lines;
  }
  get exited(): Promise<Exit> {
    return this.#child.exited;
  }
  get folder(): string {
    return this.#folder;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.signal(name);
  }

  /** Ends the process and keeps its database for `startAgain`. */
  async kill(name: NodeJS.Signals = "SIGKILL"): Promise<Exit> {
    return this.#child.stop(name);
  }

  /** A new process on the same port and database, once this one has ended. */
  async startAgain(): Promise<Server> {
    return Server.#startIn(this.#folder, { ...this.#settings, PORT: String(this.port) }, this.#launcher);
  }

  async stop(): Promise<Exit> {
    const exit = await this.#child.stop("SIGTERM");
    await rm(this.#folder, { recursive: true, force: true });
    return exit;
  }
}

function environmentIn(folder: string, settings: Settings): NodeJS.ProcessEnv {
  return environment({
    DATABASE_URL: `sqlite:${join(folder, "chat.db")}`,
    JWT_ACCESS_SECRET: ACCESS_SECRET,
    JWT_REFRESH_SECRET: "a refresh secret for tests alone, 40 oct.",
    ...settings,
  });
}

/** The value of one line of `/metrics`, with its labels in the name. */
export async function metric(server: Server, name: string): Promise<number> {
  const text = (await ask(`${server.url}/metrics`)).body.toString();
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  if (line === undefined) throw new Error(`${name} in:\n${text}`);
  return Number(line.slice(name.length + 1));
}

/** A command of the program that ends by itself. */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  options: ChildOptions = {},
): Promise<Exit & { output: string }> {
  const child = new Child(BINARY, args, env, options);
  try {
    const exit = await within(`webrtc-chat ${args.join(" ")} to end`, child.exited, 10_000);
    return { ...exit, output: child.lines.join("\n") };
  } finally {
    child.signal("SIGKILL");
  }
}

/** The URL of the line `listening on URL`, of JSON or text logs. */
export function startUrl(line: string): string | null {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null && "url" in entry && typeof entry.url === "string") {
      return entry.url;
    }
  } catch {
    // not JSON
  }
  return /listening on (https?:\/\/\S+)/.exec(line)?.[1] ?? null;
}
