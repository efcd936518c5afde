// Chat: stored before it is sent, once per clientId, and read back in order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { json } from "../support/http.ts";
import { Line, Person, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

type Message = { id: string; content: string; roomId: string; userId: string | null; username: string; createdAt: string };

describe("chat", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  before(async () => {
    server = await Server.start();
    host = await Person.register(server, "host");
  });
  after(() => server.stop());

  test("reaches everyone with what was stored, and is there for who comes later", async () => {
    room = await host.createRoom();
    const ada = await host.connect();
    const bo = await Line.open(server, { auth: { guestName: "Bo" } });
    await ada.join(room.slug);
    await bo.join(room.slug);
    const reply = (await ada.call("chat:send", { content: "  hello  ", clientId: "a-1" })) as { message?: Message };
    assert.equal(reply.message?.content, "hello");
    assert.equal(reply.message.userId, host.id);
    const heard = await until("the message", () => bo.payloads<{ message: Message; clientId: string }>("chat:message")[0]);
    assert.deepEqual(heard, { message: reply.message, clientId: "a-1" });
    await until("the sender's own copy", () => ada.payloads("chat:message").length === 1);

    await bo.call("chat:send", { content: "from a guest", clientId: "b-1" });
    const later = await Line.open(server, { auth: { guestName: "Late" } });
    const messages = (await later.join(room.slug)).messages as Message[];
    assert.deepEqual(messages.map((message) => [message.content, message.userId, message.username]), [
      ["hello", host.id, host.username],
      ["from a guest", null, "Bo"],
    ]);
    for (const line of [ada, bo, later]) line.close();
  });

  test("a retry with the same clientId stores and sends nothing twice", async () => {
    room = await host.createRoom();
    const ada = await host.connect();
    await ada.join(room.slug);
    const sent = await Promise.all([1, 2, 3].map(() => ada.call("chat:send", { content: "once", clientId: "same" })));
    const ids = new Set(sent.map((reply) => (reply["message"] as Message).id));
    assert.equal(ids.size, 1);
    const history = (await ada.call("chat:history", {})) as unknown as { messages: Message[] };
    assert.equal(history.messages.length, 1);
    assert.equal(ada.payloads("chat:message").length, 1);
    ada.close();
  });

  test("history pages backwards without a hole, for people in the room alone", async () => {
    room = await host.createRoom();
    const ada = await host.connect();
    await ada.join(room.slug);
    for (let i = 0; i < 25; i++) await ada.call("chat:send", { content: `message ${i}`, clientId: `m-${i}` });
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = (await ada.call("chat:history", { limit: 10, ...(before && { before }) })) as unknown as {
        messages: Message[];
        nextCursor: string | null;
      };
      seen.unshift(...page.messages.map((message) => message.content));
      before = page.nextCursor ?? undefined;
    } while (before !== undefined);
    assert.deepEqual(seen, Array.from({ length: 25 }, (_, i) => `message ${i}`));

    const rest = json(await host.ask("GET", `/api/rooms/${room.slug}/messages?limit=5`)) as { messages: Message[] };
    assert.deepEqual(rest.messages.map((message) => message.content), seen.slice(-5));
    const stranger = await Person.register(server);
    assert.equal((await stranger.ask("GET", `/api/rooms/${room.slug}/messages`)).status, 403);
    const outside = await stranger.connect();
    assert.equal((await outside.call("chat:history", {})).error?.code, "NOT_IN_ROOM");
    ada.close();
    outside.close();
  });

  test("a join and a page of long messages end early, and the cursor goes on", async () => {
    room = await host.createRoom();
    const ada = await host.connect();
    await ada.join(room.slug);
    const content = (i: number): string => `${i} ${"\u{1f600}".repeat(3990)}`;
    for (let i = 0; i < 25; i++) await ada.call("chat:send", { content: content(i), clientId: `m-${i}` });
    const octets = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
    const bo = await Line.open(server, { auth: { guestName: "Bo" } });
    const joined = (await bo.join(room.slug)) as unknown as { messages: Message[]; nextCursor: string | null };
    const seen = [...joined.messages];
    assert.ok(octets(joined.messages) <= 256 * 1024 && octets(joined.messages) > 200 * 1024, "as long as it may be");
    for (let before = joined.nextCursor; before !== null; ) {
      const page = (await bo.call("chat:history", { limit: 100, before })) as unknown as typeof joined;
      assert.ok(octets(page.messages) <= 256 * 1024);
      seen.unshift(...page.messages);
      before = page.nextCursor;
    }
    assert.deepEqual(seen.map((message) => message.content), Array.from({ length: 25 }, (_, i) => content(i)));
    for (const line of [ada, bo]) line.close();
  });

  test("a flood is refused by its quota, and everyone else writes on", async () => {
    const limited = await Server.start({ RATE_LIMIT: "on" });
    try {
      const owner = await Person.register(limited, "owner");
      const { slug } = await owner.createRoom();
      const ada = await owner.connect();
      const eve = await Line.open(limited, { auth: { guestName: "Eve" } });
      await ada.join(slug);
      await eve.join(slug);
      const codes = new Map<string | undefined, number>();
      const content = "\u{1f600}".repeat(4000);
      await until("the quota", async () => {
        const replies = await Promise.all(
          [0, 1, 2, 3].map((i) => eve.call("chat:send", { content, clientId: `${performance.now()} ${i}` })),
        );
        for (const { error } of replies) codes.set(error?.code, (codes.get(error?.code) ?? 0) + 1);
        return codes.has("QUOTA_EXCEEDED");
      }, 60_000);
      const stored = codes.get(undefined) ?? 0;
      assert.ok(stored >= 64 && stored < 70, `64 pages of 16 000 octets are 1 MiB, ${stored} were stored`);
      assert.equal((await ada.call("chat:send", { content: "still here", clientId: "1" })).error, undefined);
      for (const line of [ada, eve]) line.close();
    } finally {
      await limited.stop();
    }
  });

  test("who joins while others write misses nothing and gets nothing twice", async () => {
    room = await host.createRoom();
    const writers = await Promise.all(["a", "b"].map((guestName) => Line.open(server, { auth: { guestName } })));
    for (const writer of writers) await writer.join(room.slug);
    const late = await Promise.all(["c", "d", "e"].map((guestName) => Line.open(server, { auth: { guestName } })));
    const contents = (messages: unknown): string[] => (messages as Message[]).map(({ content }) => content);
    const writing = writers.map(async (writer, who) => {
      for (let i = 0; i < 60; i++) await writer.call("chat:send", { content: `${who}-${i}`, clientId: `${i}` });
    });
    const joining = late.map(async (line, i) => {
      const [first] = writers;
      await until("a few messages", () => (first?.payloads("chat:message").length ?? 0) > 10 + 20 * i);
      return contents((await line.join(room.slug)).messages);
    });
    const before = await Promise.all(joining);
    await Promise.all(writing);
    const history = contents((await writers[0]?.call("chat:history", { limit: 100 }))?.["messages"]);
    for (const [i, line] of late.entries()) {
      const live = (): string[] => contents(line.payloads<{ message: Message }>("chat:message").map((one) => one.message));
      await until("the last message", () => live().at(-1) === history.at(-1));
      assert.ok((before[i]?.length ?? 0) > 0 && live().length > 0, "it joined in the middle");
      const all = [...(before[i] ?? []), ...live()].slice(-100);
      assert.deepEqual(all, history.slice(-all.length));
    }
    for (const line of [...writers, ...late]) line.close();
  });

  test("everyone sees the same order when many write at once", async () => {
    room = await host.createRoom();
    const lines = await Promise.all(["a", "b", "c"].map((guestName) => Line.open(server, { auth: { guestName } })));
    for (const line of lines) await line.join(room.slug);
    await Promise.all(
      lines.flatMap((line, who) =>
        Array.from({ length: 20 }, (_, i) => line.call("chat:send", { content: `${who}-${i}`, clientId: `${i}` })),
      ),
    );
    const order = (line: Line): string[] =>
      line.payloads<{ message: Message }>("chat:message").map(({ message }) => message.content);
    for (const line of lines) await until("all messages", () => order(line).length === 60);
    const [first, ...others] = lines.map(order);
    for (const other of others) assert.deepEqual(other, first);
    const [reader] = lines;
    const history = (await reader?.call("chat:history", { limit: 100 })) as unknown as { messages: Message[] };
    assert.deepEqual(history.messages.map((message) => message.content), first);
    for (const line of lines) line.close();
  });
});
