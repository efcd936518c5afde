// One person who sends and receives through the SFU, as the page does: mediasoup-client, on Node's WebRTC.
import assert from "node:assert/strict";
import wrtc from "@roamhq/wrtc";
import { Device, type types } from "mediasoup-client";
import { Line } from "../support/person.ts";
import type { Joined, Reply } from "../support/person.ts";
import { until } from "../support/poll.ts";
import type { Server } from "../support/server.ts";
import { Watch } from "./tracks.ts";

// mediasoup-client looks for a browser.
Object.assign(globalThis, {
  RTCPeerConnection: wrtc.RTCPeerConnection,
  RTCSessionDescription: wrtc.RTCSessionDescription,
  RTCRtpReceiver: wrtc.RTCRtpReceiver,
  MediaStream: wrtc.MediaStream,
  MediaStreamTrack: wrtc.MediaStreamTrack,
});

export type ProducerInfo = {
  producerId: string;
  peerId: string;
  userId: string | null;
  kind: "audio" | "video";
  paused: boolean;
  appData: { source: string };
};
export type TransportInfo = {
  id: string;
  iceParameters: types.IceParameters;
  iceCandidates: types.IceCandidate[];
  dtlsParameters: types.DtlsParameters;
};
export type MediaJoined = {
  sendTransport: TransportInfo;
  recvTransport: TransportInfo;
  routerRtpCapabilities: types.RtpCapabilities;
  producers: ProducerInfo[];
};
type ConsumerInfo = {
  consumerId: string;
  producerId: string;
  peerId: string;
  kind: "audio" | "video";
  rtpParameters: types.RtpParameters;
  type: string;
  producerPaused: boolean;
};
/** What is seen or heard of another. */
export type Consumed = {
  readonly id: string;
  readonly type: string;
  readonly codecs: readonly string[];
  readonly watch: Watch;
};
export type Stats = {
  transports: { id: string; direction: string; state: string; protocol: string | null }[];
  producers: { id: string; paused: boolean; encodings: { rid: string | null; packets: number }[] }[];
  consumers: { id: string; producerId: string; paused: boolean; spatialLayer: number | null; packets: number }[];
};

export class Caller {
  readonly line: Line;
  readonly #joined: Joined;
  #device!: Device;
  #send: types.Transport | undefined;
  #receive: types.Transport | undefined;
  media!: MediaJoined;
  /** What the server is told to be sent. */
  amend = (parameters: types.RtpParameters): types.RtpParameters => parameters;
  readonly #watches: Watch[] = [];

  private constructor(line: Line, joined: Joined) {
    this.line = line;
    this.#joined = joined;
  }

  /** A guest in the room, with transports of their own. */
  static async enter(server: Server, slug: string, guestName: string): Promise<Caller> {
    const line = await Line.open(server, { auth: { guestName } });
    const caller = new Caller(line, await line.join(slug));
    await caller.joinMedia();
    return caller;
  }

  get peerId(): string {
    return this.#joined.peerId;
  }
  get send(): types.Transport {
    assert.ok(this.#send);
    return this.#send;
  }
  get receive(): types.Transport {
    assert.ok(this.#receive);
    return this.#receive;
  }

  /** Emits with a callback; an error fails the test. */
  async ask<T>(event: string, payload: object): Promise<T> {
    const reply: Reply = await this.line.call(event, payload);
    assert.equal(reply.error, undefined, event);
    return reply as unknown as T;
  }

  async joinMedia(): Promise<void> {
    this.#device = new Device({ handlerName: "Chrome111" });
    const { routerRtpCapabilities } = this.#joined as unknown as { routerRtpCapabilities: types.RtpCapabilities };
    await this.#device.load({ routerRtpCapabilities });
    const { recvRtpCapabilities: rtpCapabilities } = this.#device;
    this.media = await this.ask<MediaJoined>("sfu:join", { roomId: this.#joined.roomId, rtpCapabilities });
    this.#send = this.#device.createSendTransport(this.media.sendTransport);
    this.#receive = this.#device.createRecvTransport(this.media.recvTransport);
    for (const transport of [this.#send, this.#receive]) {
      transport.on("connect", ({ dtlsParameters }, done, fail) => {
        this.ask("sfu:connect-transport", { transportId: transport.id, dtlsParameters }).then(() => done(), fail);
      });
    }
    this.#send.on("produce", ({ kind, rtpParameters, appData }, done, fail) => {
      const request = { transportId: this.send.id, kind, rtpParameters: this.amend(rtpParameters), appData };
      this.ask<{ producerId: string }>("sfu:produce", request).then(({ producerId }) => done({ id: producerId }), fail);
    });
  }

  produce(source: string, track: MediaStreamTrack, options: Partial<types.ProducerOptions> = {}): Promise<types.Producer> {
    return this.send.produce({ track, appData: { source }, stopTracks: false, ...options });
  }

  /** One of the codecs that this client sends. */
  codec(mimeType: string): types.RtpCodecCapability {
    const codec = this.#device.sendRtpCapabilities.codecs?.find((one) => one.mimeType === mimeType);
    assert.ok(codec, `${mimeType} is sent`);
    return codec;
  }

  /** By the codecs that `takes` lets through. */
  async consume(producerId: string, takes = (_: types.RtpCodecCapability): boolean => true): Promise<Consumed> {
    const { codecs, headerExtensions } = this.#device.recvRtpCapabilities;
    const rtpCapabilities = { codecs: codecs?.filter(takes), headerExtensions };
    const made = await this.ask<ConsumerInfo>("sfu:consume", { producerId, rtpCapabilities });
    const consumer = await this.receive.consume({
      id: made.consumerId,
      producerId,
      kind: made.kind,
      rtpParameters: made.rtpParameters,
    });
    await this.ask("sfu:resume-consumer", { consumerId: consumer.id });
    const watch = new Watch(consumer.track);
    this.#watches.push(watch);
    return { id: consumer.id, type: made.type, codecs: made.rtpParameters.codecs.map((codec) => codec.mimeType), watch };
  }

  /** The producer of this source of another peer, once it has been announced. */
  async announced(source: string): Promise<ProducerInfo> {
    return until(`the ${source} of another`, () =>
      [...this.media.producers, ...this.line.payloads<ProducerInfo>("sfu:producer-created")].find(
        (producer) => producer.appData.source === source,
      ),
    );
  }

  stats(): Promise<Stats> {
    return this.ask<Stats>("sfu:stats", {});
  }

  closeMedia(): void {
    for (const watch of this.#watches.splice(0)) watch.stop();
    this.#send?.close();
    this.#receive?.close();
  }

  close(): void {
    this.closeMedia();
    this.line.close();
  }
}

/** Waits until more comes than had come at the call. */
export async function flows(what: string, watch: Watch, deadlineMs = 20_000): Promise<void> {
  const before = watch.amount;
  await until(`more of ${what} than ${before}`, () => watch.amount > before, deadlineMs);
}
