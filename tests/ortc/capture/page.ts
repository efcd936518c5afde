// What a browser says of itself through mediasoup-client: bundled into the page of record.ts.
import * as mediasoup from "mediasoup-client";
import { Chrome111 } from "mediasoup-client/handlers/Chrome111";
import { Firefox120 } from "mediasoup-client/handlers/Firefox120";

type RtpCapabilities = mediasoup.types.RtpCapabilities;
type RtpParameters = mediasoup.types.RtpParameters;

/** A producer's parameters as they would go to the server. */
export type Produced = { name: string; kind: "audio" | "video"; rtpParameters: RtpParameters };
export type Captured = {
  userAgent: string;
  native: { recvonly: RtpCapabilities; sendonly: RtpCapabilities };
  recvRtpCapabilities: RtpCapabilities;
  sendRtpCapabilities: RtpCapabilities;
  producers: Produced[];
};

const SIMULCAST = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: "L1T3" },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: "L1T3" },
  { scaleResolutionDownBy: 1, maxBitrate: 1_500_000, scalabilityMode: "L1T3" },
];

function picture(): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = 1280;
  canvas.height = 720;
  canvas.getContext("2d");
  const [track] = canvas.captureStream(5).getVideoTracks();
  if (track === undefined) throw new Error("no picture");
  return track;
}

function sound(): MediaStreamTrack {
  const [track] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
  if (track === undefined) throw new Error("no sound");
  return track;
}

/** A transport that leads nowhere: producing needs the answer, not the connection. */
function sendTransport(device: mediasoup.Device): mediasoup.types.Transport {
  const transport = device.createSendTransport({
    id: "capture",
    iceParameters: { usernameFragment: "user", password: "p".repeat(24), iceLite: true },
    iceCandidates: [
      { foundation: "1", priority: 1, address: "127.0.0.1", ip: "127.0.0.1", protocol: "udp", port: 9, type: "host" },
    ],
    dtlsParameters: {
      role: "auto",
      fingerprints: [{ algorithm: "sha-256", value: Array(32).fill("AB").join(":") }],
    },
  });
  transport.on("connect", (_parameters, done) => done());
  return transport;
}

export async function capture(routerRtpCapabilities: RtpCapabilities): Promise<Captured> {
  const handler = navigator.userAgent.includes("Firefox") ? Firefox120 : Chrome111;
  const factory = handler.createFactory({});
  const native = {
    recvonly: await factory.getNativeRtpCapabilities({ direction: "recvonly" }),
    sendonly: await factory.getNativeRtpCapabilities({ direction: "sendonly" }),
  };
  const device = await mediasoup.Device.factory();
  await device.load({ routerRtpCapabilities });

  const producers: Produced[] = [];
  async function produce(name: string, options: mediasoup.types.ProducerOptions): Promise<void> {
    const transport = sendTransport(device);
    transport.on("produce", ({ kind, rtpParameters }, done) => {
      producers.push({ name, kind, rtpParameters: structuredClone(rtpParameters) });
      done({ id: name });
    });
    await transport.produce(options);
    transport.close();
  }
  await produce("microphone", { track: sound(), codecOptions: { opusDtx: true, opusFec: true } });
  for (const codec of device.sendRtpCapabilities.codecs ?? []) {
    if (codec.kind !== "video" || codec.mimeType.endsWith("/rtx")) continue;
    const name = `${codec.mimeType} ${codec.preferredPayloadType}`;
    await produce(`${name} alone`, { track: picture(), codec });
    if (/VP8|H264/.test(codec.mimeType)) {
      await produce(`${name} simulcast`, { track: picture(), codec, encodings: SIMULCAST });
    } else {
      await produce(`${name} layered`, {
        track: picture(),
        codec,
        encodings: [{ scalabilityMode: "L3T3_KEY", maxBitrate: 1_500_000 }],
      });
    }
  }
  return {
    userAgent: navigator.userAgent,
    native,
    recvRtpCapabilities: device.recvRtpCapabilities,
    sendRtpCapabilities: device.sendRtpCapabilities,
    producers,
  };
}

Object.assign(globalThis, { capture });
