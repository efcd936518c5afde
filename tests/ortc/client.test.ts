// Goal: mediasoup-client itself accepts what we negotiate. Method: two of its Devices, with the
// capabilities that Chromium and Firefox were recorded with, call each other; the `ortc` command is
// the server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { FakeMediaStreamTrack } from "fake-mediastreamtrack";
import { Device, type types } from "mediasoup-client";
import { FakeHandler } from "mediasoup-client/handlers/FakeHandler";
import { BROWSERS, type Recording } from "./browsers.ts";
import { MEDIA_CODECS } from "./media_codecs.ts";
import { type JsonObject, resultOf, Tool } from "./tool.ts";

const DTLS: types.DtlsParameters = {
  role: "auto",
  fingerprints: [{ algorithm: "sha-256", value: Array(32).fill("AB").join(":") }],
};
const TRANSPORT = {
  id: "transport",
  iceParameters: { usernameFragment: "user", password: "p".repeat(24), iceLite: true },
  iceCandidates: [],
  dtlsParameters: DTLS,
};

async function deviceOf(browser: Recording, routerRtpCapabilities: JsonObject): Promise<Device> {
  const handlerFactory = FakeHandler.createFactory({
    generateNativeRtpCapabilities: () => structuredClone(browser.native.recvonly) as types.RtpCapabilities,
    generateLocalDtlsParameters: () => structuredClone(DTLS),
  });
  const device = new Device({ handlerFactory });
  await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities });
  return device;
}

describe("mediasoup-client", () => {
  let tool: Tool;
  let caps: JsonObject;
  before(async () => {
    tool = new Tool();
    caps = resultOf(await tool.ask({ op: "routerRtpCapabilities", mediaCodecs: MEDIA_CODECS })) as JsonObject;
  });
  after(async () => {
    assert.equal(await tool.close(), 0);
  });

  /** The server's answer to `produce`. */
  async function consumableOf(kind: string, rtpParameters: types.RtpParameters): Promise<JsonObject> {
    const params = JSON.parse(JSON.stringify(rtpParameters)) as JsonObject;
    const mapping = resultOf(await tool.ask({ op: "producerMapping", params, caps }));
    return resultOf(await tool.ask({ op: "consumable", kind, params, caps, mapping })) as JsonObject;
  }

  async function produce(device: Device, options: types.ProducerOptions): Promise<JsonObject> {
    const transport = device.createSendTransport(TRANSPORT);
    transport.on("connect", (_parameters, done) => done());
    transport.on("produce", (_parameters, done) => done({ id: "producer" }));
    const producer = await transport.produce(options);
    const consumable = await consumableOf(producer.kind, producer.rtpParameters);
    transport.close();
    return consumable;
  }

  async function consume(device: Device, kind: "audio" | "video", consumable: JsonObject): Promise<types.Consumer> {
    const remoteCaps = JSON.parse(JSON.stringify(device.recvRtpCapabilities)) as JsonObject;
    const answer = await tool.ask({ op: "consumer", consumable, remoteCaps });
    const rtpParameters = { mid: "0", ...(resultOf(answer) as JsonObject) } as unknown as types.RtpParameters;
    const transport = device.createRecvTransport(TRANSPORT);
    transport.on("connect", (_parameters, done) => done());
    return transport.consume({ id: "consumer", producerId: "producer", kind, rtpParameters });
  }

  for (const [name, browser] of Object.entries(BROWSERS)) {
    test(`loads the router's capabilities as ${name} and can send both kinds`, async () => {
      const device = await deviceOf(browser, caps);
      assert.ok(device.canProduce("audio"));
      assert.ok(device.canProduce("video"));
    });

    for (const [otherName, other] of Object.entries(BROWSERS)) {
      test(`${name} calls ${otherName} with sound, picture and simulcast`, async () => {
        const [sender, receiver] = [await deviceOf(browser, caps), await deviceOf(other, caps)];
        const sound = await produce(sender, { track: new FakeMediaStreamTrack({ kind: "audio" }) });
        const heard = await consume(receiver, "audio", sound);
        assert.equal(heard.rtpParameters.codecs[0]?.mimeType, "audio/opus");

        const encodings = [{ maxBitrate: 100_000 }, { maxBitrate: 900_000 }];
        const picture = await produce(sender, { track: new FakeMediaStreamTrack({ kind: "video" }), encodings });
        const seen = await consume(receiver, "video", picture);
        assert.deepEqual(
          seen.rtpParameters.codecs.map(({ mimeType }) => mimeType),
          ["video/VP8", "video/rtx"],
        );
        assert.equal(seen.rtpParameters.encodings?.[0]?.scalabilityMode, "L2T1");
      });
    }
  }
});
