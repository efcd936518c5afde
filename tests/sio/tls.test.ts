// The stock client over TLS that the server speaks itself: long polling, WebSocket and the upgrade.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import { Authority } from "../support/authority.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

describe("Socket.IO over TLS", () => {
  let authority: Authority;
  let server: Server;
  let ca: string;
  before(async () => {
    authority = await Authority.create();
    await authority.certify("localhost", ["DNS:localhost"]);
    ca = await authority.pem();
    server = await Server.start(authority.settings);
  });
  after(async () => {
    await server.stop();
    await authority.remove();
  });

  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(`over ${transports.join(" and ")}`, async () => {
      const client = io(`https://localhost:${server.port}`, {
        forceNew: true,
        transports,
        ca,
        auth: { guestName: "ada" },
      });
      await until("the connection", () => client.connected);
      // Answers come back in the order of the questions, also when one is larger than a TLS record.
      const sizes = [1, 10, 100_000, 10, 500_000, 1];
      const replies = await Promise.all(
        sizes.map((size) => client.timeout(10_000).emitWithAck("join:room", { roomCode: "x".repeat(size) })),
      );
      for (const reply of replies as { error: { code: string } }[]) {
        assert.match(reply.error.code, /^(VALIDATION_ERROR|ROOM_NOT_FOUND)$/);
      }
      if (transports.length === 2) await until("the upgrade", () => client.io.engine.transport.name === "websocket");
      client.disconnect();
    });
  }
});
