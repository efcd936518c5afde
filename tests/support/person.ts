// Somebody with an account: cookies, REST and Socket.IO as the page uses them.
import { randomBytes } from "node:crypto";
import { io, type Socket } from "socket.io-client";
import { type Answer, type Ask, ask, json } from "./http.ts";
import { within } from "./poll.ts";
import type { Server } from "./server.ts";

export type Room = { id: string; slug: string; name: string; hostId: string };
export type Reply = Record<string, unknown> & { error?: { code: string; message: string; details?: { field: string; message: string }[] } };
export type Joined = {
  roomId: string;
  peerId: string;
  peers: { peerId: string }[];
  messages: unknown[];
  routerRtpCapabilities: { codecs: unknown[]; headerExtensions: unknown[] };
};

export const PASSWORD = "correct horse battery";

export class Person {
  readonly server: Server;
  readonly username: string;
  readonly email: string;
  readonly cookies = new Map<string, string>();
  id = "";

  private constructor(server: Server, username: string) {
    this.server = server;
    this.username = username;
    this.email = `${username}@example.org`;
  }

  static async register(server: Server, name = "person"): Promise<Person> {
    const person = new Person(server, `${name}-${randomBytes(4).toString("hex")}`);
    const { email, username } = person;
    const answer = await person.ask("POST", "/api/auth/register", { email, username, password: PASSWORD });
    if (answer.status !== 201) throw new Error(`register: ${answer.status} ${answer.body.toString()}`);
    person.id = (json(answer) as { user: { id: string } }).user.id;
    return person;
  }

  /** Cookies as a header, the empty string when there are none. */
  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const options: Ask = { method, headers: { ...(this.cookie && { cookie: this.cookie }), ...headers } };
    if (body !== undefined) options.body = body;
    const answer = await ask(this.server.url + path, options);
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value) this.cookies.set(name, value);
      else if (name !== undefined) this.cookies.delete(name);
    }
    return answer;
  }

  async createRoom(name = "Standup"): Promise<Room> {
    const answer = await this.ask("POST", "/api/rooms", { name });
    if (answer.status !== 201) throw new Error(`create room: ${answer.status} ${answer.body.toString()}`);
    return json(answer) as Room;
  }

  async connect(): Promise<Line> {
    return Line.open(this.server, { extraHeaders: { cookie: this.cookie } });
  }
}

/** One Socket.IO connection. Every event that arrives is kept, in order. */
export class Line {
  readonly socket: Socket;
  readonly events: { name: string; payload: unknown }[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((name: string, payload: unknown) => this.events.push({ name, payload }));
  }

  static async open(server: Pick<Server, "url">, options: object = {}): Promise<Line> {
    const socket = io(server.url, { forceNew: true, reconnection: false, transports: ["websocket"], ...options });
    const line = new Line(socket);
    const connected = new Promise<void>((resolve, reject) => {
      socket.once("connect", () => resolve());
      socket.once("connect_error", reject);
    });
    await within("the connection", connected);
    return line;
  }

  /** Emits with a callback and gives what came back. */
  async call(event: string, ...args: unknown[]): Promise<Reply> {
    return (await this.socket.timeout(10_000).emitWithAck(event, ...args)) as Reply;
  }

  async join(slug: string): Promise<Joined> {
    const reply = await this.call("join:room", { roomCode: slug });
    if (reply.error) throw new Error(`join: ${reply.error.code}`);
    return reply as unknown as Joined;
  }

  payloads<T = Record<string, unknown>>(name: string): T[] {
    return this.events.filter((event) => event.name === name).map((event) => event.payload as T);
  }

  close(): void {
    this.socket.close();
  }
}
