// The media of a call, peer to peer or through the SFU, and the way from one to the other: the new
// path is built while the old one goes on, and each peer moves once its picture is there.
import type { ClientEvents, Mode, ServerEvent, Shown, Source } from "~/signalling/events";
import type { RtpCapabilities } from "~/signalling/sfuEvents";
import { hasArrived, merge } from "./arrival";
import * as handover from "./handover";
import { SPEECH_LEVEL } from "./levels";
import { Mesh } from "./mesh";
import { createCell, type Observable } from "./observable";
import type { PathSample, Quality } from "./quality";
import type { Remotes, SourceStats, TransportInfo } from "./remotes";
import { SfuClient, type SfuPorts } from "./sfu/sfuClient";
import type { View } from "./sfu/views";

type Sent = "webrtc:offer" | "webrtc:answer" | "webrtc:ice" | "call:path" | "room:request-sfu";

export interface MediaPorts extends SfuPorts {
  readonly send: <N extends Sent>(event: N, payload: ClientEvents[N]) => void;
  readonly createConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  /** What a peer shows at this moment; null for a stranger. */
  readonly shown: (peerId: string) => Shown | null;
}

export type MediaRoom = {
  readonly roomId: string;
  readonly selfId: string;
  readonly iceServers: RTCIceServer[];
  /** Who was there before. */
  readonly peerIds: readonly string[];
  readonly mode: Mode;
  /** Null where there is no SFU. */
  readonly routerRtpCapabilities: RtpCapabilities | null;
};

/** The ways between a peer and the SFU, by its word. */
type Rating = {
  readonly uplink: Quality;
  readonly downlink: Quality;
  readonly rttMs: number | null;
};

const LOOK_EVERY_MS = 100;
/** A path that is broken for less than this mends without anybody noticing. */
const BROKEN_AFTER_MS = 2_000;

export class CallMedia {
  private readonly ports: MediaPorts;
  private readonly mesh: Mesh;
  private readonly sfu: SfuClient;
  private readonly remoteCell = createCell<Remotes>(new Map());
  private readonly dominantCell = createCell<string | null>(null);
  private speakers: ReadonlySet<string> = new Set();
  private readonly ratings = new Map<string, Rating>();
  private room: MediaRoom | null = null;
  private mode: Mode = "p2p";
  /** Everyone here, and whether they were here before this page. */
  private readonly peers = new Map<string, { readonly earlier: boolean }>();
  private move: handover.Handover = handover.begin("p2p", []);
  /** What came over the path of `mode`: `peerId/source`. */
  private readonly arrived = new Set<string>();
  private readonly playing = new WeakSet<MediaStreamTrack>();
  private readonly brokenCell = createCell(false);
  private brokenTimer: ReturnType<typeof setTimeout> | undefined;
  private looking: ReturnType<typeof setInterval> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(ports: MediaPorts) {
    this.ports = ports;
    this.mesh = new Mesh({
      ...ports,
      onDoubt: () => this.prepareSfu(),
      onBlocked: (peerId) => this.requestSfu(peerId),
    });
    this.sfu = new SfuClient(ports);
    this.mesh.remote.subscribe(() => this.publish());
    this.sfu.remote.subscribe(() => this.publish());
  }

  /** What is shown of the others, whatever path it takes. */
  get remote(): Observable<Remotes> {
    return this.remoteCell;
  }

  /** Who speaks most, by the SFU's word. */
  get dominant(): Observable<string | null> {
    return this.dominantCell;
  }

  /** The way to the SFU is broken for longer than one would not mind. */
  get broken(): Observable<boolean> {
    return this.brokenCell;
  }

  /** Loads what a call through the SFU needs before there is one. */
  prepareSfu(): void {
    this.sfu.prepare();
  }

  enter(room: MediaRoom): void {
    this.leave();
    this.room = room;
    this.mode = room.mode;
    for (const peerId of room.peerIds) this.peers.set(peerId, { earlier: true });
    this.move = handover.begin(room.mode, []);
    const { selfId, iceServers, peerIds } = room;
    this.mesh.enter({ selfId, iceServers, peerIds: room.mode === "p2p" ? peerIds : [] });
    if (room.mode === "sfu") this.enterSfu();
  }

  leave(): void {
    this.stopMoving();
    this.room = null;
    this.peers.clear();
    this.ratings.clear();
    this.speakers = new Set();
    this.dominantCell.set(null);
    this.mesh.leave();
    this.sfu.leave(false);
  }

  /** A peer came after this page. */
  add(peerId: string): void {
    this.peers.set(peerId, { earlier: false });
    if (this.mode === "p2p") this.mesh.add(peerId, true);
  }

  remove(peerId: string): void {
    this.peers.delete(peerId);
    this.ratings.delete(peerId);
    this.move = handover.without(this.move, peerId);
    this.mesh.remove(peerId);
    this.sfu.removePeer(peerId);
    this.forget(peerId);
    this.finish();
  }

  /** The room calls in another way from now on. */
  moveTo(mode: Mode): void {
    if (this.room === null || mode === this.mode) return;
    this.stopMoving();
    this.mode = mode;
    const both = [...this.peers.keys()].filter((peerId) => this.isCarried(peerId));
    this.move = handover.begin(mode, both);
    if (mode === "sfu") {
      for (const peerId of this.peers.keys()) if (!both.includes(peerId)) this.mesh.remove(peerId);
      this.enterSfu();
    } else {
      for (const [peerId, { earlier }] of this.peers) {
        if (this.mesh.state(peerId) === null) this.mesh.add(peerId, !earlier);
      }
    }
    this.publish();
    this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.deadline = setTimeout(() => {
      for (const peerId of this.move.open.keys()) this.closeOld(peerId);
      this.finish();
    }, handover.NO_LONGER_THAN_MS);
    this.finish();
  }

  set(source: Source, track: MediaStreamTrack | null, on: boolean): void {
    this.mesh.setTrack(source, track);
    this.sfu.set(source, { track, on });
  }

  receive(event: ServerEvent): void {
    switch (event.name) {
      case "call:path": {
        const { fromPeerId, mode } = event.payload;
        this.move = handover.hear(this.move, fromPeerId, mode);
        this.finish();
        break;
      }
      case "sfu:active-speakers":
        this.speakers = new Set(event.payload.peerIds);
        this.dominantCell.set(event.payload.dominant ?? null);
        break;
      case "sfu:quality": {
        const { peerId, uplink, downlink, rttMs = null } = event.payload;
        const rating = { uplink: Math.round(uplink), downlink: Math.round(downlink), rttMs };
        this.ratings.set(peerId, rating as Rating);
        break;
      }
      default:
        this.mesh.receive(event);
        this.sfu.receive(event);
    }
  }

  /** After the signalling came back: every path that broke looks for another one. */
  restartBroken(): void {
    this.mesh.restartBroken();
    this.sfu.restartBroken();
  }

  /** A tile for this picture: what is small or out of sight is asked for small or not at all. */
  openView(peerId: string, source: Source): View {
    return this.sfu.views.open(peerId, source);
  }

  /** The page plays this track: a person sees or hears it. */
  markPlaying(track: MediaStreamTrack): void {
    this.playing.add(track);
  }

  /** Whether this peer speaks now. */
  speaks(peerId: string): boolean {
    if (this.speakers.has(peerId)) return true;
    const mic = this.receivers(this.mode, peerId).get("mic");
    const [newest] = mic?.getSynchronizationSources() ?? [];
    return (newest?.audioLevel ?? 0) > SPEECH_LEVEL;
  }

  /** The state of the path to a peer; null for someone without one. */
  async path(peerId: string): Promise<PathSample | null> {
    return this.mode === "p2p" ? this.mesh.path(peerId) : this.sfu.path(peerId);
  }

  /** How good the SFU finds the way from this peer to here; null when it has not said. */
  rating(peerId: string): Quality | null {
    if (this.mode !== "sfu") return null;
    const from = this.ratings.get(peerId)?.uplink;
    const here = this.ratings.get(this.room?.selfId ?? "")?.downlink;
    if (from === undefined) return null;
    return Math.min(from, here ?? from) as Quality;
  }

  /** The round trip between a peer and the SFU; null when it has not said, or is not between. */
  senderRtt(peerId: string): number | null {
    return this.mode === "sfu" ? (this.ratings.get(peerId)?.rttMs ?? null) : null;
  }

  /** The layers of a picture that the SFU sends now; null when it has not said. */
  layers(peerId: string, source: Source) {
    return this.sfu.layers(peerId, source);
  }

  transports(): readonly TransportInfo[] {
    return [...this.mesh.transports(), ...this.sfu.transports()];
  }

  async getStats(): Promise<readonly SourceStats[]> {
    const selfId = this.room?.selfId ?? "";
    const [direct, relayed] = await Promise.all([this.mesh.getStats(), this.sfu.getStats(selfId)]);
    return [...direct, ...relayed];
  }

  private enterSfu(): void {
    const { room } = this;
    if (room === null || room.routerRtpCapabilities === null) return;
    const { roomId, routerRtpCapabilities, iceServers } = room;
    this.sfu.enter({ roomId, routerRtpCapabilities, iceServers });
  }

  private requestSfu(peerId: string): void {
    const canMove = this.room?.routerRtpCapabilities != null && this.mode === "p2p";
    if (canMove) this.ports.send("room:request-sfu", { peerId });
  }

  /** The path that is left carries media of this peer, so it is worth keeping for a while. */
  private isCarried(peerId: string): boolean {
    if (this.mode === "p2p") return this.sfu.remote.get().has(peerId);
    const state = this.mesh.state(peerId);
    return state === "connected" || state === "disconnected";
  }

  private receivers(mode: Mode, peerId: string): ReadonlyMap<Source, RTCRtpReceiver> {
    return mode === "p2p" ? this.mesh.receivers(peerId) : this.sfu.receivers(peerId);
  }

  /** Looks what has come over the new path, and tells the peers of whom all has. */
  private async look(): Promise<void> {
    const { mode } = this;
    for (const peerId of handover.unsaid(this.move)) {
      for (const [source, receiver] of this.receivers(mode, peerId)) {
        if (this.arrived.has(`${peerId}/${source}`)) continue;
        const arrived = hasArrived(await receiver.getStats());
        if (arrived && mode === this.mode) this.arrive(peerId, source);
      }
      // Another look, another move or the peer's end may have come meanwhile.
      if (mode !== this.mode || !handover.unsaid(this.move).includes(peerId)) continue;
      if (!this.isComplete(peerId)) continue;
      this.move = handover.say(this.move, peerId);
      this.ports.send("call:path", { targetPeerId: peerId, mode });
      this.finish();
    }
  }

  private arrive(peerId: string, source: Source): void {
    this.arrived.add(`${peerId}/${source}`);
    this.publish();
  }

  /** Everything that the peer shows has come, but for what is out of sight here. */
  private isComplete(peerId: string): boolean {
    const shown = this.ports.shown(peerId);
    if (shown === null) return false;
    const live: Source[] = [];
    if (shown.audio) live.push("mic");
    if (shown.video) live.push("camera");
    if (shown.screen) live.push("screen");
    const { mode } = this;
    if (live.length > 0) return live.every((source) => this.isThere(peerId, source));
    return mode === "p2p"
      ? this.mesh.state(peerId) === "connected"
      : this.sfu.transports().length > 0;
  }

  /** It came, and where a tile shows it or a speaker plays it, it is to be seen or heard. */
  private isThere(peerId: string, source: Source): boolean {
    const size = this.sfu.views.size(peerId, source);
    if (size === null && this.mode === "sfu") return true; // out of sight, so it is not sent
    if (!this.arrived.has(`${peerId}/${source}`)) return false;
    const track = this.remoteCell.get().get(peerId)?.tracks.get(source);
    return !size || track === undefined || this.playing.has(track);
  }

  /** Closes the old paths that have done their work, and ends the move after the last one. */
  private finish(): void {
    for (const peerId of handover.done(this.move)) this.closeOld(peerId);
    if (this.move.open.size > 0) return;
    this.stopMoving();
    if (this.mode === "p2p" && this.sfu.entered) this.sfu.leave(true);
  }

  private closeOld(peerId: string): void {
    this.move = handover.without(this.move, peerId);
    if (this.mode === "sfu") this.mesh.remove(peerId);
    else this.sfu.drop(peerId);
  }

  private stopMoving(): void {
    clearInterval(this.looking);
    clearTimeout(this.deadline);
    this.arrived.clear();
    this.move = handover.begin(this.mode, []);
  }

  private forget(peerId: string): void {
    for (const key of this.arrived) if (key.startsWith(`${peerId}/`)) this.arrived.delete(key);
  }

  private publish(): void {
    const paths = { p2p: this.mesh.remote.get(), sfu: this.sfu.remote.get() };
    const arrived = (peerId: string, source: Source) => this.arrived.has(`${peerId}/${source}`);
    this.remoteCell.set(merge(paths, this.mode, arrived));
    this.watchSfu();
  }

  private watchSfu(): void {
    if (!this.sfu.broken) {
      clearTimeout(this.brokenTimer);
      this.brokenTimer = undefined;
      this.brokenCell.set(false);
    }
    if (this.sfu.broken) {
      this.brokenTimer ??= setTimeout(() => this.brokenCell.set(true), BROKEN_AFTER_MS);
    }
  }
}
