// The REST client: cookies carry the login, a 401 is answered by one refresh and one retry.
import type { z } from "zod";
import { ApiError, isApiErrorCode } from "./errors";
import {
  errorBodySchema,
  type Room,
  roomPageSchema,
  roomSchema,
  rtcConfigSchema,
  type User,
  userAnswerSchema,
  userSchema,
} from "./schemas";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type Method = "GET" | "POST" | "PATCH" | "DELETE";
type Call = { readonly method: Method; readonly path: string; readonly body?: unknown };

export type RoomSettings = Partial<Pick<Room, "locked" | "lobby" | "guests">>;

export interface Api {
  /** The person who is logged in, or null for a guest. */
  me(): Promise<User | null>;
  register(form: { email: string; username: string; password: string }): Promise<User>;
  login(form: { email: string; password: string }): Promise<User>;
  logout(): Promise<void>;
  /** Renews both cookies. Calls at the same time share one request. False: not logged in. */
  refresh(): Promise<boolean>;
  rooms(): Promise<readonly Room[]>;
  room(slug: string): Promise<Room>;
  /** The largest call that goes peer to peer. */
  p2pMaxPeers(): Promise<number>;
  createRoom(name: string): Promise<Room>;
  /** For the host. */
  updateRoom(slug: string, change: RoomSettings): Promise<Room>;
}

/**
 * Whether somebody signed in with this browser before. The cookies cannot be read, and asking the
 * server to renew a login that never was would only cost a refusal on each visit of a guest.
 */
export interface LoginMemory {
  signedIn(): boolean;
  remember(signedIn: boolean): void;
}

export function createApi(fetch: Fetch, memory: LoginMemory): Api {
  let refreshing: Promise<boolean> | null = null;

  async function refreshOnce(): Promise<boolean> {
    const response = await send(fetch, { method: "POST", path: "/api/auth/refresh" });
    if (response.ok) return true;
    if (response.status !== 401) throw await readError(response);
    memory.remember(false);
    return false;
  }

  function refresh(): Promise<boolean> {
    refreshing ??= refreshOnce().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  /** Protected calls: an expired access token costs one refresh, once. */
  async function ask(call: Call): Promise<Response> {
    const first = await send(fetch, call);
    if (first.status !== 401 || !memory.signedIn() || !(await refresh())) return first;
    return send(fetch, call);
  }

  async function get<T>(schema: z.ZodType<T>, call: Call): Promise<T> {
    return decode(schema, await ask(call));
  }

  async function signIn(call: Call): Promise<User> {
    const { user } = await decode(userAnswerSchema, await send(fetch, call));
    memory.remember(true);
    return user;
  }

  return {
    refresh,
    me: async () => {
      const response = await ask({ method: "GET", path: "/api/users/me" });
      if (response.status === 401) return null;
      memory.remember(response.ok);
      return decode(userSchema, response);
    },
    register: (form) => signIn({ method: "POST", path: "/api/auth/register", body: form }),
    login: (form) => signIn({ method: "POST", path: "/api/auth/login", body: form }),
    logout: async () => {
      const response = await send(fetch, { method: "POST", path: "/api/auth/logout" });
      const alreadyOut = response.status === 401;
      if (!response.ok && !alreadyOut) throw await readError(response);
      memory.remember(false);
    },
    rooms: async () => (await get(roomPageSchema, { method: "GET", path: "/api/rooms" })).rooms,
    room: (slug) =>
      get(roomSchema, { method: "GET", path: `/api/rooms/${encodeURIComponent(slug)}` }),
    p2pMaxPeers: async () =>
      (await get(rtcConfigSchema, { method: "GET", path: "/api/rtc/config" })).p2pMaxPeers,
    updateRoom: (slug, change) =>
      get(roomSchema, {
        method: "PATCH",
        path: `/api/rooms/${encodeURIComponent(slug)}`,
        body: change,
      }),
    createRoom: (name) => get(roomSchema, { method: "POST", path: "/api/rooms", body: { name } }),
  };
}

async function send(fetch: Fetch, { method, path, body }: Call): Promise<Response> {
  const init: RequestInit = { method, credentials: "same-origin" };
  if (body !== undefined) {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  try {
    return await fetch(path, init);
  } catch {
    throw new ApiError("NETWORK");
  }
}

async function decode<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
  if (!response.ok) throw await readError(response);
  const parsed = schema.safeParse(await readJson(response));
  if (!parsed.success) throw new ApiError("BAD_ANSWER");
  return parsed.data;
}

async function readError(response: Response): Promise<ApiError> {
  const body = errorBodySchema.safeParse(await readJson(response));
  if (!body.success || !isApiErrorCode(body.data.code)) {
    return new ApiError(response.status >= 500 ? "UNAVAILABLE" : "BAD_ANSWER");
  }
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new ApiError(
    body.data.code,
    body.data.details ?? [],
    Number.isNaN(seconds) ? null : seconds,
  );
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
