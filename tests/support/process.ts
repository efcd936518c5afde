// Child processes of a test: lines of their output, and an end that leaves nothing behind.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { within } from "./poll.ts";

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type ChildOptions = {
  cwd?: string;
  /** The user to run as. */
  user?: { uid: number; gid: number } | undefined;
  /** What it reads from its standard input. */
  input?: string;
  /** Its standard input stays open until `endInput`. */
  keepsInput?: boolean;
};

export class Child {
  readonly lines: string[] = [];
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #listeners = new Set<() => void>();
  #exit: Exit | null = null;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv, options: ChildOptions = {}) {
    const { cwd, user, input, keepsInput = false } = options;
    this.#process = spawn(command, args, { env, cwd, ...user, stdio: "pipe" });
    this.#process.stdin.on("error", () => undefined); // it may end before it has read all
    if (input !== undefined) this.#process.stdin.write(input);
    if (!keepsInput) this.#process.stdin.end();
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line);
        this.#tell();
      });
    }
    const kill = () => this.#process.kill("SIGKILL");
    this.exited = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code, signal) => {
        this.#exit = { code, signal };
        process.off("exit", kill);
        this.#tell();
        resolve(this.#exit);
      });
    });
    this.exited.catch(() => undefined);
    process.once("exit", kill);
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error("the process did not start");
    return this.#process.pid;
  }

  /** The first line, past or to come, from which `read` makes a value. */
  async line<T>(what: string, read: (line: string) => T | null, deadlineMs = 20_000): Promise<T> {
    let seen = 0;
    const found = new Promise<T>((resolve, reject) => {
      const look = () => {
        for (; seen < this.lines.length; seen++) {
          const value = read(this.lines[seen] ?? "");
          if (value === null) continue;
          this.#listeners.delete(look);
          return resolve(value);
        }
        if (this.#exit !== null) {
          this.#listeners.delete(look);
          reject(new Error(`ended (${JSON.stringify(this.#exit)}) before: ${what}\n${this.lines.join("\n")}`));
        }
      };
      this.#listeners.add(look);
      look();
    });
    return within(what, found, deadlineMs);
  }

  /** To its standard input, which `keepsInput` keeps open. */
  write(text: string): void {
    this.#process.stdin.write(text);
  }

  endInput(): void {
    this.#process.stdin.end();
  }

  signal(name: NodeJS.Signals): void {
    if (this.#exit === null) this.#process.kill(name);
  }

  /** Ends the process as `name` does; what stays for longer than the deadline is killed and an error. A server
   *  has 10 s for its people, after 10 s for its rooms. */
  async stop(name: NodeJS.Signals = "SIGTERM", deadlineMs = 40_000): Promise<Exit> {
    this.signal(name);
    try {
      return await within(`${this.#process.spawnfile} to end`, this.exited, deadlineMs);
    } catch (error) {
      this.signal("SIGKILL");
      await this.exited;
      throw error;
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
