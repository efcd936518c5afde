// The SFU without a network: mediasoup-client itself with its own fake handler, and a server that
// answers what the page asks and remembers it.
import { Device, type types } from "mediasoup-client";
import {
  generateConsumerRemoteParameters,
  generateLocalDtlsParameters,
  generateNativeRtpCapabilities,
  generateRouterRtpCapabilities,
  generateTransportRemoteParameters,
} from "mediasoup-client/fakeParameters";
import { FakeHandler } from "mediasoup-client/handlers/FakeHandler";
import { quicken } from "~/media/sfu/device";
import type { Source } from "~/signalling/events";
import type { RemoteProducer } from "~/signalling/sfuEvents";
import { type Request, type RequestFailure, SignallingError } from "~/signalling/signalling";

export const routerRtpCapabilities = generateRouterRtpCapabilities();

export function remoteProducer(peerId: string, source: Source): RemoteProducer {
  const kind = source === "mic" || source === "screen-audio" ? "audio" : "video";
  return { producerId: `${peerId}-${source}`, peerId, kind, appData: { source } };
}

/** What a browser's sender keeps of its layers. */
class FakeSender {
  encodings: Array<{ rid: string; active: boolean }>;

  constructor(count: number) {
    this.encodings = Array.from({ length: count }, (_, i) => ({ rid: `r${i}`, active: true }));
  }

  getParameters() {
    return { encodings: this.encodings.map((one) => ({ ...one })) };
  }

  async setParameters({ encodings }: { encodings: Array<{ rid: string; active: boolean }> }) {
    this.encodings = encodings;
  }
}

export class FakeSfu {
  /** Each request: its event, then its payload. */
  readonly asked: Array<[string, Record<string, unknown>]> = [];
  readonly handlers: FakeHandler[] = [];
  /** By the label of the track that was first sent. */
  readonly senders = new Map<string, FakeSender>();
  /** What is in the room when the page joins. */
  producers: RemoteProducer[] = [];
  /** The next requests of an event are refused with these codes. */
  readonly refusals = new Map<string, RequestFailure[]>();
  /** Requests of this event get no answer. */
  unanswered: string | null = null;
  scalabilityMode = "L3T3";
  /** Whether frames and packets of the others come through. */
  flowing = false;
  /** Whether a transport that receives finds its path. */
  connects = true;
  /** How many streams each negotiation of what comes in was about. */
  readonly negotiated: number[] = [];
  private nextId = 0;

  readonly request = (async (event, payload, schema) => {
    this.asked.push([event, payload as Record<string, unknown>]);
    await new Promise((done) => event !== this.unanswered && setTimeout(done));
    const refusal = this.refusals.get(event)?.shift();
    if (refusal !== undefined) throw new SignallingError(refusal);
    return schema.parse(this.answer(event, payload as Record<string, unknown>));
  }) as Request;

  readonly createDevice = async (): Promise<types.Device> =>
    new Device({ handlerFactory: quicken(this.handlerFactory()) });

  /** As mediasoup-client has one for each browser. */
  handlerFactory(): types.HandlerFactory {
    const made = FakeHandler.createFactory({
      generateNativeRtpCapabilities,
      generateLocalDtlsParameters,
    });
    const factory: types.HandlerFactory["factory"] = (options) => {
      const handler = made.factory(options) as FakeHandler;
      const receive = handler.receive.bind(handler);
      handler.receive = async (list) => {
        this.negotiated.push(list.length);
        const results = await receive(list);
        if (this.connects) handler.setConnectionState("connected");
        return results.map((one, i) => ({ ...one, rtpReceiver: this.receiver(list[i]?.kind) }));
      };
      const send = handler.send.bind(handler);
      handler.send = async (options) => {
        const sender = new FakeSender(options.encodings?.length ?? 1);
        this.senders.set(options.track.label, sender);
        return { ...(await send(options)), rtpSender: sender as unknown as RTCRtpSender };
      };
      this.handlers.push(handler);
      return handler;
    };
    return { ...made, factory };
  }

  names(): string[] {
    return this.asked.map(([event]) => event);
  }

  /** The payloads of one event. */
  of(event: string): Array<Record<string, unknown>> {
    return this.asked.filter(([name]) => name === event).map(([, payload]) => payload);
  }

  private receiver(kind: string | undefined): RTCRtpReceiver {
    const count = () => (this.flowing ? 5 : 0);
    const report = () =>
      new Map([
        ["in", { type: "inbound-rtp", kind, framesDecoded: count(), packetsReceived: count() }],
      ]);
    const receiver = { getStats: async () => report(), getSynchronizationSources: () => [] };
    return receiver as unknown as RTCRtpReceiver;
  }

  private answer(event: string, payload: Record<string, unknown>): unknown {
    switch (event) {
      case "sfu:join":
        return {
          sendTransport: generateTransportRemoteParameters(),
          recvTransport: generateTransportRemoteParameters(),
          producers: this.producers,
        };
      case "sfu:produce":
        return { producerId: `own-${(payload["appData"] as { source: string }).source}` };
      case "sfu:restart-ice":
        return { iceParameters: { usernameFragment: "new", password: "p" } };
      case "sfu:consume": {
        const { producerId } = payload as { producerId: string };
        const codecMimeType = producerId.endsWith("mic") ? "audio/opus" : "video/VP8";
        const { kind, rtpParameters } = generateConsumerRemoteParameters({ codecMimeType });
        const [encoding] = rtpParameters.encodings ?? [];
        const encodings = [{ ...encoding, scalabilityMode: this.scalabilityMode }];
        const consumerId = `consumer-${producerId}-${this.nextId++}`;
        return { consumerId, kind, rtpParameters: { ...rtpParameters, encodings } };
      }
      default:
        return {};
    }
  }
}
