// Two people in one page, by mediasoup-client: one sends a picture in layers of one stream, the
// other looks at it. What they say to the server goes through `ask` of layered.test.ts.
import { Device, type types } from "mediasoup-client";

export type Who = "sender" | "viewer";
type Transport = types.Transport;
type Info = types.TransportOptions;
declare const ask: <T>(who: Who, event: string, payload: object) => Promise<T>;

const [WIDTH, HEIGHT] = [640, 360];
const FRAME_MS = 66;

const devices = new Map<Who, Device>();
const transports = new Map<Who, Transport>();
const video = document.createElement("video");

function picture(): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const paint = canvas.getContext("2d");
  setInterval(() => {
    if (paint === null) return;
    paint.fillStyle = `hsl(${(performance.now() / 10) % 360} 80% 50%)`;
    for (let i = 0; i < 20; i++) paint.fillRect(Math.random() * WIDTH, Math.random() * HEIGHT, 40, 40);
  }, FRAME_MS);
  const [track] = canvas.captureStream(1000 / FRAME_MS).getVideoTracks();
  if (track === undefined) throw new Error("no picture");
  return track;
}

function of<T>(all: Map<Who, T>, who: Who): T {
  const one = all.get(who);
  if (one === undefined) throw new Error(`${who} is not there`);
  return one;
}

async function enter(who: Who, joined: { roomId: string; routerRtpCapabilities: types.RtpCapabilities }): Promise<void> {
  const mine = await Device.factory();
  await mine.load({ routerRtpCapabilities: joined.routerRtpCapabilities });
  const { recvRtpCapabilities: rtpCapabilities } = mine;
  type Both = { sendTransport: Info; recvTransport: Info };
  const media = await ask<Both>(who, "sfu:join", { roomId: joined.roomId, rtpCapabilities });
  const way =
    who === "sender" ? mine.createSendTransport(media.sendTransport) : mine.createRecvTransport(media.recvTransport);
  way.on("connect", ({ dtlsParameters }, done, fail) => {
    ask(who, "sfu:connect-transport", { transportId: way.id, dtlsParameters }).then(() => done(), fail);
  });
  way.on("produce", ({ kind, rtpParameters, appData }, done, fail) => {
    const request = { transportId: way.id, kind, rtpParameters, appData };
    ask<{ producerId: string }>(who, "sfu:produce", request).then(({ producerId }) => done({ id: producerId }), fail);
  });
  devices.set(who, mine);
  transports.set(who, way);
}

async function produce(mimeType: string, scalabilityMode: string): Promise<string> {
  const codec = of(devices, "sender").sendRtpCapabilities.codecs?.find((one) => one.mimeType === mimeType);
  if (codec === undefined) throw new Error(`no ${mimeType}`);
  const producer = await of(transports, "sender").produce({
    track: picture(),
    codec,
    encodings: [{ scalabilityMode, maxBitrate: 900_000 }],
    codecOptions: { videoGoogleStartBitrate: 800 },
    appData: { source: "camera" },
  });
  return producer.id;
}

async function consume(producerId: string): Promise<string> {
  const { recvRtpCapabilities: rtpCapabilities } = of(devices, "viewer");
  type Made = { consumerId: string; kind: "video"; rtpParameters: types.RtpParameters };
  const made = await ask<Made>("viewer", "sfu:consume", { producerId, rtpCapabilities });
  const { consumerId: id, kind, rtpParameters } = made;
  const consumer = await of(transports, "viewer").consume({ id, producerId, kind, rtpParameters });
  await ask("viewer", "sfu:resume-consumer", { consumerId: id });
  [video.muted, video.autoplay, video.srcObject] = [true, true, new MediaStream([consumer.track])];
  document.body.append(video);
  return id;
}

/** The milliseconds until the picture is so wide, from now; it is an error that it does not become so. */
async function becomes(width: number): Promise<number> {
  const start = performance.now();
  while (video.videoWidth !== width) {
    if (performance.now() - start > 20_000) throw new Error(`the picture is ${video.videoWidth} wide`);
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - start;
}

const here = { enter, produce, consume, becomes };
export type LayeredPage = typeof here;
Object.assign(globalThis, { here });
