// Socket.IO on the wire (docs/protocol/signalling.md), by raw WebSocket messages: one test a rule.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Reference, text } from "./reference.ts";

describe("Socket.IO", () => {
  let server: Reference;
  before(async () => {
    server = await Reference.start("socket");
  });
  after(async () => {
    await server.stop();
  });

  describe("CONNECT", () => {
    test("is answered with the sid alone, which is not the session's", async () => {
      const socket = server.socket("EIO=4&transport=websocket");
      const open = JSON.parse(String(await socket.next()).slice(1)) as { sid: string };
      socket.send("40");
      const reply = String(await socket.next());
      assert.match(reply, /^40\{"sid":"[\w-]{20}"\}$/);
      assert.ok(!reply.includes(open.sid));
      assert.equal(await socket.next(), '42["auth",{}]');
      socket.close();
    });
    test("hands its payload over", async () => {
      const socket = await server.opened();
      socket.send('40{"token":"123"}');
      await socket.next();
      assert.equal(await socket.next(), '42["auth",{"token":"123"}]');
      socket.close();
    });
    test("joins a custom namespace", async () => {
      const socket = await server.opened();
      socket.send("40/custom,");
      assert.match(String(await socket.next()), /^40\/custom,\{"sid":"[\w-]{20}"\}$/);
      assert.equal(await socket.next(), '42/custom,["auth",{}]');
      socket.send('40{"a":1}');
      assert.match(String(await socket.next()), /^40\{"sid"/);
      assert.equal(await socket.next(), '42["auth",{"a":1}]');
      socket.close();
    });
    test("to an unknown namespace gets the error", async () => {
      const socket = await server.opened();
      socket.send("40/random");
      assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
      socket.close();
    });
    test("must come in time", async () => {
      const strict = await Reference.start("socket", ["--connect-timeout", "1000"]);
      const start = performance.now();
      const socket = strict.socket("EIO=4&transport=websocket");
      await socket.closed();
      const waited = performance.now() - start;
      assert.ok(waited >= 1000 && waited < 10_000, `${waited} ms`);
      await strict.stop();
    });
  });

  describe("DISCONNECT", () => {
    test("leaves the other namespaces alone", async () => {
      const socket = await server.connected();
      socket.send("40/custom");
      await socket.next();
      await socket.next();
      socket.send("41/custom");
      assert.equal(await socket.echo('42["message","to main"]'), '42["message-back","to main"]');
      socket.close();
    });
    test("makes its namespace unknown", async () => {
      const socket = await server.connected();
      socket.send("41");
      socket.send('42["message","to main"]');
      await socket.closed();
    });
  });

  describe("events", () => {
    const rows: readonly (readonly [string, string, string])[] = [
      ["of plain types", '42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
      ["with an empty acknowledgement", '420["message-with-ack"]', "430[]"],
      ["with an acknowledgement", '42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
      ["with numbers as browsers write them", '42["message",0.1,1e21,-0.5]', '42["message-back",0.1,1e+21,-0.5]'],
      ["with escapes", '42["message","\\u20ac\\n\\u0001"]', '42["message-back","€\\n\\u0001"]'],
    ];
    for (const [name, sent, answer] of rows) {
      test(name, async () => {
        const socket = await server.connected();
        assert.equal(await socket.echo(sent), answer);
        socket.close();
      });
    }
    test("with attachments", async () => {
      const socket = await server.connected();
      socket.send('452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
      socket.send(Buffer.from([1, 2, 3]));
      socket.send(Buffer.from([4, 5, 6]));
      assert.equal(
        await socket.next(),
        '452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
      );
      assert.deepEqual(await socket.next(), Buffer.from([1, 2, 3]));
      assert.deepEqual(await socket.next(), Buffer.from([4, 5, 6]));
      socket.close();
    });
    test("with attachments and acknowledgement", async () => {
      const socket = await server.connected();
      socket.send('451-789["message-with-ack",{"_placeholder":true,"num":0}]');
      socket.send(Buffer.from([1]));
      assert.equal(await socket.next(), '461-789[{"_placeholder":true,"num":0}]');
      assert.deepEqual(await socket.next(), Buffer.from([1]));
      socket.close();
    });
    test("with ten attachments over polling", async () => {
      const sid = await server.open();
      await server.post(sid, "40");
      assert.match(await server.poll(sid), /^40\{"sid":"[^"]+"\}\x1e42\["auth",\{\}\]$/);
      const placeholders = Array.from({ length: 10 }, (_, num) => `{"_placeholder":true,"num":${num}}`).join();
      await server.post(sid, `4510-["message",${placeholders}]${"\x1ebAQ==".repeat(10)}`);
      let heard = await server.poll(sid);
      while (heard.split("\x1e").length < 11) heard += `\x1e${await server.poll(sid)}`;
      assert.equal(heard, `4510-["message-back",${placeholders}]${"\x1ebAQ==".repeat(10)}`);
    });
    test("on the custom namespace are not those of the main one", async () => {
      const socket = await server.connected();
      socket.send("40/custom");
      await socket.next();
      await socket.next();
      socket.send('42/custom,["message","lost"]');
      assert.equal(await socket.echo('42["message","kept"]'), '42["message-back","kept"]');
      socket.close();
    });
  });

  describe("closes the connection on", () => {
    const rows: readonly (readonly [string, ...(string | Buffer)[]])[] = [
      ["an unknown type", "4abc"],
      ["type 7", "47"],
      ["attachments without a number", '45-["e"]'],
      ["no attachments", '450-["e"]'],
      ["eleven attachments", '4511-["e"]'],
      ["attachments that are no integer", '451.5-["e"]'],
      ["attachments without a dash", '451["e"]'],
      ["text while attachments are pending", '451-["e",{"_placeholder":true,"num":0}]', '42["e"]'],
      ["binary that none announced", Buffer.from([1])],
      ["num out of range", '451-["e",{"_placeholder":true,"num":1}]', Buffer.from([1])],
      ["num that is text", '451-["e",{"_placeholder":true,"num":"splice"}]', Buffer.from([1])],
      ["an event without payload", "42"],
      ["an event that is an object", "42{}"],
      ["an event without name", "42[]"],
      ["an event named by an object", "42[{}]"],
      ["an event named by null", "42[null]"],
      ...["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map(
        (name): readonly [string, string] => [`an event named ${name}`, `42["${name}"]`],
      ),
      ["an acknowledgement that is an object", "431{}"],
      ["an acknowledgement without id", "43[]"],
      ["a CONNECT that is a list", "40/custom,[]"],
      ["a CONNECT that is text", '40/custom,"x"'],
      ["an invalid ack id", '42abc["message-with-ack"]'],
      ["an ack id of 20 digits", '4299999999999999999999["message-with-ack"]'],
      ["a namespace that was not joined", '42/custom,["e"]'],
      ["a namespace that does not exist", '42/other,["e"]'],
      ["a second CONNECT", "40"],
      ["a DISCONNECT with payload", "41{}"],
      ["a CONNECT_ERROR", '44{"message":"x"}'],
      ["JSON that is cut", '42["message"'],
      ["JSON deeper than 32", `42["message",${"[".repeat(40)}${"]".repeat(40)}]`],
    ];
    for (const [name, ...messages] of rows) {
      test(name, async () => {
        const socket = await server.connected();
        for (const message of messages) socket.send(message);
        await socket.closed();
      });
    }
    test("text that is not UTF-8, over polling", async () => {
      const sid = await server.open();
      await server.post(sid, "40");
      await server.post(sid, Buffer.from('42["message","\xff"]', "latin1"));
      assert.equal((await server.get(sid)).status, 400);
    });
    test("a violation over polling", async () => {
      const sid = await server.open();
      await server.post(sid, "40");
      await server.poll(sid);
      await server.post(sid, "42{}");
      const answer = await server.get(sid);
      assert.equal(answer.status, 400, text(answer));
    });
  });

  test("a packet at the limits of JSON is served", async () => {
    const socket = await server.connected();
    const nested = `${"[".repeat(31)}${"]".repeat(31)}`;
    assert.equal(await socket.echo(`42["message",${nested}]`), `42["message-back",${nested}]`);
    socket.close();
  });
});
