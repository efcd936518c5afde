// Clients that keep to no rule of their own: plain TCP, HTTP requests in pieces, and Socket.IO over WebSocket.
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";
import { type Answer, ask } from "../support/http.ts";
import { within } from "../support/poll.ts";
import { FROM, type Target } from "./attack.ts";

/** A TCP connection from the attackers' address. What it is sent is thrown away. */
export function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, localAddress: FROM });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
    socket.on("error", () => undefined); // later ones end in `close`
    socket.resume();
  });
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** Until it has left this process, or the connection has ended. */
export function write(socket: Socket, octets: string | Buffer): Promise<void> {
  return new Promise((resolve) => socket.write(octets, () => resolve()));
}

export const getOf = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
export const postOf = (path: string, type: string, size: number): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${size}\r\n\r\n`;

export const POLLING = "/socket.io/?EIO=4&transport=polling";

/** An Engine.IO session by polling. */
export class Polling {
  readonly path: string;
  readonly #url: string;

  private constructor(url: string, path: string) {
    this.#url = url;
    this.path = path;
  }

  static async open(target: Target): Promise<Polling> {
    const answer = await ask(target.url + POLLING, { localAddress: FROM });
    const { sid } = JSON.parse(answer.body.toString().slice(1)) as { sid: string };
    return new Polling(target.url, `${POLLING}&sid=${sid}`);
  }

  post(body: string): Promise<Answer> {
    const headers = { "content-type": "text/plain;charset=UTF-8" };
    return ask(this.#url + this.path, { method: "POST", body, headers, localAddress: FROM });
  }
  get(): Promise<Answer> {
    return ask(this.#url + this.path, { localAddress: FROM });
  }
  /** A guest from here on. */
  async enter(): Promise<void> {
    await this.post('40{"guestName":"Mallory"}');
    await this.get();
  }
}

/** Socket.IO over WebSocket, packet by packet. */
export class Web {
  readonly #socket: WebSocket;
  #answers = new Map<number, (reply: unknown) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => undefined); // ends in `close`
    socket.on("message", (data) => this.#hear(String(data)));
  }

  /** As far as the Engine.IO session. */
  static async open(target: Target): Promise<Web> {
    const url = `${target.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { localAddress: FROM, perMessageDeflate: false });
    const web = new Web(socket);
    const opened = new Promise<void>((resolve, reject) => {
      socket.once("message", () => resolve());
      socket.once("close", () => reject(new Error("refused")));
    });
    await within("a WebSocket", opened);
    return web;
  }

  /** A guest, in the room if one is named. */
  static async enter(target: Target, room?: string): Promise<Web> {
    const web = await Web.open(target);
    const entered = new Promise<void>((resolve) => web.#answers.set(-1, () => resolve()));
    web.say('40{"guestName":"Mallory"}');
    await within("a guest's connection", entered);
    if (room !== undefined) await web.ask("join:room", { roomCode: room });
    return web;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Thrown away when the connection has ended. */
  say(packet: string): void {
    if (this.isOpen) this.#socket.send(packet, () => undefined);
  }
  /** Says it once all that was said before has left this process. */
  async sayAfter(packet: string): Promise<void> {
    if (!this.isOpen) throw new Error("closed");
    await new Promise<void>((resolve) => this.#socket.send(packet, () => resolve()));
  }
  emit(event: string, payload: object): Promise<void> {
    return this.sayAfter(`42${JSON.stringify([event, payload])}`);
  }
  async ask(event: string, payload: object): Promise<unknown> {
    const id = this.#last++;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.say(`42${id}${JSON.stringify([event, payload])}`);
    return within(`an answer to ${event}`, answer);
  }
  /** Hears nothing from now on. */
  stopReading(): void {
    this.#socket.pause();
  }
  close(): void {
    this.#socket.terminate();
  }

  #hear(packet: string): void {
    if (packet === "2") this.say("3");
    const [, kind, id, reply] = /^4([03])(\d*)(.*)$/s.exec(packet) ?? [];
    if (kind === undefined) return;
    const key = kind === "0" ? -1 : Number(id);
    this.#answers.get(key)?.(kind === "0" ? null : JSON.parse(reply ?? ""));
    this.#answers.delete(key);
  }
}
