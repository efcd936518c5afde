// WebDriver BiDi (W3C), the few commands that the journeys need, over one WebSocket.
import WebSocket from "ws";
import { within } from "../support/poll.ts";

type Waiting = { resolve: (result: unknown) => void; reject: (error: Error) => void };

const COMMAND_DEADLINE_MS = 30_000;

export class Bidi {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#receive(String(data)));
    socket.on("close", () => {
      for (const one of this.#waiting.values()) one.reject(new Error("the browser closed the connection"));
      this.#waiting.clear();
    });
    socket.on("error", () => undefined); // "close" follows
  }

  /** `url`: the address that the browser printed, `ws://…`. */
  static async connect(url: string): Promise<Bidi> {
    const socket = new WebSocket(`${url}/session`);
    const open = new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    await within("the BiDi connection", open);
    const bidi = new Bidi(socket);
    await bidi.send("session.new", { capabilities: {} });
    return bidi;
  }

  async send<R = unknown>(method: string, params: object): Promise<R> {
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await within(method, answer, COMMAND_DEADLINE_MS)) as R;
  }

  close(): void {
    this.#socket.close();
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as {
      type: string;
      id?: number;
      result?: unknown;
      error?: string;
      message?: string;
    };
    if (message.type === "event" || message.id === undefined) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === "error") waiting?.reject(new Error(`${message.error}: ${message.message}`));
    else waiting?.resolve(message.result);
  }
}
