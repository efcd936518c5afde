// CHAT_RETENTION_DAYS: a running server deletes what is older, by itself and a batch at a time.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server, type Settings } from "../support/server.ts";

const BATCH = 500;
const OLD = 4 * BATCH + 20;
const DAY_MS = 24 * 3600 * 1000;

/** A moment as the database writes it. */
const at = (ms: number): string => new Date(ms).toISOString().replace("T", " ").replace("Z", "");

/** A room with messages that are older than a day, and some that are not: the newest one is said to the server itself. */
async function withOldMessages(settings: Settings): Promise<{ stopped: Server; kept: string[] }> {
  const server = await Server.start(settings);
  const person = await Person.register(server);
  const room = await person.createRoom();
  const line = await person.connect();
  await line.join(room.slug);
  assert.equal((await line.call("chat:send", { content: "new 0", clientId: "new" })).error, undefined);
  line.close();
  await server.kill("SIGTERM");
  const file = new DatabaseSync(join(server.folder, "chat.db"));
  const insert = file.prepare(`INSERT INTO "Message" ("id", "content", "roomId", "userId", "clientId", "createdAt") VALUES (?, ?, ?, ?, ?, ?)`);
  const put = (content: string, age: number) => insert.run(content, content, room.id, person.id, content, at(Date.now() - age));
  file.exec("BEGIN");
  for (let i = 0; i < OLD; i++) put(`old ${i}`, DAY_MS + 3600 * 1000 + i);
  for (let i = 1; i < 3; i++) put(`new ${i}`, DAY_MS - 3600 * 1000 * i);
  file.exec("COMMIT");
  file.close();
  return { stopped: server, kept: ["new 0", "new 1", "new 2"] };
}

function contents(file: DatabaseSync): string[] {
  return file.prepare('SELECT "content" FROM "Message" ORDER BY "content"').all().map((row) => String(row["content"]));
}

describe("chat messages that are older than CHAT_RETENTION_DAYS", { timeout: 120_000 }, () => {
  test("go from a running server, a batch at a time, and younger ones stay", async (t) => {
    const { stopped, kept } = await withOldMessages({ CHAT_RETENTION_DAYS: "1" });
    const server = await stopped.startAgain();
    t.after(() => server.stop());
    const file = new DatabaseSync(join(server.folder, "chat.db"), { readOnly: true });
    t.after(() => file.close());
    const lefts: number[] = [];
    await until("the old ones to be gone", () => {
      const left = contents(file).filter((one) => one.startsWith("old")).length;
      if (lefts.at(-1) !== left) lefts.push(left);
      return left === 0;
    }, 60_000, 10);
    const afterBatches = Array.from({ length: 5 }, (_, i) => OLD - i * BATCH).concat(0);
    assert.deepEqual(lefts.filter((left) => !afterBatches.includes(left)), [], "batches are whole");
    assert.ok(lefts.length > 2, `not all at once: ${lefts.join(", ")}`);
    assert.deepEqual(contents(file), kept);
  });

  test("stay where it is 0", async (t) => {
    const { stopped, kept } = await withOldMessages({ CHAT_RETENTION_DAYS: "0" });
    const server = await stopped.startAgain();
    t.after(() => server.stop());
    const person = await Person.register(server); // the database is in use
    assert.equal((await person.ask("GET", "/api/rooms")).status, 200);
    const file = new DatabaseSync(join(server.folder, "chat.db"), { readOnly: true });
    t.after(() => file.close());
    assert.equal(contents(file).length, OLD + kept.length);
  });
});
