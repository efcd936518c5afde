// A Redis server of a test's own: in memory, on a free port of loopback.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient } from "redis";
import { Child } from "./process.ts";
import { freePort } from "./ports.ts";

const run = promisify(execFile);
const ENVIRONMENT = { PATH: process.env["PATH"], LC_ALL: "C" };
const PASSWORD = "hidden-word";

export class Redis {
  readonly url: string;
  readonly #port: number;
  #child: Child | null = null;

  private constructor(port: number) {
    this.#port = port;
    this.url = `redis://:${PASSWORD}@localhost:${port}/1`;
  }

  static async start(): Promise<Redis> {
    const redis = new Redis(await freePort());
    await redis.startAgain();
    return redis;
  }

  /** Empty, as after every start. */
  async startAgain(): Promise<void> {
    const args = ["--port", String(this.#port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD];
    this.#child = new Child("redis-server", args, ENVIRONMENT);
    await this.#child.line("readiness", (line) => line.includes("Ready to accept connections") || null);
  }

  /** What `redis-cli` prints of one command. */
  async ask(...words: readonly string[]): Promise<string> {
    const args = ["-p", String(this.#port), "-n", "1", ...words];
    const { stdout } = await run("redis-cli", args, { env: { ...ENVIRONMENT, REDISCLI_AUTH: PASSWORD } });
    return stdout.trim();
  }

  /** Collects what is said on the channels of a pattern, until `stop`. */
  async overhear(pattern: string): Promise<{ messages: string[]; stop: () => void }> {
    const client = createClient({ url: this.url });
    await client.connect();
    const messages: string[] = [];
    await client.pSubscribe(pattern, (message) => messages.push(message));
    return { messages, stop: () => client.destroy() };
  }

  /** SIGSTOP makes it silent, SIGCONT answer again. */
  signal(name: NodeJS.Signals): void {
    this.#child?.signal(name);
  }

  async stop(): Promise<void> {
    await this.#child?.stop("SIGKILL");
    this.#child = null;
  }
}
