// People who use the server properly while it is attacked: chat, REST and a picture through the SFU,
// each of which is timed. They come from 127.0.0.1 or ::1.
import { setTimeout as pause } from "node:timers/promises";
import { type Line, Person, type Room } from "../support/person.ts";
import type { Server } from "../support/server.ts";
import { MediaPeer } from "./media_peer.ts";

const PEOPLE = 4; // of whom none comes near the limit of what one may say
const PAUSE_MS = 60;
const REST_EVERY = 3; // rounds: an address may ask ten times a second for long, and 1200 times at once
const PICTURE = { media: 100, octets: 200 };

/** 99 of 100 took at most this many milliseconds. */
export type Delays = { chat: number; rest: number; forwarding: number };
export type Seen = { p99: Delays; rounds: number; forwarded: number };

export class Onlookers {
  readonly room: Room;
  readonly failures: string[] = [];
  readonly #media: MediaPeer;
  readonly #lines: readonly Line[];
  readonly #loops: Promise<void>[] = [];
  #isRunning = true;
  #chat: number[] = [];
  #rest: number[] = [];
  #rounds = 0;

  private constructor(people: readonly Person[], lines: readonly Line[], room: Room, media: MediaPeer) {
    this.room = room;
    this.#media = media;
    this.#lines = lines;
    for (const [i, person] of people.entries()) this.#loops.push(this.#use(person, lines[i] as Line));
  }

  static async start(server: Server, address: string): Promise<Onlookers> {
    const people: Person[] = [];
    const lines: Line[] = [];
    const rooms: Room[] = [];
    for (let i = 0; i < PEOPLE; i++) {
      const person = await Person.register(server, "onlooker");
      const room = await person.createRoom();
      const line = await person.connect();
      await line.join(room.slug);
      people.push(person);
      rooms.push(room);
      lines.push(line);
    }
    const [room] = rooms as [Room];
    const media = await MediaPeer.enter({ url: address }, room.slug, "127.0.0.1");
    media.pace(PICTURE);
    return new Onlookers(people, lines, room, media);
  }

  get rounds(): number {
    return this.#rounds;
  }

  /** What they saw since the last time they were asked. */
  async take(): Promise<Seen> {
    const { received, p99Ms } = await this.#media.look();
    const [chat, rest] = [this.#chat, this.#rest].map(p99) as [number, number];
    const rounds = this.#chat.length;
    [this.#chat, this.#rest] = [[], []];
    return { p99: { chat, rest, forwarding: p99Ms }, rounds, forwarded: received };
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    for (const line of this.#lines) line.close();
    await Promise.all(this.#loops);
    await this.#media.stop();
  }

  async #use(person: Person, line: Line): Promise<void> {
    for (let i = 0; this.#isRunning; i++) {
      try {
        const start = performance.now();
        const said = await line.call("chat:send", { content: "still here", clientId: `c${i}` });
        this.#chat.push(performance.now() - start);
        if (said.error) throw new Error(`chat: ${said.error.code}`);
        this.#rounds++;
        if (i % REST_EVERY !== 0) continue;
        const asked = performance.now();
        const me = await person.ask("GET", "/api/users/me");
        this.#rest.push(performance.now() - asked);
        if (me.status !== 200) throw new Error(`REST: ${me.status}`);
      } catch (error) {
        if (!this.#isRunning) return;
        this.failures.push(String(error));
        if (!line.socket.connected) return;
      } finally {
        await pause(PAUSE_MS);
      }
    }
  }
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN;
}
