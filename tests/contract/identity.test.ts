// Who is it? What each kind of connection may do, and how a login's end reaches its sockets.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { ask, json } from "../support/http.ts";
import { Line, PASSWORD, Person, type Room } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { ACCESS_SECRET, Server } from "../support/server.ts";

/** The same token, but over in two seconds. */
function expiringSoon(token: string): string {
  const [head, claims] = token.split(".");
  const soon = { ...JSON.parse(Buffer.from(claims ?? "", "base64url").toString()), exp: Math.ceil(Date.now() / 1000) + 2 };
  const text = `${head}.${Buffer.from(JSON.stringify(soon)).toString("base64url")}`;
  return `${text}.${createHmac("sha256", ACCESS_SECRET).update(text).digest("base64url")}`;
}

describe("identity at the Socket.IO door", () => {
  let server: Server;
  let host: Person;
  let room: Room;
  before(async () => {
    server = await Server.start();
    host = await Person.register(server, "host");
    room = await host.createRoom();
  });
  after(() => server.stop());

  const disconnected = (line: Line): Promise<unknown> => until("the disconnect", () => line.socket.disconnected);

  test("a cookie that is not valid gets UNAUTHORIZED and a disconnect", async () => {
    const line = await Line.open(server, { extraHeaders: { cookie: "access_token=forged" }, auth: { guestName: "Eve" } });
    await disconnected(line);
    assert.equal(line.payloads("error")[0]?.["code"], "UNAUTHORIZED");
  });

  test("neither cookie nor name stands until its first event", async () => {
    for (const auth of [{}, { guestName: "   " }, { guestName: "x".repeat(41) }, { guestName: 7 }]) {
      const line = await Line.open(server, { auth });
      const reply = await line.call("join:room", { roomCode: room.slug });
      assert.equal(reply.error?.code, "UNAUTHORIZED", JSON.stringify(auth));
      await disconnected(line);
    }
  });

  test("a cookie wins over a guest name", async () => {
    const line = await Line.open(server, { extraHeaders: { cookie: host.cookie }, auth: { guestName: "Eve" } });
    const watcher = await Line.open(server, { auth: { guestName: "Watcher" } });
    await line.join(room.slug);
    const joined = await watcher.join(room.slug);
    assert.equal((joined.peers[0] as unknown as { userInfo: { username: string } }).userInfo.username, host.username);
    line.close();
    watcher.close();
  });

  test("a room without guests refuses them and stays open to accounts", async () => {
    const closed = await host.createRoom();
    assert.equal((await host.ask("PATCH", `/api/rooms/${closed.slug}`, { guests: false })).status, 200);
    const guest = await Line.open(server, { auth: { guestName: "Gus" } });
    assert.equal((await guest.call("join:room", { roomCode: closed.slug })).error?.code, "FORBIDDEN");
    assert.equal(guest.socket.connected, true);
    const other = await (await Person.register(server)).connect();
    await other.join(closed.slug);
    guest.close();
    other.close();
  });

  test("a locked room lets nobody new in but the host", async () => {
    const locked = await host.createRoom();
    await host.ask("PATCH", `/api/rooms/${locked.slug}`, { locked: true });
    const other = await (await Person.register(server)).connect();
    assert.equal((await other.call("join:room", { roomCode: locked.slug })).error?.code, "ROOM_LOCKED");
    const own = await host.connect();
    await own.join(locked.slug);
    own.close();
    other.close();
  });

  test("an access token that expires during a call is not noticed, and not taken again", async () => {
    const cookie = `access_token=${expiringSoon(host.cookies.get("access_token") ?? "")}`;
    const line = await Line.open(server, { extraHeaders: { cookie } });
    const watcher = await Line.open(server, { auth: { guestName: "Watcher" } });
    await line.join(room.slug);
    await watcher.join(room.slug);
    await until("the end of the token", async () => (await ask(`${server.url}/api/users/me`, { headers: { cookie } })).status === 401);
    assert.equal((await line.call("chat:send", { content: "still here", clientId: "late" })).error, undefined);
    await until("the message", () => watcher.payloads("chat:message").length === 1);
    assert.deepEqual(watcher.payloads("peer:left"), []);
    const late = await Line.open(server, { extraHeaders: { cookie } });
    await disconnected(late);
    assert.equal(late.payloads("error")[0]?.["code"], "UNAUTHORIZED");
    line.close();
    watcher.close();
  });

  test("logout ends the sockets of its own login within a second, and no others", async () => {
    const person = await Person.register(server);
    const { email, username } = person;
    const phone = await person.connect();
    const cookies = new Map(person.cookies);
    await person.ask("POST", "/api/auth/login", { email, password: "correct horse battery" });
    const laptop = await person.connect();
    await laptop.join(room.slug);
    await phone.join(room.slug);
    const started = performance.now();
    assert.equal((await person.ask("POST", "/api/auth/logout")).status, 204);
    await disconnected(laptop);
    assert.ok(performance.now() - started < 1000, "within a second");
    assert.equal(laptop.payloads("error").at(-1)?.["code"], "UNAUTHORIZED");
    await until("the other to see it go", () => phone.payloads("peer:left").length === 1);
    assert.equal(phone.socket.connected, true, username);
    for (const [name, value] of cookies) person.cookies.set(name, value);
    assert.equal((await person.ask("GET", "/api/users/me")).status, 200);
    phone.close();
  });

  /** The person's other device: a login of its own. */
  async function secondLogin(person: Person): Promise<Person> {
    const other = Object.assign(Object.create(person) as Person, { cookies: new Map<string, string>() });
    assert.equal((await other.ask("POST", "/api/auth/login", { email: person.email, password: PASSWORD })).status, 200);
    return other;
  }

  type Session = { id: string; current: boolean; userAgent: string; address: string };
  const sessionsOf = async (person: Person): Promise<Session[]> =>
    (json(await person.ask("GET", "/api/users/me/sessions")) as { sessions: Session[] }).sessions;

  test("ending one session closes its sockets and no others", async () => {
    const person = await Person.register(server);
    const other = await secondLogin(person);
    const [own, foreign] = [await person.connect(), await other.connect()];
    await own.join(room.slug);
    await foreign.join(room.slug);
    const sessions = await sessionsOf(person);
    assert.equal(sessions.length, 2);
    const meant = sessions.find((session) => !session.current);
    assert.equal((await host.ask("DELETE", `/api/users/me/sessions/${meant?.id}`)).status, 404, "somebody else's");
    assert.equal((await person.ask("DELETE", `/api/users/me/sessions/${meant?.id}`)).status, 204);
    await disconnected(foreign);
    assert.equal(foreign.payloads("error").at(-1)?.["code"], "UNAUTHORIZED");
    assert.equal((await other.ask("GET", "/api/users/me")).status, 401);
    assert.equal((await sessionsOf(person)).length, 1);
    assert.equal((await own.call("peer:update", { handRaised: true })).error, undefined);
    own.close();
  });

  test("ending all other sessions closes their sockets and keeps its own", async () => {
    const person = await Person.register(server);
    const others = [await secondLogin(person), await secondLogin(person)];
    const own = await person.connect();
    const lines = [];
    for (const other of others) lines.push(await other.connect());
    assert.equal((await person.ask("DELETE", "/api/users/me/sessions")).status, 204);
    for (const line of lines) await disconnected(line);
    await own.join(room.slug);
    assert.equal((await own.call("peer:update", { handRaised: true })).error, undefined);
    own.close();
  });

  test("a new password ends the sockets of all other logins within a second, and keeps its own", async () => {
    const person = await Person.register(server);
    const other = await secondLogin(person);
    const [own, foreign] = [await person.connect(), await other.connect()];
    const started = performance.now();
    const change = { password: "another fine password", currentPassword: PASSWORD };
    assert.equal((await person.ask("PATCH", "/api/users/me", change)).status, 200);
    await disconnected(foreign);
    assert.ok(performance.now() - started < 1000, "within a second");
    await own.join(room.slug);
    assert.equal((await own.call("peer:update", { handRaised: true })).error, undefined);
    own.close();
  });

  test("a used refresh token that comes back ends the sockets of every login within a second", async () => {
    const person = await Person.register(server);
    const other = await secondLogin(person);
    const lines = [await person.connect(), await other.connect()];
    const used = person.cookie;
    assert.equal((await person.ask("POST", "/api/auth/refresh")).status, 200);
    const started = performance.now();
    const thief = { method: "POST", headers: { cookie: used, "user-agent": "somebody else" } };
    assert.equal((await ask(`${server.url}/api/auth/refresh`, thief)).status, 401);
    for (const line of lines) await disconnected(line);
    assert.ok(performance.now() - started < 1000, "within a second");
    assert.equal((await other.ask("POST", "/api/auth/refresh")).status, 401);
  });

  test("deleting the account ends all its sockets and its rooms", async () => {
    const person = await Person.register(server);
    const own = await person.createRoom();
    const line = await person.connect();
    await line.join(own.slug);
    const guest = await Line.open(server, { auth: { guestName: "Gus" } });
    await guest.join(own.slug);
    const answer = await person.ask("DELETE", "/api/users/me", { currentPassword: "correct horse battery" });
    assert.equal(answer.status, 204);
    await disconnected(line);
    await until("the room to close", () => guest.payloads("room:closed")[0]?.["reason"] === "deleted");
    guest.close();
  });
});
