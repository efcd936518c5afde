// Attacks by Socket.IO, of guests and of those who are not even that.
import { setTimeout as pause } from "node:timers/promises";
import type { Attack, Target } from "./attack.ts";
import type { Budget } from "./budget.ts";
import { dial, Polling, postOf, Web } from "./raw.ts";

const MEGABYTE = 990_000; // with what is around it, below the limit of a message
const LIMITED = /refused|limited|over_budget|rejected|abuse|parse|violations|closed/;

/** Runs `flood` with a client; one that was closed is followed by another, not at once. */
async function again(budget: Budget, open: () => Promise<Web>, flood: (web: Web) => Promise<void>): Promise<void> {
  while (!budget.isOver) {
    try {
      await flood(await open());
    } catch {
      if (!budget.take()) return;
      await pause(10);
    }
  }
}

function floodOf(open: (target: Target) => Promise<Web>, say: (web: Web, number: number) => Promise<void>): Attack["run"] {
  return (target, budget) =>
    again(budget, () => open(target), async (web) => {
      while (budget.take()) await say(web, budget.made);
    });
}

const inRoom = (target: Target): Promise<Web> => Web.enter(target, target.room);

/** As many guests as are let in, at most so many. */
async function crowd(size: number, budget: Budget, open: () => Promise<Web>): Promise<Web[]> {
  const there: Web[] = [];
  for (let i = 0; i < size && !budget.isOver; i++) {
    const one = await open().catch(() => null);
    if (one === null) break;
    there.push(one);
  }
  return there;
}

export const SOCKET_ATTACKS: readonly Attack[] = [
  {
    name: "events",
    what: "`chat:typing` on one connection",
    count: 5_000,
    names: LIMITED,
    run: floodOf(inRoom, (web) => web.emit("chat:typing", { typing: true })),
  },
  {
    name: "connects",
    what: "CONNECT, 100 events, DISCONNECT, on one connection",
    count: 50,
    names: LIMITED,
    run: floodOf(Web.open, async (web) => {
      web.say('40{"guestName":"Mallory"}');
      for (let i = 0; i < 100; i++) web.say('42["chat:typing",{"typing":true}]');
      await web.sayAfter("41");
    }),
  },
  {
    name: "acknowledgements",
    what: "acknowledgements of what was never asked",
    count: 5_000,
    names: LIMITED,
    run: floodOf(inRoom, (web, number) => web.sayAfter(`43${number}[]`)),
  },
  {
    name: "chat",
    what: "`chat:send` of 1000 characters on one connection",
    count: 500,
    names: LIMITED,
    run: floodOf(inRoom, (web, number) => web.emit("chat:send", { content: "x".repeat(1_000), clientId: `c${number}` })),
  },
  {
    name: "unknown rooms",
    what: "`join:room` with made-up codes",
    count: 1_000,
    names: LIMITED,
    run: floodOf((target) => Web.enter(target), (web, number) => web.emit("join:room", { roomCode: `guess-${number}` })),
  },
  {
    name: "sfu",
    what: "`sfu:join` and `sfu:stats` in turn",
    count: 1_000,
    names: LIMITED,
    run: (target, budget) =>
      again(budget, () => Web.enter(target), async (web) => {
        const joined = (await web.ask("join:room", { roomCode: target.room })) as { roomId: string };
        const rtpCapabilities = { codecs: [], headerExtensions: [] };
        while (budget.take()) {
          await web.emit("sfu:join", { roomId: joined.roomId, rtpCapabilities });
          await web.emit("sfu:stats", {});
        }
      }),
  },
  {
    name: "large events",
    what: "events of 1 MB, ten a second",
    count: 10,
    names: LIMITED,
    run: floodOf(inRoom, async (web) => {
      await web.emit("chat:typing", { typing: "x".repeat(MEGABYTE) });
      await pause(100);
    }),
  },
  {
    name: "tiny events",
    what: "POSTs of 1 MB that hold 125 000 events each",
    count: 3,
    names: LIMITED,
    run: async (target, budget) => {
      const body = Array.from({ length: 124_000 }, () => '42["a"]').join("\x1e");
      while (budget.take()) {
        const session = await Polling.open(target).catch(() => null);
        if (session === null) return;
        await session.enter();
        while ((await session.post(body)).status === 200 && budget.take()) continue;
      }
    },
  },
  {
    name: "torn posts",
    what: "a guest whose events queue up sends another POST and goes away",
    count: 150,
    names: LIMITED,
    run: (target, budget) =>
      budget.spend(1, async () => {
        const session = await Polling.open(target);
        await session.enter();
        const join = (_: unknown, i: number) => `42["join:room",{"roomCode":"guess-${i}"}]`;
        const body = Array.from({ length: 70 }, join).join("\x1e");
        const first = await dial(target.port);
        first.write(postOf(session.path, "text/plain", body.length) + body);
        await new Promise<void>((resolve) => first.once("data", () => resolve()).once("close", () => resolve()));
        const second = await dial(target.port);
        await new Promise<void>((resolve) => second.write(`${postOf(session.path, "text/plain", 7)}42["a"]`, () => resolve()));
        await pause(1); // the server is to have read it
        second.destroy();
        first.destroy();
      }),
  },
  {
    name: "unfinished packets",
    what: "40 sessions with 1 MB of a packet whose attachment never comes",
    count: 40,
    names: LIMITED,
    run: async (target, budget) => {
      const packet = `51-["e",${"[0],".repeat(MEGABYTE / 4)}{"_placeholder":true,"num":0}]`;
      for (let i = 0; i < 40 && budget.take(); i++) {
        const web = await Web.open(target).catch(() => null);
        if (web === null) return;
        web.say("40");
        await web.sayAfter(`4${packet}`).catch(() => undefined);
      }
    },
  },
  {
    name: "history",
    what: "30 guests who ask for `chat:history` and read nothing",
    count: 900,
    names: /reason="unread_octets"/,
    run: async (target, budget) => {
      const guests = await crowd(30, budget, () => inRoom(target));
      for (const guest of guests) guest.stopReading();
      while (guests.some((guest) => guest.isOpen) && !budget.isOver) {
        for (const guest of guests) {
          if (budget.take()) guest.say(`42${budget.made}["chat:history",{"limit":100}]`);
        }
        await pause(20);
      }
    },
  },
  {
    name: "echoes",
    what: "40 guests who each have 1 MB of a wrong event's name sent back ten times, and then idle",
    count: 400,
    names: LIMITED,
    run: async (target, budget) => {
      const guests = await crowd(40, budget, () => Web.enter(target));
      for (let i = 0; i < 10; i++) {
        for (const guest of guests) {
          if (budget.take()) await guest.sayAfter(`42["${"x".repeat(MEGABYTE)}"]`).catch(() => undefined);
        }
      }
    },
  },
];
