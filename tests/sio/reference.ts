// The reference server on a free port, and raw clients of it that hide nothing.
import { resolve } from "node:path";
import WebSocket from "ws";
import { type Answer, ask } from "../support/http.ts";
import { until, within } from "../support/poll.ts";
import { Child, type Exit } from "../support/process.ts";

const BINARY = resolve(import.meta.dirname, "../..", process.env["SIO_REFERENCE"] ?? "build/release/bin/sio-reference");

/** A heartbeat that is soon overdue. */
export const QUICK = ["--ping-interval", "300", "--ping-timeout", "200"];

export class Reference {
  readonly port: number;
  readonly path: string;
  readonly #child: Child;

  private constructor(child: Child, port: number, path: string) {
    this.#child = child;
    this.port = port;
    this.path = path;
  }

  static async start(mode: "engine" | "socket", args: readonly string[] = []): Promise<Reference> {
    const child = new Child(BINARY, ["--port", "0", "--mode", mode, ...args], { PATH: process.env["PATH"] });
    try {
      const port = await child.line("the start line", (line) => /^listening on (\d+)$/.exec(line)?.[1] ?? null);
      return new Reference(child, Number(port), mode === "engine" ? "/engine.io/" : "/socket.io/");
    } catch (error) {
      await child.stop("SIGKILL");
      throw error;
    }
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }
  get pid(): number {
    return this.#child.pid;
  }
  async stop(name: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    const exit = await this.#child.stop(name);
    if (exit.code !== 0) throw new Error(`the reference server failed:\n${this.#child.lines.join("\n")}`);
    return exit;
  }

  target(query: string): string {
    return `http://127.0.0.1:${this.port}${this.path}?${query}`;
  }
  get(sid: string): Promise<Answer> {
    return ask(this.target(`EIO=4&transport=polling&sid=${sid}`));
  }
  post(sid: string, body: string | Buffer, type = "text/plain;charset=UTF-8"): Promise<Answer> {
    return ask(this.target(`EIO=4&transport=polling&sid=${sid}`), {
      method: "POST",
      body,
      headers: { "content-type": type },
    });
  }
  /** A new session over long polling: its sid. */
  async open(): Promise<string> {
    const answer = await ask(this.target("EIO=4&transport=polling"));
    return (JSON.parse(text(answer).slice(1)) as { sid: string }).sid;
  }
  /** What a GET brings, without the server's pings. */
  async poll(sid: string): Promise<string> {
    for (;;) {
      const packets = text(await this.get(sid)).split("\x1e");
      if (packets.includes("2")) await this.post(sid, "3");
      const rest = packets.filter((packet) => packet !== "2");
      if (rest.length > 0) return rest.join("\x1e");
    }
  }
  socket(query: string, options: WebSocket.ClientOptions = {}): Raw {
    return new Raw(`ws://127.0.0.1:${this.port}${this.path}?${query}`, options);
  }
  /** A WebSocket that is past its open packet. */
  async opened(): Promise<Raw> {
    const socket = this.socket("EIO=4&transport=websocket");
    await socket.next();
    return socket;
  }
  /** A client in the namespace /, past the CONNECT reply and `auth`. */
  async connected(): Promise<Raw> {
    const socket = await this.opened();
    socket.send("40");
    await socket.next();
    await socket.next();
    return socket;
  }
}

export function text(answer: Answer): string {
  return answer.body.toString("utf8");
}

/** A WebSocket whose messages wait until they are asked for; pings of the server are answered. */
export class Raw {
  readonly #socket: WebSocket;
  readonly #heard: (string | Buffer)[] = [];
  #end: number | null = null;
  answersPings = true;

  constructor(url: string, options: WebSocket.ClientOptions = {}) {
    this.#socket = new WebSocket(url, options);
    this.#socket.binaryType = "nodebuffer";
    this.#socket.on("message", (data, isBinary) => {
      const message = isBinary ? (data as Buffer) : (data as Buffer).toString("utf8");
      if (message === "2" && this.answersPings) this.#socket.send("3");
      else this.#heard.push(message);
    });
    this.#socket.on("close", (code) => {
      this.#end = code;
    });
    this.#socket.on("error", () => undefined); // "close" follows
  }

  send(data: string | Buffer): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      this.#socket.once("open", () => this.#socket.send(data));
    } else {
      this.#socket.send(data);
    }
  }
  async next(): Promise<string | Buffer> {
    await until("a message", () => this.#heard.length > 0 || this.#end !== null);
    const message = this.#heard.shift();
    if (message === undefined) throw new Error(`closed (${this.#end}) instead of a message`);
    return message;
  }
  /** The close code; whatever was heard before does not matter. */
  async closed(): Promise<number> {
    return until("the connection to close", () => this.#end ?? false);
  }
  /** That nothing came before the answer to what is sent now. */
  async echo(message: string): Promise<string | Buffer> {
    this.send(message);
    return this.next();
  }
  get isOpen(): boolean {
    return this.#end === null;
  }
  /** The status of an upgrade that was refused. */
  async refused(): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
    const refusal = new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((done, fail) => {
      this.#socket.once("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (part: Buffer) => (body += part.toString("utf8")));
        response.on("end", () => done({ status: response.statusCode ?? 0, body, headers: response.headers }));
      });
      this.#socket.once("open", () => fail(new Error("the upgrade was not refused")));
    });
    return within("the refusal", refusal);
  }
  /** The headers of the 101. */
  async upgraded(): Promise<Record<string, unknown>> {
    const headers = new Promise<Record<string, unknown>>((done) => {
      this.#socket.once("upgrade", (response) => done(response.headers));
    });
    return within("the upgrade", headers);
  }
  ping(): Promise<void> {
    const pong = new Promise<void>((done) => this.#socket.once("pong", () => done()));
    this.#socket.ping();
    return within("a pong", pong);
  }
  close(): void {
    this.#socket.close();
  }
  terminate(): void {
    this.#socket.terminate();
  }
}
