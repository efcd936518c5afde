// The stock client over TLS that the server speaks itself: long polling, WebSocket and the upgrade.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { io } from "socket.io-client";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

describe("Socket.IO over TLS", () => {
  let folder: string;
  let server: Server;
  let ca: Buffer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sio-tls-"));
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    await promisify(execFile)("openssl", [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(" "),
      ..."-addext subjectAltName=DNS:localhost".split(" "),
      ...["-keyout", key, "-out", cert],
    ]);
    ca = await readFile(cert);
    server = await Server.start({ TLS_CERT: cert, TLS_KEY: key });
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(`over ${transports.join(" and ")}`, async () => {
      const client = io(`https://localhost:${server.port}`, {
        forceNew: true,
        transports,
        ca: ca.toString(),
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
