// The `ortc` command as a child process: requests in, answers out, in the same order.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const BINARY = join(resolve(import.meta.dirname, "../.."), "build/release/bin/ortc");

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };
export type Answer = { result: Json } | { error: { code: string; message: string } };

export class Tool {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  constructor() {
    this.#child = spawn(BINARY, [], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Sends one line as it is and reads the line that answers it. */
  async line(text: string): Promise<Answer> {
    this.#child.stdin.write(`${text}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`ortc ended at: ${text.slice(0, 2000)}`);
    return JSON.parse(value) as Answer;
  }

  ask(request: JsonObject): Promise<Answer> {
    return this.line(JSON.stringify(request));
  }

  /** Closes its input and gives its exit code. */
  async close(): Promise<number | null> {
    const exited = once(this.#child, "exit");
    this.#child.stdin.end();
    const [code] = (await exited) as [number | null];
    this.#lines.close();
    return code;
  }
}

/** The result, or an exception with the error's code. */
export function resultOf(answer: Answer): Json {
  if ("result" in answer) return answer.result;
  throw new Error(`${answer.error.code}: ${answer.error.message}`);
}
