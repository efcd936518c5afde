// Attacks on the media port, of strangers and of people in a room.
import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Attack, FROM } from "./attack.ts";
import type { Budget } from "./budget.ts";
import { MediaPeer, type Pace } from "./media_peer.ts";
import { dial } from "./raw.ts";

const BURST = 64; // datagrams between two looks at the clock

const DROPPED = /^webrtc_chat_datagrams_dropped_total|over_budget|refused|limited/;

function bindingRequest(): Buffer {
  const head = Buffer.from("000100002112a442", "hex");
  return Buffer.concat([head, randomBytes(12)]);
}

/** DTLS 1.2 (RFC 6347): a hello in one record, with one suite and nothing else. */
function clientHello(): Buffer {
  const body = Buffer.concat([Buffer.from("fefd", "hex"), randomBytes(32), Buffer.from("00000002c02b0100", "hex")]);
  const handshake = Buffer.concat([Buffer.from([1, 0, 0, body.length, 0, 0, 0, 0, 0, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from("16fefd0000000000000000", "hex"), Buffer.from([0, handshake.length]), handshake]);
}

async function flood(port: number, budget: Budget, make: () => Buffer): Promise<void> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, FROM, resolve));
  while (!budget.isOver) {
    const sent: Promise<void>[] = [];
    for (let i = 0; i < BURST && budget.take(); i++) {
      sent.push(new Promise((resolve) => socket.send(make(), port, "127.0.0.1", () => resolve())));
    }
    await Promise.all(sent);
  }
  socket.close();
}

/** A pace for as long as the budget lasts, of which `unit` attempts are made in a second. */
function storm(pace: Pace, unit: number): Attack["run"] {
  return async ({ url, room }, budget) => {
    const peer = await MediaPeer.enter({ url }, room, FROM);
    peer.pace(pace);
    while (!budget.isOver) {
      await pause(10);
      for (let i = 0; i < unit / 100; i++) budget.take();
    }
    peer.pace({});
  };
}

export const MEDIA_ATTACKS: readonly Attack[] = [
  {
    name: "stun",
    what: "binding requests without credentials",
    count: 5_000,
    names: /^webrtc_chat_(stun_answers_total|datagrams_dropped_total\{reason="stun_over_budget"\})/,
    run: ({ mediaPort }, budget) => flood(mediaPort, budget, bindingRequest),
  },
  {
    name: "dtls of strangers",
    what: "hellos from an address that no check came from",
    count: 5_000,
    names: DROPPED,
    run: ({ mediaPort }, budget) => flood(mediaPort, budget, clientHello),
  },
  {
    name: "dtls of a peer",
    what: "2000 new hellos a second over the path of a connection that stands",
    count: 500,
    names: DROPPED,
    run: storm({ media: 100, octets: 200, hellos: 2_000 }, 2_000),
  },
  {
    name: "ice-tcp",
    what: "3000 TCP connections to the media port that say nothing",
    count: 3_000,
    names: /tcp.*(refused|closed|total)|refused|limited/,
    run: async ({ mediaPort }, budget) => {
      const kept: Socket[] = [];
      while (kept.length < 3_000 && budget.take()) {
        const one = await Promise.race([dial(mediaPort).catch(() => null), pause(1_000).then(() => null)]);
        if (one !== null) kept.push(one);
      }
    },
  },
  {
    name: "srtp",
    what: "20 000 packets of 1200 octets a second, 192 Mbit/s, to one who is sent them on",
    count: 10_000,
    names: DROPPED,
    run: storm({ media: 20_000, octets: 1_200 }, 20_000),
  },
  {
    name: "nack",
    what: "1000 requests a second for the last 680 packets each",
    count: 1_000,
    names: /reason="(feedback|retransmission)_over_budget"/,
    run: storm({ media: 400, octets: 1_200, nacks: 1_000 }, 1_000),
  },
  {
    name: "pli",
    what: "5000 requests a second for a key frame",
    count: 5_000,
    names: /reason="(feedback|key_frame)_over_budget"/,
    run: storm({ media: 400, octets: 1_200, plis: 5_000 }, 5_000),
  },
];
