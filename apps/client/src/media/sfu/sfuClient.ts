// The call through the SFU for as long as it is wanted: joins, and joins again when a stay broke.
import type { types } from "mediasoup-client";
import { createCell, type Observable } from "~/media/observable";
import { addPaths, type PathSample, readPath } from "~/media/quality";
import type { Remotes, SourceStats } from "~/media/remotes";
import type { ServerEvent, Source } from "~/signalling/events";
import type { Request } from "~/signalling/signalling";
import type { Layers } from "./layers";
import type { LocalSource } from "./publisher";
import { type SfuRoom, SfuSession } from "./sfuSession";
import { Views } from "./views";

export interface SfuPorts {
  readonly request: Request;
  /** Loads mediasoup-client, which a call peer to peer does without. */
  readonly createDevice: () => Promise<types.Device>;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;

export type SfuTransport = {
  readonly id: string;
  readonly direction: "send" | "recv";
  readonly state: RTCPeerConnectionState;
};

export class SfuClient {
  readonly views = new Views((peerId, source) => this.session?.subscriber.adapt(peerId, source));
  private readonly ports: SfuPorts;
  private readonly local = new Map<Source, LocalSource>();
  private readonly remoteCell = createCell<Remotes>(new Map());
  private room: SfuRoom | null = null;
  private session: SfuSession | null = null;
  /** Made ahead, for the stay that comes next. */
  private device: Promise<types.Device> | null = null;
  /** What the server told while a stay was on its way. */
  private early: ServerEvent[] = [];
  private turn = 0;
  private attempt = 0;
  private joining = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(ports: SfuPorts) {
    this.ports = ports;
  }

  get remote(): Observable<Remotes> {
    return this.remoteCell;
  }

  get entered(): boolean {
    return this.room !== null;
  }

  /** Loads what a stay needs before there is one, so that it begins at once. */
  prepare(): void {
    if (this.device !== null || this.room !== null) return;
    const device = this.ports.createDevice();
    this.device = device;
    device.catch(() => {
      if (this.device === device) this.device = null; // the stay itself tries again
    });
  }

  /** A stay that still goes on takes up again what it dropped. */
  enter(room: SfuRoom): void {
    if (this.room?.roomId === room.roomId) {
      this.session?.subscriber.takeAll();
      return;
    }
    this.leave(false);
    this.room = room;
    void this.join(room);
  }

  /** `tell`: the peer stays in the room. */
  leave(tell: boolean): void {
    clearTimeout(this.retryTimer);
    this.turn++;
    this.room = null;
    this.joining = false;
    this.attempt = 0;
    this.end(tell);
  }

  /** Wanted, and without a path: the stay is over, or its transports look for another one. */
  get broken(): boolean {
    if (this.room === null) return false;
    if (this.session === null) return this.attempt > 0;
    return this.session.transports.some(
      ({ connectionState: state }) => state === "disconnected" || state === "failed",
    );
  }

  set(source: Source, local: LocalSource): void {
    const before = this.local.get(source);
    if (before?.track === local.track && before.on === local.on) return;
    this.local.set(source, local);
    this.session?.set(source, local);
  }

  receive(event: ServerEvent): void {
    if (this.session !== null) this.session.receive(event);
    else if (this.joining && event.name.startsWith("sfu:")) this.early.push(event);
  }

  removePeer(peerId: string): void {
    this.views.forget(peerId);
    this.session?.subscriber.removePeer(peerId);
  }

  /** Another path carries this peer now. */
  drop(peerId: string): void {
    this.session?.subscriber.drop(peerId);
  }

  /** After the signalling came back. */
  restartBroken(): void {
    if (this.room === null || this.joining) return;
    if (this.session === null) void this.join(this.room);
    else this.session.restartBroken();
  }

  receivers(peerId: string): ReadonlyMap<Source, RTCRtpReceiver> {
    const found = new Map<Source, RTCRtpReceiver>();
    for (const { source, consumer } of this.session?.subscriber.of(peerId) ?? []) {
      if (consumer?.rtpReceiver !== undefined) found.set(source, consumer.rtpReceiver);
    }
    return found;
  }

  layers(peerId: string, source: Source): Layers | null {
    const all = this.session?.subscriber.of(peerId) ?? [];
    return all.find((one) => one.source === source)?.layers ?? null;
  }

  transports(): readonly SfuTransport[] {
    return (this.session?.transports ?? []).map(({ id, direction, connectionState }) => ({
      id,
      direction,
      state: connectionState,
    }));
  }

  async getStats(selfId: string): Promise<readonly SourceStats[]> {
    const asked: Promise<SourceStats>[] = [];
    for (const [source, producer] of this.session?.publisher.sending() ?? []) {
      if (producer.track === null) continue;
      const stats = producer.getStats();
      asked.push(stats.then((report) => ({ peerId: selfId, source, direction: "send", report })));
    }
    for (const { peerId, source, consumer } of this.session?.subscriber.all() ?? []) {
      const stats = consumer?.getStats();
      if (stats === undefined) continue;
      asked.push(stats.then((report) => ({ peerId, source, direction: "recv", report })));
    }
    const settled = await Promise.allSettled(asked); // some may end meanwhile
    return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  /** What arrived of a peer so far, and the round trip to the SFU; null without anything of it. */
  async path(peerId: string): Promise<PathSample | null> {
    const all = this.session?.subscriber.of(peerId) ?? [];
    const reports = all.flatMap(({ consumer }) => (consumer === null ? [] : consumer.getStats()));
    if (reports.length === 0) return null;
    return addPaths((await Promise.all(reports)).map(readPath));
  }

  private async join(room: SfuRoom): Promise<void> {
    const turn = ++this.turn;
    this.joining = true;
    try {
      const session = await SfuSession.join(room, {
        request: this.ports.request,
        device: this.takeDevice() ?? this.ports.createDevice(),
        sizeOf: (peerId, source) => this.views.size(peerId, source),
        onChange: () => this.publish(),
        onBroken: () => {
          if (turn !== this.turn) return;
          this.end(false); // the next sfu:join ends everything of this one on the server
          this.retry(room);
        },
      });
      if (turn !== this.turn) return session.close(false);
      this.joining = false;
      this.session = session;
      for (const event of this.early.splice(0)) session.receive(event);
      for (const [source, local] of this.local) session.set(source, local);
      this.publish();
    } catch {
      if (turn === this.turn) this.retry(room);
    }
  }

  private takeDevice(): Promise<types.Device> | null {
    const { device } = this;
    this.device = null;
    return device;
  }

  private retry(room: SfuRoom): void {
    this.joining = false;
    clearTimeout(this.retryTimer);
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.attempt++, LONGEST_RETRY_MS);
    this.retryTimer = setTimeout(() => void this.join(room), delay);
    this.publish();
  }

  private end(tell: boolean): void {
    this.early = [];
    this.session?.close(tell);
    this.session = null;
    this.publish();
  }

  private publish(): void {
    const remotes = new Map<string, Map<Source, MediaStreamTrack>>();
    for (const { peerId, source, consumer } of this.session?.subscriber.all() ?? []) {
      if (consumer === null) continue;
      const tracks = remotes.get(peerId) ?? new Map<Source, MediaStreamTrack>();
      remotes.set(peerId, tracks.set(source, consumer.track));
    }
    const state = this.session?.state ?? "new";
    if (state === "connected") this.attempt = 0;
    this.remoteCell.set(new Map([...remotes].map(([id, tracks]) => [id, { state, tracks }])));
  }
}
