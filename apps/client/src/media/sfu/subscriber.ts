// Receives what the others send to the SFU: one consumer a producer, a few of them made at once, and
// as large as it is seen. Each is resumed once it is set up here: the server asks for the key frame that a
// picture begins with as soon as the path is there, which it knows before the page.
import type { types } from "mediasoup-client";
import type { z } from "zod";
import type { Source } from "~/signalling/events";
import { type RemoteProducer, type RtpCapabilities, sfuAnswers } from "~/signalling/sfuEvents";
import { type Request, SignallingError } from "~/signalling/signalling";
import { type Layers, layerCount, layersFor, type TileSize } from "./layers";

export interface SubscriberPorts {
  readonly transport: Pick<types.Transport, "consume">;
  readonly request: Request;
  readonly rtpCapabilities: RtpCapabilities;
  /** As `Views.size` says it. */
  readonly sizeOf: (peerId: string, source: Source) => TileSize | null | undefined;
  readonly onChange: () => void;
  readonly onBroken: (error: unknown) => void;
}

type Consumable = z.infer<typeof sfuAnswers.consumed>;

export type Incoming = {
  readonly producerId: string;
  readonly peerId: string;
  readonly source: Source;
  consumer: types.Consumer | null;
  /** What the server was asked for; consumers start paused. */
  paused: boolean;
  asked: string;
  /** The layers that the server sends now. */
  layers: Layers | null;
};

/** Consumers that are made at once share one negotiation; with more the server finds it too quick. */
const AT_ONCE = 8;
const AGAIN_AFTER_MS = 500;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export class Subscriber {
  private readonly ports: SubscriberPorts;
  private readonly incoming = new Map<string, Incoming>();
  private readonly dropped = new Set<string>();
  private readonly waiting = new Set<Incoming>();
  private working = false;
  private closed = false;

  constructor(ports: SubscriberPorts) {
    this.ports = ports;
  }

  /** Sound comes first: it is what a call is about. */
  addAll(producers: readonly RemoteProducer[]): void {
    for (const one of producers) if (one.kind === "audio") this.add(one);
    for (const one of producers) if (one.kind === "video") this.add(one);
  }

  add({ producerId, peerId, appData }: RemoteProducer): void {
    if (this.incoming.has(producerId)) return;
    const incoming: Incoming = {
      producerId,
      peerId,
      source: appData.source,
      consumer: null,
      paused: true,
      asked: "",
      layers: null,
    };
    this.incoming.set(producerId, incoming);
    this.queue(incoming);
  }

  remove(producerId: string): void {
    const incoming = this.incoming.get(producerId);
    this.incoming.delete(producerId);
    incoming?.consumer?.close();
    this.ports.onChange();
  }

  removePeer(peerId: string): void {
    this.dropped.delete(peerId);
    for (const one of this.of(peerId)) this.remove(one.producerId);
  }

  setLayers(consumerId: string, layers: Layers | null): void {
    for (const one of this.incoming.values()) {
      if (one.consumer?.id === consumerId) one.layers = layers;
    }
  }

  /** Another path carries what this peer sends. */
  drop(peerId: string): void {
    this.dropped.add(peerId);
    for (const one of this.of(peerId)) {
      if (one.consumer === null) continue;
      one.consumer.close();
      this.tell("sfu:close-consumer", one.consumer.id);
      Object.assign(one, { consumer: null, paused: true, asked: "", layers: null });
    }
    this.ports.onChange();
  }

  /** Takes up again whatever was dropped. */
  takeAll(): void {
    this.dropped.clear();
    for (const one of this.incoming.values()) if (one.consumer === null) this.queue(one);
  }

  /** The picture is seen in another size, or not at all any more. */
  adapt(peerId: string, source: Source): void {
    for (const one of this.of(peerId)) if (one.source === source) this.ask(one);
  }

  all(): readonly Incoming[] {
    return [...this.incoming.values()];
  }

  of(peerId: string): readonly Incoming[] {
    return this.all().filter((one) => one.peerId === peerId);
  }

  close(): void {
    this.closed = true;
    for (const { consumer } of this.incoming.values()) consumer?.close();
    this.incoming.clear();
  }

  private isWanted(incoming: Incoming): boolean {
    const known = this.incoming.get(incoming.producerId) === incoming;
    return known && !this.closed && !this.dropped.has(incoming.peerId);
  }

  private queue(incoming: Incoming): void {
    this.waiting.add(incoming);
    if (!this.working) void this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    await Promise.resolve(); // what is told of in one go is made in one go
    while (this.waiting.size > 0) {
      const next = [...this.waiting].slice(0, AT_ONCE);
      for (const one of next) this.waiting.delete(one);
      const wanted = next.filter((one) => this.isWanted(one) && one.consumer === null);
      const asked = wanted.map((one) => ({ one, answer: this.request(one.producerId) }));
      const answered = Promise.allSettled(asked.map(({ answer }) => answer));
      await Promise.all(asked.map((each) => this.consume(each.one, each.answer, answered)));
    }
    this.working = false;
  }

  private request(producerId: string): Promise<Consumable> {
    const { request, rtpCapabilities } = this.ports;
    return request("sfu:consume", { producerId, rtpCapabilities }, sfuAnswers.consumed);
  }

  private async consume(
    incoming: Incoming,
    answer: Promise<Consumable>,
    allAnswered: Promise<unknown>,
  ): Promise<void> {
    const { producerId, peerId, source } = incoming;
    try {
      const { consumerId: id, kind, rtpParameters } = await answer;
      await allAnswered;
      const shared = source === "screen" || source === "screen-audio";
      const streamId = shared ? `${peerId}-screen` : peerId; // sound and picture play in step
      const options = { id, producerId, kind, rtpParameters, streamId };
      const consumer = await this.ports.transport.consume(options);
      if (!this.isWanted(incoming)) {
        consumer.close();
        if (!this.closed) this.tell("sfu:close-consumer", id);
        return;
      }
      incoming.consumer = consumer;
      this.ask(incoming);
      this.ports.onChange();
    } catch (error) {
      await this.fail(incoming, error);
    }
  }

  private async fail(incoming: Incoming, error: unknown): Promise<void> {
    if (this.closed) return;
    const code = error instanceof SignallingError ? error.code : null;
    if (code === "RATE_LIMITED") {
      await pause(AGAIN_AFTER_MS);
      this.queue(incoming);
    } else if (code === null || code === "OFFLINE" || code === "NO_ANSWER") {
      this.ports.onBroken(error);
    }
    // Else it is gone meanwhile, or of no use to this browser.
  }

  /** Tells the server how this one is seen, where that changed. */
  private ask(incoming: Incoming): void {
    const { consumer, peerId, source } = incoming;
    if (consumer === null) return;
    const isPicture = consumer.kind === "video";
    const size = isPicture ? this.ports.sizeOf(peerId, source) : undefined;
    if (size !== null && size !== undefined) this.prefer(incoming, consumer, size);
    const paused = size === null;
    if (paused === incoming.paused) return;
    incoming.paused = paused;
    this.tell(paused ? "sfu:pause-consumer" : "sfu:resume-consumer", consumer.id);
  }

  private prefer(incoming: Incoming, consumer: types.Consumer, size: TileSize): void {
    const count = layerCount(consumer.rtpParameters.encodings?.[0]?.scalabilityMode);
    if (count.spatial === 1 && count.temporal === 1) return;
    const { spatial, temporal } = layersFor(size, count);
    const asked = `${spatial} ${temporal}`;
    if (asked === incoming.asked) return;
    incoming.asked = asked;
    const { width, height } = { width: Math.round(size.width), height: Math.round(size.height) };
    const layers = { spatialLayer: spatial, temporalLayer: temporal, width, height };
    this.ports
      .request("sfu:set-preferred-layers", { consumerId: consumer.id, ...layers }, sfuAnswers.done)
      .catch(() => {
        incoming.asked = "";
      });
  }

  private tell(
    event: "sfu:pause-consumer" | "sfu:resume-consumer" | "sfu:close-consumer",
    consumerId: string,
  ): void {
    const again = async (attempts: number): Promise<void> => {
      try {
        await this.ports.request(event, { consumerId }, sfuAnswers.done);
      } catch (error) {
        const quick = error instanceof SignallingError && error.code === "RATE_LIMITED";
        if (!quick || attempts === 0 || this.closed) return;
        await pause(AGAIN_AFTER_MS);
        await again(attempts - 1);
      }
    };
    void again(5);
  }
}
