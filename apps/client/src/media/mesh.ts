// The peer-to-peer call: one link to every other peer, all of them sending the same tracks.
import type { ClientEvents, ServerEvent, Shown, Source } from "~/signalling/events";
import { cameraEncoding } from "./encoding";
import { createCell, type Observable } from "./observable";
import { type LocalTracks, PeerLink, type Signal } from "./peerLink";
import type { PathSample } from "./quality";
import type { Remote, Remotes, SourceStats, TransportInfo } from "./remotes";

type Relay = <N extends "webrtc:offer" | "webrtc:answer" | "webrtc:ice">(
  event: N,
  payload: ClientEvents[N],
) => void;

export interface MeshPorts {
  readonly send: Relay;
  readonly createConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  /** What a peer shows at this moment; null for a stranger. */
  readonly shown: (peerId: string) => Shown | null;
  /** A direct path may be cut. */
  readonly onDoubt: () => void;
  /** No direct path to this peer is found, or the one that was there is cut. */
  readonly onBlocked: (peerId: string) => void;
}

export type Room = {
  readonly selfId: string;
  readonly iceServers: RTCIceServer[];
  readonly peerIds: readonly string[];
};

export class Mesh {
  private readonly ports: MeshPorts;
  private readonly links = new Map<string, PeerLink>();
  private readonly tracks = new Map<Source, MediaStreamTrack>();
  private readonly remoteCell = createCell<Remotes>(new Map());
  private room: Room = { selfId: "", iceServers: [], peerIds: [] };

  constructor(ports: MeshPorts) {
    this.ports = ports;
  }

  get remote(): Observable<Remotes> {
    return this.remoteCell;
  }

  /** Starts anew in a room whose peers were there first: they will offer. */
  enter(room: Room): void {
    this.leave();
    this.room = room;
    for (const peerId of room.peerIds) this.link(peerId, false);
  }

  /** A link to a peer, offered by whoever of the two was in the room first. */
  add(peerId: string, offers: boolean): void {
    this.links.get(peerId)?.close();
    this.link(peerId, offers);
  }

  /** Of the link to a peer; null without one. */
  state(peerId: string): RTCPeerConnectionState | null {
    return this.links.get(peerId)?.state ?? null;
  }

  remove(peerId: string): void {
    this.links.get(peerId)?.close();
    this.links.delete(peerId);
    this.publish();
  }

  leave(): void {
    for (const link of this.links.values()) link.close();
    this.links.clear();
    this.publish();
  }

  setTrack(source: Source, track: MediaStreamTrack | null): void {
    if ((this.tracks.get(source) ?? null) === track) return;
    if (track === null) this.tracks.delete(source);
    else this.tracks.set(source, track);
    for (const link of this.links.values()) link.setTrack(source, track);
  }

  /** Signals from whom we have no link to are late or false: nothing happens. */
  receive(event: ServerEvent): void {
    if (event.name === "webrtc:offer") {
      this.pass(event.payload.fromPeerId, {
        kind: "description",
        description: event.payload.offer,
      });
    }
    if (event.name === "webrtc:answer") {
      this.pass(event.payload.fromPeerId, {
        kind: "description",
        description: event.payload.answer,
      });
    }
    if (event.name === "webrtc:ice") {
      this.pass(event.payload.fromPeerId, {
        kind: "candidate",
        candidate: event.payload.candidate,
      });
    }
  }

  /** After the network came back: every link that broke looks for a new path. */
  restartBroken(): void {
    for (const link of this.links.values()) {
      if (link.state === "disconnected" || link.state === "failed") link.restartIce();
    }
  }

  transports(): readonly TransportInfo[] {
    return [...this.links.values()].map(({ peerId, state }) => ({
      id: `p2p-${peerId}`,
      direction: "p2p",
      peerId,
      state,
    }));
  }

  async getStats(): Promise<readonly SourceStats[]> {
    const asked: Promise<SourceStats>[] = [];
    for (const { peerId, ...link } of this.entries()) {
      for (const [source, { sender }] of link.sending) {
        asked.push(
          sender.getStats().then((report) => ({ peerId, source, direction: "send", report })),
        );
      }
      for (const [source, { receiver }] of link.receiving) {
        asked.push(
          receiver.getStats().then((report) => ({ peerId, source, direction: "recv", report })),
        );
      }
    }
    return Promise.all(asked);
  }

  receivers(peerId: string): ReadonlyMap<Source, RTCRtpReceiver> {
    const lines = this.links.get(peerId)?.receiving() ?? [];
    return new Map([...lines].map(([source, { receiver }]) => [source, receiver]));
  }

  /** The state of the path to a peer; null for someone without one. */
  async path(peerId: string): Promise<PathSample | null> {
    return (await this.links.get(peerId)?.path()) ?? null;
  }

  private entries() {
    return [...this.links.values()].map((link) => ({
      peerId: link.peerId,
      sending: link.sending(),
      receiving: link.receiving(),
    }));
  }

  private pass(fromPeerId: string, signal: Signal): void {
    void this.links.get(fromPeerId)?.receive(signal);
  }

  private link(peerId: string, offers: boolean): void {
    const { selfId, iceServers } = this.room;
    const link = new PeerLink({
      peerId,
      polite: selfId < peerId, // ids are ASCII: this is the order of their bytes
      offers,
      connection: this.ports.createConnection({ iceServers, bundlePolicy: "max-bundle" }),
      tracks: (): LocalTracks => this.tracks,
      send: (signal) => this.relay(peerId, signal),
      onChange: () => this.publish(),
      isSending: () => {
        const shown = this.ports.shown(peerId);
        return shown !== null && (shown.audio || shown.video);
      },
      onDoubt: () => this.ports.onDoubt(),
      onBlocked: () => this.ports.onBlocked(peerId),
      onUnfit: (description) => {
        this.links.get(peerId)?.close();
        this.link(peerId, false);
        this.pass(peerId, { kind: "description", description });
      },
    });
    this.links.set(peerId, link);
  }

  private relay(targetPeerId: string, signal: Signal): void {
    const { send } = this.ports;
    if (signal.kind === "candidate") {
      send("webrtc:ice", { targetPeerId, candidate: signal.candidate });
    } else if (signal.description.type === "offer") {
      send("webrtc:offer", { targetPeerId, offer: signal.description });
    } else send("webrtc:answer", { targetPeerId, answer: signal.description });
  }

  private publish(): void {
    const remotes = new Map<string, Remote>();
    const limits = cameraEncoding(this.links.size);
    for (const [peerId, link] of this.links) {
      remotes.set(peerId, { state: link.state, tracks: link.remoteTracks() });
      link.limitCamera(limits);
    }
    this.remoteCell.set(remotes);
  }
}
