// The Socket.IO connection of one call: opens it, keeps it, decodes what comes in. It knows how
// to come back (fresh login first, growing delays), and leaves what to do then to its listener.
import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import {
  type ClientEventName,
  type ClientEvents,
  decodeServerEvent,
  errorSchema,
  type ServerEvent,
  type SignallingErrorCode,
} from "./events";
import { REFRESH_EVERY_MS, retryDelayMs } from "./reconnect";

const ANSWER_TIMEOUT_MS = 10_000;

/** Why a request got no good answer: the server's code, or ours: silence, nonsense, no connection. */
export type RequestFailure = SignallingErrorCode | "NO_ANSWER" | "BAD_ANSWER" | "OFFLINE";

export class SignallingError extends Error {
  readonly code: RequestFailure;
  constructor(code: RequestFailure) {
    super(code);
    this.name = "SignallingError";
    this.code = code;
  }
}

export type ConnectionEvent =
  | { readonly type: "connected"; readonly recovered: boolean }
  | { readonly type: "disconnected" }
  | { readonly type: "unauthorized" };

export interface SignallingPorts {
  /** A new, unconnected socket. */
  readonly createSocket: (guestName: string | null) => Socket;
  /** Renews the login; false when there is none. */
  readonly refresh: () => Promise<boolean>;
  readonly onConnection: (event: ConnectionEvent) => void;
  readonly onEvent: (event: ServerEvent) => void;
}

/** Sends and decodes the acknowledgement. @throws SignallingError */
export type Request = <N extends ClientEventName, T>(
  event: N,
  payload: ClientEvents[N],
  schema: z.ZodType<T>,
) => Promise<T>;

export interface Signalling {
  /** Connects whoever is logged in, and tells nobody before they go in: `open` finds it done. */
  prepare(): void;
  /** Connects, as a guest when `guestName` is given. */
  open(guestName: string | null): void;
  close(): void;
  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void;
  /** Sends without an answer. What cannot be sent now waits for a recovered connection. */
  emit<N extends ClientEventName>(event: N, payload: ClientEvents[N]): void;
  readonly request: Request;
}

/** The stock client; its own reconnection is off because a login must be renewed before each try. */
export function createSocket(guestName: string | null): Socket {
  return io({
    autoConnect: false,
    reconnection: false,
    forceNew: true,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: guestName === null ? {} : { guestName },
  });
}

const refusalSchema = z.object({ error: errorSchema });

export function createSignalling(ports: SignallingPorts): Signalling {
  let socket: Socket | null = null;
  let guest = false;
  let attempt = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let refreshTimer: ReturnType<typeof setInterval> | undefined;
  let waiting: Array<() => void> = [];
  let unauthorized = false;
  let ahead = false;

  function tell(event: ConnectionEvent): void {
    if (!ahead) ports.onConnection(event);
  }

  /** Renews the login, then connects. A server that cannot be reached is tried again later. */
  async function connect(target: Socket): Promise<void> {
    if (!guest) {
      try {
        const loggedIn = await ports.refresh();
        if (socket !== target) return;
        if (!loggedIn) return giveUp();
      } catch {
        if (socket === target) retryLater(target);
        return;
      }
    }
    if (socket === target && !target.connected) target.connect();
  }

  function giveUp(): void {
    const isWanted = !ahead;
    close();
    if (isWanted) ports.onConnection({ type: "unauthorized" });
  }

  function retryLater(target: Socket): void {
    clearTimeout(retryTimer);
    const delay = retryDelayMs(attempt++, Math.random());
    retryTimer = setTimeout(() => void connect(target), delay);
  }

  function attach(target: Socket): void {
    target.on("connect", () => {
      attempt = 0;
      const unsent = waiting;
      waiting = [];
      if (target.recovered) for (const send of unsent) send();
      tell({ type: "connected", recovered: target.recovered });
    });
    target.on("disconnect", () => {
      if (socket !== target) return;
      tell({ type: "disconnected" });
      // The login was renewed just before: whom the server still does not know stays out.
      if (unauthorized) giveUp();
      else retryLater(target);
    });
    target.on("connect_error", () => {
      if (socket !== target) return;
      tell({ type: "disconnected" });
      retryLater(target);
    });
    target.onAny((name: string, payload: unknown) => {
      const event = decodeServerEvent(name, payload);
      if (event === null) return;
      if (event.name === "error" && event.payload.code === "UNAUTHORIZED") unauthorized = true;
      ports.onEvent(event);
    });
  }

  function close(): void {
    clearTimeout(retryTimer);
    clearInterval(refreshTimer);
    const old = socket;
    socket = null;
    ahead = false;
    waiting = [];
    old?.disconnect();
  }

  function begin(guestName: string | null): void {
    close();
    guest = guestName !== null;
    attempt = 0;
    unauthorized = false;
    const target = ports.createSocket(guestName);
    socket = target;
    attach(target);
    if (!guest) {
      refreshTimer = setInterval(() => void ports.refresh().catch(() => {}), REFRESH_EVERY_MS);
    }
    void connect(target);
  }

  function retryNow(): void {
    if (socket === null || socket.connected) return;
    clearTimeout(retryTimer);
    attempt = 0;
    void connect(socket);
  }

  return {
    prepare() {
      begin(null);
      ahead = true;
    },
    open(guestName) {
      const isThere = ahead && guestName === null;
      ahead = false;
      if (!isThere) begin(guestName);
      else if (socket?.connected) tell({ type: "connected", recovered: false });
      else retryNow();
    },
    close,
    retryNow,
    emit(event, payload) {
      const target = socket;
      if (target === null) return;
      const send = () => (payload === undefined ? target.emit(event) : target.emit(event, payload));
      if (target.connected) send();
      else waiting.push(send);
    },
    async request(event, payload, schema) {
      if (!socket?.connected) throw new SignallingError("OFFLINE");
      const answer = await ask(socket, event, payload);
      const refusal = refusalSchema.safeParse(answer);
      if (refusal.success) {
        if (refusal.data.error.code === "UNAUTHORIZED") unauthorized = true;
        throw new SignallingError(refusal.data.error.code);
      }
      const parsed = schema.safeParse(answer);
      if (!parsed.success) throw new SignallingError("BAD_ANSWER");
      return parsed.data;
    },
  };
}

async function ask(socket: Socket, event: string, payload: unknown): Promise<unknown> {
  try {
    return await socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck(event, payload);
  } catch {
    throw new SignallingError(socket.connected ? "NO_ANSWER" : "OFFLINE");
  }
}
