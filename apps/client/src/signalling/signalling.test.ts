import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { peer } from "~tests/fakes/session";
import { FakeSocket } from "~tests/fakes/socket";
import { decodeServerEvent, type ServerEvent } from "./events";
import { retryDelayMs } from "./reconnect";
import { type ConnectionEvent, createSignalling, SignallingError } from "./signalling";

let socket: FakeSocket;
let connection: ConnectionEvent[];
let events: ServerEvent[];
let refresh: ReturnType<typeof vi.fn<() => Promise<boolean>>>;

function create() {
  return createSignalling({
    createSocket: () => socket.socket,
    refresh,
    onConnection: (event) => connection.push(event),
    onEvent: (event) => events.push(event),
  });
}

const tick = () => vi.advanceTimersByTimeAsync(0);
const nextAttempt = () => vi.advanceTimersByTimeAsync(8_000);

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  connection = [];
  events = [];
  refresh = vi.fn(async () => true);
});
afterEach(() => vi.useRealTimers());

describe("connecting", () => {
  test("renews the login first, also before coming back", async () => {
    create().open(null);
    expect(socket.connects).toBe(0);
    await tick();
    expect([refresh.mock.calls.length, socket.connects]).toEqual([1, 1]);
    socket.accept();
    socket.break();
    await nextAttempt();
    expect([refresh.mock.calls.length, socket.connects]).toEqual([2, 2]);
  });

  test("a guest has no login to renew", async () => {
    create().open("Bo");
    await tick();
    expect([refresh.mock.calls.length, socket.connects]).toEqual([0, 1]);
  });

  test("renews the login every ten minutes during a call, until it is closed", async () => {
    const signalling = create();
    signalling.open(null);
    await tick();
    socket.accept();
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    expect(refresh).toHaveBeenCalledTimes(3);
    signalling.close();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(refresh).toHaveBeenCalledTimes(3);
  });

  test("whoever is not logged in any more is told so, and not tried again", async () => {
    refresh.mockResolvedValue(false);
    create().open(null);
    await nextAttempt();
    expect(connection).toEqual([{ type: "unauthorized" }]);
    expect(socket.connects).toBe(0);
  });

  test("whom the server does not know stays out", async () => {
    create().open("Bo");
    await tick();
    socket.accept();
    socket.receive("error", { code: "UNAUTHORIZED", message: "" });
    socket.break();
    await nextAttempt();
    expect(connection.at(-1)).toEqual({ type: "unauthorized" });
    expect(socket.connects).toBe(1);
  });

  test("a server that cannot be reached is tried again and again, ever more slowly", async () => {
    create().open("Bo");
    await tick();
    for (let i = 0; i < 6; i++) {
      socket.fire("connect_error", new Error("refused"));
      await nextAttempt();
    }
    expect(socket.connects).toBe(7);
    expect(connection.every((event) => event.type === "disconnected")).toBe(true);
  });

  test("a retry by hand does not wait", async () => {
    const signalling = create();
    signalling.open("Bo");
    await tick();
    socket.fire("connect_error", new Error("refused"));
    signalling.retryNow();
    await tick();
    expect(socket.connects).toBe(2);
  });

  test("after close nothing comes back", async () => {
    const signalling = create();
    signalling.open("Bo");
    await tick();
    socket.accept();
    signalling.close();
    socket.fire("disconnect", "io client disconnect");
    await nextAttempt();
    expect(socket.connects).toBe(1);
    expect(connection).toEqual([{ type: "connected", recovered: false }]);
  });
});

describe("ahead of going in", () => {
  async function prepare() {
    const signalling = create();
    signalling.prepare();
    await tick();
    return signalling;
  }

  test("whoever is logged in is connected, and tells it when they go in", async () => {
    const signalling = await prepare();
    socket.accept();
    expect(connection).toEqual([]);
    signalling.open(null);
    expect(connection).toEqual([{ type: "connected", recovered: false }]);
    expect([refresh.mock.calls.length, socket.connects]).toEqual([1, 1]);
    socket.break();
    expect(connection.at(-1)).toEqual({ type: "disconnected" });
  });

  test("who goes in before it is connected waits for it", async () => {
    const signalling = create();
    signalling.prepare();
    signalling.open(null);
    await tick();
    socket.accept();
    expect(connection).toEqual([{ type: "connected", recovered: false }]);
  });

  test("a connection that broke meanwhile is tried at once", async () => {
    const signalling = await prepare();
    for (let i = 0; i < 4; i++) {
      socket.fire("connect_error", new Error("refused"));
      await nextAttempt();
    }
    socket.fire("connect_error", new Error("refused"));
    const before = socket.connects;
    signalling.open(null);
    await tick();
    expect(socket.connects).toBe(before + 1);
    expect(connection).toEqual([]);
  });

  test("a login that ended meanwhile is told when they go in", async () => {
    refresh.mockResolvedValue(false);
    const signalling = await prepare();
    expect(connection).toEqual([]);
    signalling.open(null);
    await tick();
    expect(connection).toEqual([{ type: "unauthorized" }]);
  });

  test("who goes in as a guest gets a connection of their own", async () => {
    const signalling = await prepare();
    socket.accept();
    const before = socket;
    socket = new FakeSocket();
    signalling.open("Bo");
    await tick();
    expect([before.connected, socket.connects, connection]).toEqual([false, 1, []]);
  });
});

describe("what cannot be sent", () => {
  test.each([
    [true, 1],
    [false, 0],
  ])("recovered %s: %i of it is sent later", async (recovered, count) => {
    const signalling = create();
    signalling.open("Bo");
    await tick();
    socket.accept();
    socket.break();
    signalling.emit("peer:reaction", { emoji: "👍" });
    await nextAttempt();
    socket.accept(recovered);
    expect(socket.sent).toHaveLength(count);
    expect(connection.at(-1)).toEqual({ type: "connected", recovered });
  });
});

describe("requests", () => {
  async function ask(answer: unknown) {
    const signalling = create();
    signalling.open("Bo");
    await tick();
    socket.accept();
    if (answer !== undefined) socket.answers.set("chat:send", answer);
    const schema = z.object({ id: z.string() });
    const payload = { content: "hi", clientId: "c1" };
    return signalling.request("chat:send", payload, schema).catch((error: unknown) => error);
  }

  test("give the decoded answer", async () => {
    expect(await ask({ id: "m1" })).toEqual({ id: "m1" });
  });

  test.each<[string, unknown, string]>([
    ["a refusal", { error: { code: "RATE_LIMITED", message: "" } }, "RATE_LIMITED"],
    ["a wrong shape", { id: 7 }, "BAD_ANSWER"],
    ["silence", undefined, "NO_ANSWER"],
  ])("turn %s into its code", async (_name, answer, code) => {
    const error = await ask(answer);
    expect(error).toBeInstanceOf(SignallingError);
    expect(error).toMatchObject({ code });
  });

  test("without a connection fail at once", async () => {
    const asked = create().request("chat:send", { content: "", clientId: "" }, z.unknown());
    await expect(asked).rejects.toMatchObject({ code: "OFFLINE" });
  });
});

describe("decoding", () => {
  test("passes on what it knows and drops the rest", async () => {
    create().open("Bo");
    await tick();
    socket.accept();
    socket.receive("peer:joined", peer("p1"));
    socket.receive("peer:joined", { peerId: 7 });
    socket.receive("made:up", {});
    socket.receive("toString", {});
    expect(events).toEqual([{ name: "peer:joined", payload: peer("p1") }]);
  });

  test.each<[string, unknown]>([
    ["webrtc:offer", { fromPeerId: "p1", offer: { type: "answer", sdp: "" } }],
    [
      "webrtc:offer",
      { fromPeerId: "p1", offer: { type: "offer", sdp: "", sources: { 0: "nose" } } },
    ],
    ["webrtc:ice", { fromPeerId: "p1", candidate: 7 }],
    ["room:closed", { reason: "bored" }],
    ["chat:message", null],
    ["error", { code: "MADE_UP", message: "" }],
  ])("refuses %s %j", (name, payload) => {
    expect(decodeServerEvent(name, payload)).toBeNull();
  });

  test("takes the end of the candidates and fields it does not know", () => {
    expect(decodeServerEvent("webrtc:ice", { fromPeerId: "p1", candidate: null })).not.toBeNull();
    const joined = { ...peer("p1"), novelty: true };
    expect(decodeServerEvent("peer:joined", joined)?.payload).toEqual(peer("p1"));
  });
});

test("delays double up to eight seconds, spread by chance", () => {
  expect([0, 1, 2, 3, 4, 9].map((attempt) => retryDelayMs(attempt, 1))).toEqual([
    500, 1000, 2000, 4000, 8000, 8000,
  ]);
  expect(retryDelayMs(9, 0)).toBe(4000);
});
