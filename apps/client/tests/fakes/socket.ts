// A Socket.IO client without a network: the test plays the server.
import type { Socket } from "socket.io-client";

type Handler = (...args: unknown[]) => void;

export class FakeSocket {
  connected = false;
  recovered = false;
  connects = 0;
  readonly sent: unknown[][] = [];
  /** How the server acknowledges, by event; without an entry it stays silent. */
  readonly answers = new Map<string, unknown>();
  private readonly handlers = new Map<string, Handler[]>();
  private readonly anyHandlers: Handler[] = [];

  on(event: string, handler: Handler): this {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler]);
    return this;
  }

  onAny(handler: Handler): this {
    this.anyHandlers.push(handler);
    return this;
  }

  emit(...args: unknown[]): this {
    this.sent.push(args);
    return this;
  }

  timeout(): { emitWithAck: (event: string, payload: unknown) => Promise<unknown> } {
    return {
      emitWithAck: async (event, payload) => {
        this.sent.push([event, payload]);
        if (!this.answers.has(event)) throw new Error("timeout");
        return this.answers.get(event);
      },
    };
  }

  connect(): this {
    this.connects++;
    return this;
  }

  disconnect(): this {
    this.connected = false;
    return this;
  }

  /** The server accepted the connection. */
  accept(recovered = false): void {
    this.connected = true;
    this.recovered = recovered;
    this.fire("connect");
  }

  /** The connection broke. */
  break(): void {
    this.connected = false;
    this.fire("disconnect", "transport close");
  }

  fire(event: string, ...args: unknown[]): void {
    for (const handler of this.handlers.get(event) ?? []) handler(...args);
  }

  /** The server sent an event. */
  receive(event: string, payload: unknown): void {
    for (const handler of this.anyHandlers) handler(event, payload);
  }

  get socket(): Socket {
    return this as unknown as Socket;
  }
}
