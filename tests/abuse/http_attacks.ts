// Attacks on the web door that need no session.
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { type Attack, FROM } from "./attack.ts";
import { closed, dial, getOf, POLLING, postOf, write } from "./raw.ts";

const PARALLEL = 16;
const UNKNOWN_SID = "A".repeat(20);
const REFUSED = /^webrtc_chat_.*(refused|rejected|limited|dropped|closed|over_|attempts|abuse)/;
const ANSWERED_4XX = /^webrtc_chat_http_requests_total\{status="4xx"\}|refused|limited/;

async function exchange(port: number, octets: string): Promise<void> {
  const socket = await dial(port);
  socket.write(octets);
  await closed(socket);
}

/** Each holds one connection open, for which `begin` is sent. */
async function hold(port: number, begin: string | Buffer, kept: Socket[]): Promise<void> {
  const socket = await dial(port);
  kept.push(socket);
  await write(socket, begin);
}

export const HTTP_ATTACKS: readonly Attack[] = [
  {
    name: "http",
    what: "connect, one GET, close",
    count: 1_000,
    names: /^webrtc_chat_http_requests_total/,
    run: ({ port }, budget) =>
      budget.spend(PARALLEL, () => exchange(port, getOf("/api/rtc/config", "Connection: close\r\n"))),
  },
  {
    name: "tls",
    what: "TLS handshakes, 500 at a time",
    count: 1000,
    names: /^webrtc_chat_tls_handshakes_refused_total/,
    tls: true,
    run: ({ port }, budget) =>
      budget.spend(500, () => new Promise<void>((resolve) => {
        const plain = connect({ host: "127.0.0.1", port, localAddress: FROM });
        const socket = connectTls({ socket: plain, rejectUnauthorized: false });
        socket.once("secureConnect", () => socket.destroy());
        socket.on("error", () => undefined); // ends in `close`
        socket.once("close", () => resolve());
      })),
  },
  {
    name: "websocket",
    what: "WebSocket upgrade, close",
    count: 300,
    names: ANSWERED_4XX,
    run: ({ port }, budget) => {
      const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
      return budget.spend(PARALLEL, async () => {
        const socket = await dial(port);
        socket.write(getOf("/socket.io/?EIO=4&transport=websocket", upgrade));
        await new Promise<void>((resolve) => socket.once("data", () => resolve()).once("close", () => resolve()));
        socket.destroy();
      });
    },
  },
  {
    name: "engine.io",
    what: "handshake by polling, never used",
    count: 300,
    names: ANSWERED_4XX,
    run: ({ port }, budget) => budget.spend(PARALLEL, () => exchange(port, getOf(POLLING, "Connection: close\r\n"))),
  },
  {
    name: "slugs",
    what: "GET /api/rooms/:slug of made-up slugs, eight connections kept alive",
    count: 3_000,
    names: ANSWERED_4XX,
    run: ({ port }, budget) =>
      budget.spend(8, async () => {
        const socket = await dial(port);
        for (let i = 0; i < 100 && budget.take(); i++) {
          const answer = new Promise<void>((resolve) => socket.once("data", () => resolve()).once("close", () => resolve()));
          socket.write(getOf(`/api/rooms/guess-${budget.made}`));
          await answer;
        }
        socket.destroy();
      }),
  },
  {
    name: "slow headers",
    what: "600 connections, an octet of a header each quarter of a second",
    count: 600,
    names: REFUSED,
    run: async ({ port }, budget) => {
      const kept: Socket[] = [];
      while (kept.length < 600 && budget.take()) await hold(port, "GET / HTTP/1.1\r\nX-Slow: ", kept).catch(() => undefined);
      while (!budget.isOver) {
        for (const socket of kept) socket.write("x");
        await pause(250);
      }
    },
  },
  {
    name: "slow bodies",
    what: "600 login requests of which half a body comes",
    count: 600,
    names: REFUSED,
    run: async ({ port }, budget) => {
      const kept: Socket[] = [];
      const begin = postOf("/api/auth/login", "application/json", 16_000) + "x".repeat(8_000);
      while (kept.length < 600 && budget.take()) await hold(port, begin, kept).catch(() => undefined);
    },
  },
  {
    name: "unknown sid",
    what: "200 POSTs for a session that is not there, all but an octet of 1 MB",
    count: 200,
    names: ANSWERED_4XX,
    run: async ({ port }, budget) => {
      const kept: Socket[] = [];
      const path = `${POLLING}&sid=${UNKNOWN_SID}`;
      const begin = Buffer.from(postOf(path, "text/plain", 1_000_000) + "x".repeat(999_999));
      // What is refused meanwhile would not be read to the end.
      const patience = () => pause(2_000);
      while (kept.length < 200 && budget.take()) await Promise.race([hold(port, begin, kept).catch(() => undefined), patience()]);
    },
  },
  {
    name: "connections",
    what: "4000 TCP connections that say nothing",
    count: 4_000,
    names: REFUSED,
    run: async ({ port }, budget) => {
      const kept: Socket[] = [];
      while (kept.length < 4_000 && budget.take()) await hold(port, "", kept).catch(() => undefined);
    },
  },
];
