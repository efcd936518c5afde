// Somebody who uses the server properly while others do not, and notices when it suffers.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { ask } from "./http.ts";
import { type Line, Person } from "./person.ts";
import type { Server } from "./server.ts";

const PAUSE_MS = 20;

export class Bystander {
  readonly #person: Person;
  readonly #line: Line;
  readonly #done: Promise<void>;
  #running = true;
  #rounds = 0;
  #slowestMs = 0;

  private constructor(person: Person, line: Line) {
    this.#person = person;
    this.#line = line;
    this.#done = this.#run();
    this.#done.catch(() => undefined); // stop() tells
  }

  static async start(server: Server): Promise<Bystander> {
    const person = await Person.register(server, "bystander");
    const room = await person.createRoom();
    const line = await person.connect();
    await line.join(room.slug);
    return new Bystander(person, line);
  }

  /** Ends; fails when any round failed, when one took longer than `slowestMs`, or when there was none. */
  async stop(slowestMs = 2_000): Promise<void> {
    this.#running = false;
    await this.#done;
    this.#line.close();
    assert.ok(this.#rounds > 0, "the bystander got no turn");
    assert.ok(this.#slowestMs < slowestMs, `one round of the bystander took ${this.#slowestMs} ms`);
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const start = performance.now();
      const reply = await this.#line.call("chat:send", { content: "still here", clientId: `c${this.#rounds}` });
      assert.equal(reply.error, undefined, "chat of the bystander");
      const me = await this.#person.ask("GET", "/api/users/me");
      assert.equal(me.status, 200, "REST of the bystander");
      const page = await ask(this.#person.server.url);
      assert.equal(page.status, 200, "the page for the bystander");
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - start);
      this.#rounds++;
      await pause(PAUSE_MS);
    }
  }
}
