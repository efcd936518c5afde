// A flood of TLS handshakes from one address: it waits behind itself, and everybody else is served on.
import assert from "node:assert/strict";
import { connect as tcpConnect, createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import { Authority } from "../support/authority.ts";
import { ask } from "../support/http.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";

const ATTACKER = "127.0.0.2";
const HELLOS = 1_500;
const WAITING_MAX = 256; // of one address

describe("a flood of TLS handshakes", { timeout: 120_000 }, () => {
  let authority: Authority;
  let ca: string;
  let server: Server;
  before(async () => {
    authority = await Authority.create();
    await authority.certify("server", ["DNS:localhost", "IP:127.0.0.1", "IP:::1"]);
    ca = await authority.pem();
    server = await Server.start(authority.settings);
  });
  after(async () => {
    await server.stop();
    await authority.remove();
  });

  async function refused(): Promise<number> {
    const text = (await ask(`${server.url}/metrics`, { ca })).body.toString();
    return Number(/^webrtc_chat_tls_handshakes_refused_total (\d+)/m.exec(text)?.[1]);
  }

  test("is turned away once 256 of its address wait, while others shake hands", async () => {
    const hello = await clientHello();
    const sockets = Array.from({ length: HELLOS }, () => {
      const socket = tcpConnect({ port: server.port, host: "127.0.0.1", localAddress: ATTACKER }, () => socket.write(hello));
      socket.on("error", () => undefined); // it is turned away
      return socket;
    });
    // Each of these shakes hands anew, from another address, in the middle of it.
    let served = 0;
    await until("the flood to be turned away", async () => {
      assert.equal((await ask(`${server.url}/api/health/live`, { ca })).status, 200);
      served++;
      return (await refused()) > 0;
    });
    assert.ok(served > 0);
    for (const socket of sockets) socket.destroy();
    assert.ok((await refused()) <= HELLOS - WAITING_MAX, "who has room is not refused");
    assert.equal((await ask(server.url, { ca })).status, 200);
  });

  test("connections that say nothing take nobody's turn", async () => {
    const silent = await Promise.all(Array.from({ length: 300 }, () => new Promise<Socket>((resolve, reject) => {
      const socket = tcpConnect({ port: server.port, host: "127.0.0.1", localAddress: ATTACKER }, () => resolve(socket));
      socket.once("error", reject);
    })));
    const own: TLSSocket = tlsConnect({ socket: tcpConnect({ port: server.port, host: "127.0.0.1", localAddress: ATTACKER }), host: "localhost", ca });
    await new Promise<void>((resolve, reject) => {
      own.once("secureConnect", () => resolve());
      own.once("error", reject);
    });
    own.destroy();
    for (const socket of silent) socket.destroy();
  });
});

/** What a client of TLS sends first. */
async function clientHello(): Promise<Buffer> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  const hello = new Promise<Buffer>((resolve) => listener.once("connection", (socket) => socket.once("data", resolve)));
  const client = tlsConnect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  client.on("error", () => undefined); // nobody answers it
  const bytes = await hello;
  client.destroy();
  listener.close();
  return bytes;
}
