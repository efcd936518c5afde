// One stay in the SFU: two transports, this person's producers and everyone's consumers. When a
// transport loses its path it looks for another one; when that fails the stay is over, and its
// owner begins a new one.
import type { types } from "mediasoup-client";
import type { ServerEvent, Source } from "~/signalling/events";
import { type RtpCapabilities, sfuAnswers, type TransportParameters } from "~/signalling/sfuEvents";
import { type Request, SignallingError } from "~/signalling/signalling";
import { codecChoice } from "./codecChoice";
import { videoCodec } from "./encodings";
import type { TileSize } from "./layers";
import { type LocalSource, Publisher } from "./publisher";
import { relaysOf } from "./relays";
import { Subscriber } from "./subscriber";

export type SfuRoom = {
  readonly roomId: string;
  readonly routerRtpCapabilities: RtpCapabilities;
  readonly iceServers: RTCIceServer[];
};

export interface SessionPorts {
  readonly request: Request;
  readonly device: Promise<types.Device>;
  readonly sizeOf: (peerId: string, source: Source) => TileSize | null | undefined;
  readonly onChange: () => void;
  /** Nothing more will come of this stay. */
  readonly onBroken: () => void;
}

export class SfuSession {
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  private readonly ports: SessionPorts;
  private readonly sending: types.Transport;
  private readonly receiving: types.Transport;
  private readonly restarting = new Set<types.Transport>();
  private closed = false;

  /** @throws SignallingError and what mediasoup-client throws */
  static async join(room: SfuRoom, ports: SessionPorts): Promise<SfuSession> {
    const device = await ports.device;
    await device.load({ routerRtpCapabilities: room.routerRtpCapabilities });
    const asked = { roomId: room.roomId, rtpCapabilities: device.recvRtpCapabilities };
    const joined = await ports.request("sfu:join", asked, sfuAnswers.joined);
    const session = new SfuSession(device, room, joined, ports);
    session.subscriber.addAll(joined.producers);
    return session;
  }

  private constructor(
    device: types.Device,
    room: SfuRoom,
    joined: { sendTransport: TransportParameters; recvTransport: TransportParameters },
    ports: SessionPorts,
  ) {
    this.ports = ports;
    const { request, sizeOf, onChange } = ports;
    const iceServers = relaysOf(room.iceServers);
    this.sending = device.createSendTransport({ ...joined.sendTransport, iceServers });
    this.receiving = device.createRecvTransport({ ...joined.recvTransport, iceServers });
    for (const transport of [this.sending, this.receiving]) this.follow(transport);
    this.sending.on("produce", ({ kind, rtpParameters, appData }, done, fail) => {
      const { source, paused } = appData as { source: Source; paused: boolean };
      const transportId = this.sending.id;
      const payload = { transportId, kind, rtpParameters, paused, appData: { source } };
      request("sfu:produce", payload, sfuAnswers.produced).then(
        ({ producerId }) => done({ id: producerId }),
        fail,
      );
    });
    const onBroken = () => this.break();
    this.publisher = new Publisher({
      transport: this.sending,
      request,
      videoCodec: videoCodec(device.sendRtpCapabilities, codecChoice.get()),
      temporal: !device.handlerName.startsWith("Firefox"),
      onBroken,
    });
    this.subscriber = new Subscriber({
      transport: this.receiving,
      request,
      rtpCapabilities: device.recvRtpCapabilities,
      sizeOf,
      onChange,
      onBroken,
    });
  }

  /** Of the transport that receives, which is what a person notices. */
  get state(): RTCPeerConnectionState {
    return this.receiving.connectionState;
  }

  get transports(): readonly types.Transport[] {
    return [this.sending, this.receiving];
  }

  receive(event: ServerEvent): void {
    const { subscriber, publisher } = this;
    if (event.name === "sfu:producer-created") subscriber.add(event.payload);
    if (event.name === "sfu:producer-closed") {
      const { producerId } = event.payload;
      // Told of one's own only where the room has moved, to a server that knows nothing of this stay.
      if (publisher.owns(producerId)) this.break();
      else subscriber.remove(producerId);
    }
    if (event.name === "sfu:layers-changed") {
      const { consumerId, spatialLayer: spatial, temporalLayer: temporal } = event.payload;
      subscriber.setLayers(
        consumerId,
        spatial == null ? null : { spatial, temporal: temporal ?? 0 },
      );
    }
    if (event.name === "sfu:set-encodings") {
      publisher.setEncodings(event.payload.producerId, event.payload.encodings);
    }
  }

  set(source: Source, local: LocalSource): void {
    this.publisher.set(source, local);
  }

  /** After the network came back: transports that broke look for a new path. */
  restartBroken(): void {
    for (const transport of this.transports) {
      const { connectionState } = transport;
      if (connectionState === "disconnected" || connectionState === "failed") {
        void this.restartIce(transport);
      }
    }
  }

  /** `tell`: the server does not see this peer go, so it is told what ends. */
  close(tell: boolean): void {
    if (this.closed) return;
    this.closed = true;
    this.publisher.close(tell);
    this.subscriber.close();
    for (const transport of this.transports) transport.close();
  }

  private follow(transport: types.Transport): void {
    const { id: transportId } = transport;
    // The server has it long before the path: nothing waits for its answer.
    transport.on("connect", ({ dtlsParameters }, done) => {
      const payload = { transportId, dtlsParameters };
      this.ports
        .request("sfu:connect-transport", payload, sfuAnswers.done)
        .catch(() => this.break());
      done();
    });
    transport.on("connectionstatechange", (state) => {
      if (this.closed) return;
      if (state === "disconnected") void this.restartIce(transport);
      if (state === "failed") this.break();
      this.ports.onChange();
    });
  }

  private async restartIce(transport: types.Transport): Promise<void> {
    if (this.closed || this.restarting.has(transport)) return;
    this.restarting.add(transport);
    try {
      const asked = { transportId: transport.id };
      const answer = await this.ports.request("sfu:restart-ice", asked, sfuAnswers.iceRestarted);
      if (!this.closed) await transport.restartIce(answer);
    } catch (error) {
      // The server does not know it any more. Without signalling the next connection asks again;
      // without a path the state gets `failed`.
      if (error instanceof SignallingError && error.code === "SFU_ERROR") this.break();
    } finally {
      this.restarting.delete(transport);
    }
  }

  private break(): void {
    if (!this.closed) this.ports.onBroken();
  }
}
