// The media port answers STUN binding requests (RFC 8489), so that no outside STUN server is needed.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { after, before, describe, test } from "node:test";
import { ask, json } from "../support/http.ts";
import { within } from "../support/poll.ts";
import { Server } from "../support/server.ts";

const COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;

function bindingRequest(): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(BINDING_REQUEST, 0);
  header.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([header, randomBytes(12)]);
}

/** The port in the answer's XOR-MAPPED-ADDRESS (section 14.2), and its IPv4 address. */
function mappedAddress(answer: Buffer): { port: number; address: string } {
  for (let at = 20; at + 4 <= answer.length; ) {
    const size = answer.readUInt16BE(at + 2);
    if (answer.readUInt16BE(at) === XOR_MAPPED_ADDRESS) {
      const port = answer.readUInt16BE(at + 6) ^ (COOKIE >>> 16);
      const address = (answer.readUInt32BE(at + 8) ^ COOKIE) >>> 0;
      return { port, address: [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".") };
    }
    at += 4 + Math.ceil(size / 4) * 4;
  }
  throw new Error("no XOR-MAPPED-ADDRESS");
}

describe("the media port", () => {
  let server: Server;
  let port: number;
  let socket: Socket;
  before(async () => {
    server = await Server.start();
    const config = json(await ask(`${server.url}/api/rtc/config`)) as { iceServers: { urls: string | string[] }[] };
    const urls = config.iceServers.flatMap((entry) => entry.urls);
    const own = urls.map((url) => /^stun:[^?]*:(\d+)$/.exec(url)?.[1]).find((found) => found !== undefined);
    assert.ok(own, `a STUN server of our own among ${urls.join(" ")}`);
    port = Number(own);
    socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  });
  after(async () => {
    socket.close();
    await server.stop();
  });

  async function answerTo(request: Buffer): Promise<Buffer> {
    const answer = new Promise<Buffer>((resolve) => {
      const listen = (data: Buffer) => {
        if (!data.subarray(8, 20).equals(request.subarray(8, 20))) return;
        socket.off("message", listen);
        resolve(data);
      };
      socket.on("message", listen);
    });
    socket.send(request, port, "127.0.0.1");
    return within("a STUN answer", answer);
  }

  test("tells a client the address it comes from", async () => {
    const answer = await answerTo(bindingRequest());
    assert.equal(answer.readUInt16BE(0), BINDING_SUCCESS);
    assert.deepEqual(mappedAddress(answer), { port: socket.address().port, address: "127.0.0.1" });
  });

  test("says nothing to anything else, and serves on", async () => {
    const strangers: Buffer[] = [];
    const collect = (data: Buffer) => strangers.push(data);
    const request = bindingRequest();
    const response = Buffer.from(request);
    response.writeUInt16BE(BINDING_SUCCESS, 0);
    const noCookie = Buffer.from(request);
    noCookie.writeUInt32BE(0, 4);
    const clientHello = Buffer.from("16feff0000000000000000002e0100002200000000000000", "hex");
    const rubbish = [Buffer.alloc(0), Buffer.from([0]), request.subarray(0, 19), response, noCookie, clientHello,
      randomBytes(1400), Buffer.alloc(1400, 0x80)];
    socket.on("message", collect);
    for (const datagram of rubbish) socket.send(datagram, port, "127.0.0.1");
    const answer = await answerTo(bindingRequest()); // the answers to the rubbish would have come before it
    socket.off("message", collect);
    assert.deepEqual(strangers.filter((data) => !data.equals(answer)), []);
  });
});
