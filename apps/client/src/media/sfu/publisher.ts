// Sends this person's tracks to the SFU: one producer a source, changed without negotiation.
import type { types } from "mediasoup-client";
import { passing } from "~/media/sources";
import type { Source } from "~/signalling/events";
import { sfuAnswers } from "~/signalling/sfuEvents";
import type { Request } from "~/signalling/signalling";
import { type Coding, codingOf } from "./encodings";

/** One source as the devices have it: `on` is false for a muted microphone. */
export type LocalSource = { readonly track: MediaStreamTrack | null; readonly on: boolean };

export interface PublisherPorts {
  readonly transport: Pick<types.Transport, "produce">;
  readonly request: Request;
  readonly videoCodec: types.RtpCodecCapability | null;
  /** Whether the browser codes time layers when asked to. */
  readonly temporal: boolean;
  /** A producer could not be made, after which the transport is of no use. */
  readonly onBroken: (error: unknown) => void;
}

type ProducerData = { source: Source; paused: boolean };
export type OwnProducer = types.Producer<ProducerData>;
type Encodings = ReadonlyArray<{ readonly rid?: string | null; readonly active: boolean }>;

export class Publisher {
  private readonly ports: PublisherPorts;
  private readonly wanted = new Map<Source, LocalSource>();
  private readonly producers = new Map<Source, OwnProducer>();
  private work: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(ports: PublisherPorts) {
    this.ports = ports;
  }

  set(source: Source, local: LocalSource): void {
    this.wanted.set(source, local);
    this.queue(() => this.follow(source));
  }

  /** The layers that nobody watches are not sent, by the server's word. */
  setEncodings(producerId: string, encodings: Encodings): void {
    this.queue(async () => {
      const producer = [...this.producers.values()].find(({ id }) => id === producerId);
      const sender = producer?.rtpSender;
      if (sender === undefined) return;
      const parameters = sender.getParameters();
      for (const [i, one] of parameters.encodings.entries()) {
        const told = encodings.find(({ rid }, at) => (rid == null ? at === i : rid === one.rid));
        if (told !== undefined) one.active = told.active;
      }
      await sender.setParameters(parameters);
    });
  }

  owns(producerId: string): boolean {
    return [...this.producers.values()].some(({ id }) => id === producerId);
  }

  sending(): ReadonlyMap<Source, OwnProducer> {
    return this.producers;
  }

  /** `tell`: the server shall end them now; without, it does so with the peer. */
  close(tell: boolean): void {
    this.closed = true;
    for (const source of [...this.producers.keys()]) this.end(source, tell);
  }

  private queue(task: () => Promise<void>): void {
    this.work = this.work.then(async () => {
      if (this.closed) return;
      // A track that ended meanwhile: the devices bring another one.
      await task().catch(() => {});
    });
  }

  private async follow(source: Source): Promise<void> {
    const { track, on } = this.wanted.get(source) ?? { track: null, on: false };
    const producer = this.producers.get(source);
    if (producer === undefined) {
      if (track !== null) await this.publish(source, track, on);
      return;
    }
    if (track === null && passing.includes(source)) return this.end(source, true);
    const sends = on && track !== null;
    if (!sends) this.pause(producer, true);
    if (producer.track !== track) await producer.replaceTrack({ track });
    if (sends) this.pause(producer, false);
  }

  private async publish(source: Source, track: MediaStreamTrack, on: boolean): Promise<void> {
    const { transport, videoCodec, temporal } = this.ports;
    const coding: Coding = codingOf(source, track, temporal);
    try {
      const producer = await transport.produce<ProducerData>({
        ...coding,
        ...(track.kind === "video" && videoCodec !== null ? { codec: videoCodec } : {}),
        track,
        // The devices own their tracks, and mute them.
        stopTracks: false,
        disableTrackOnPause: false,
        appData: { source, paused: !on },
      });
      if (!on) producer.pause();
      this.producers.set(source, producer);
      if (this.closed) return this.end(source, true);
    } catch (error) {
      if (track.readyState === "live" && !this.closed) this.ports.onBroken(error);
      return;
    }
    await this.follow(source); // it may have changed meanwhile
  }

  private pause(producer: OwnProducer, paused: boolean): void {
    if (producer.paused === paused) return;
    if (paused) producer.pause();
    else producer.resume();
    this.tell(paused ? "sfu:pause-producer" : "sfu:resume-producer", producer);
  }

  private end(source: Source, tell: boolean): void {
    const producer = this.producers.get(source);
    if (producer === undefined) return;
    this.producers.delete(source);
    producer.close();
    if (tell) this.tell("sfu:close-producer", producer);
  }

  private tell(
    event: "sfu:pause-producer" | "sfu:resume-producer" | "sfu:close-producer",
    { id: producerId }: OwnProducer,
  ): void {
    this.ports.request(event, { producerId }, sfuAnswers.done).catch(() => {});
  }
}
