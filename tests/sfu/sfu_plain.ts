// The program sfu-plain: one plain producer and its consumers, until its standard input ends.
import { join } from "node:path";
import { within } from "../support/poll.ts";
import { Child } from "../support/process.ts";
import { BIN } from "../support/server.ts";

export type Suite = "AEAD_AES_128_GCM" | "AEAD_AES_256_GCM" | "AES_CM_128_HMAC_SHA1_80";
export type Request = {
  readonly producer: { readonly mimeType: string; readonly clockRate: number; readonly payloadType: number; readonly ssrc: number };
  readonly consumers: readonly {
    readonly ip: string;
    readonly port: number;
    readonly srtpParameters?: { readonly cryptoSuite: Suite; readonly keyBase64: string };
  }[];
};
type Answer = { ip: string; port: number; pid: number; consumers: { ssrc: number; payloadType: number }[] };
export type Counters = { received: number; sent: number; sendCalls: number; sendDropped: number; malformed: number };

export class SfuPlain {
  readonly answer: Answer;
  readonly #child: Child;

  private constructor(child: Child, answer: Answer) {
    this.#child = child;
    this.answer = answer;
  }

  static async start(request: Request): Promise<SfuPlain> {
    const input = `${JSON.stringify(request)}\n`;
    const child = new Child(join(BIN, "sfu-plain"), [], { PATH: process.env["PATH"] }, { input, keepsInput: true });
    try {
      return new SfuPlain(child, await child.line("the port", (line) => (line.startsWith("{") ? (JSON.parse(line) as Answer) : null)));
    } catch (error) {
      await child.stop("SIGKILL");
      throw error;
    }
  }

  /** Ends its input, and gives what it counted. */
  async end(): Promise<Counters> {
    try {
      this.#child.endInput();
      const { code } = await within("sfu-plain to end", this.#child.exited);
      if (code !== 0) throw new Error(`sfu-plain ended with ${code}\n${this.#child.lines.join("\n")}`);
      return JSON.parse(this.#child.lines.at(-1) ?? "") as Counters;
    } finally {
      this.#child.signal("SIGKILL");
    }
  }
}
