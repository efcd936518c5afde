// One RTCPeerConnection to one peer, with perfect negotiation (W3C WebRTC section 10.7): either
// side may renegotiate at any moment, and of two offers that cross the polite side's gives way.
//
// Microphone and camera have one sendrecv transceiver each for the whole call, so muting and
// changing devices never renegotiate. Screen and its sound get a sendonly one when first shared.
import type { Description, Source } from "~/signalling/events";
import { type CameraEncoding, limitSender } from "./encoding";
import { LossWatch } from "./lossWatch";
import { PathWatch } from "./pathWatch";
import { type PathSample, readPath } from "./quality";
import { preferRedundancy } from "./redundancy";
import { guessSources, lasting, passing } from "./sources";

export type Signal =
  | { readonly kind: "description"; readonly description: Description }
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit | null };

export type LocalTracks = ReadonlyMap<Source, MediaStreamTrack>;

export interface LinkOptions {
  readonly peerId: string;
  /** Of two offers that cross, the polite side's gives way. */
  readonly polite: boolean;
  /** The peer who was in the room first makes the first offer. */
  readonly offers: boolean;
  readonly connection: RTCPeerConnection;
  readonly tracks: () => LocalTracks;
  readonly send: (signal: Signal) => void;
  readonly onChange: () => void;
  /** By its word the other side sends sound or a picture. */
  readonly isSending: () => boolean;
  /** Nothing comes over the path for a while. */
  readonly onDoubt: () => void;
  /** No path to the other side is found, or the one that was there is cut. */
  readonly onBlocked: () => void;
  /** The other side began anew: its offer does not fit this connection, only a fresh one. */
  readonly onUnfit: (offer: Description) => void;
}

const RESTART_AFTER_MS = 4_000;
/** Whoever waits for an offer for longer than this makes one; a crossing is settled as usual. */
const OFFER_OVERDUE_MS = 5_000;
/** An offer without an answer for this long was lost on the way, and is sent again. */
const ANSWER_OVERDUE_MS = 6_000;

export class PeerLink {
  readonly peerId: string;
  private readonly options: LinkOptions;
  private readonly pc: RTCPeerConnection;
  private readonly pathWatch: PathWatch;
  private readonly lossWatch: LossWatch;
  private readonly own = new Map<Source, RTCRtpTransceiver>();
  private readonly streams = { call: new MediaStream(), screen: new MediaStream() };
  private remoteSources: Readonly<Record<string, Source>> = {};
  private makingOffer = false;
  private ignoringOffer = false;
  private settingAnswer = false;
  private inbox: Promise<void> = Promise.resolve();
  private restartTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly overdueTimer: ReturnType<typeof setTimeout>;
  private answerTimer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(options: LinkOptions) {
    this.options = options;
    this.peerId = options.peerId;
    this.pc = options.connection;
    this.pc.addEventListener("negotiationneeded", () => void this.offer());
    this.pc.addEventListener("icecandidate", ({ candidate }) => {
      options.send({ kind: "candidate", candidate: candidate?.toJSON() ?? null });
    });
    this.pc.addEventListener("connectionstatechange", () => this.onConnectionState());
    this.pathWatch = new PathWatch(this.pc, options.onBlocked);
    this.lossWatch = new LossWatch(this.pc, {
      isSending: options.isSending,
      onDoubt: () => {
        this.restartIce();
        options.onDoubt();
      },
      onLost: options.onBlocked,
    });
    if (options.offers) this.addMissing();
    this.overdueTimer = setTimeout(() => this.addMissing(), OFFER_OVERDUE_MS);
  }

  get state(): RTCPeerConnectionState {
    return this.pc.connectionState;
  }

  /** Puts `track` in the place of what was sent as `source`; null sends nothing there. */
  setTrack(source: Source, track: MediaStreamTrack | null): void {
    const transceiver = this.own.get(source);
    if (transceiver === undefined) {
      const negotiated = this.pc.remoteDescription !== null || this.options.offers;
      if (track !== null && negotiated && passing.includes(source)) this.addPassing(source, track);
      return;
    }
    void transceiver.sender.replaceTrack(track).catch(() => {});
    if (passing.includes(source)) transceiver.direction = track === null ? "inactive" : "sendonly";
  }

  /** Signals are handled one after the other, in the order they came. */
  receive(signal: Signal): Promise<void> {
    this.lossWatch.hear();
    this.inbox = this.inbox.then(async () => {
      if (this.closed) return;
      try {
        if (signal.kind === "description") await this.receiveDescription(signal.description);
        else await this.receiveCandidate(signal.candidate);
      } catch {
        this.onMisfit(signal);
      }
    });
    return this.inbox;
  }

  /** Looks for a new path. A link that was never negotiated has none to restart. */
  restartIce(): void {
    if (!this.closed && this.pc.remoteDescription !== null) this.pc.restartIce();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.restartTimer);
    clearTimeout(this.overdueTimer);
    clearTimeout(this.answerTimer);
    this.pathWatch.close();
    this.lossWatch.close();
    this.pc.close();
  }

  /** What arrived over this link so far, and how long a round trip takes. */
  async path(): Promise<PathSample> {
    return readPath(await this.pc.getStats());
  }

  limitCamera(limits: CameraEncoding): void {
    const sender = this.own.get("camera")?.sender;
    if (sender !== undefined && !this.closed) void limitSender(sender, limits);
  }

  /** What the other side sends now, by source. A muted microphone is still there. */
  remoteTracks(): ReadonlyMap<Source, MediaStreamTrack> {
    const tracks = new Map<Source, MediaStreamTrack>();
    for (const [source, transceiver] of this.receiving()) {
      tracks.set(source, transceiver.receiver.track);
    }
    return tracks;
  }

  /** The transceivers on which the other side sends, by source. */
  receiving(): ReadonlyMap<Source, RTCRtpTransceiver> {
    const found = new Map<Source, RTCRtpTransceiver>();
    for (const transceiver of this.pc.getTransceivers()) {
      const direction = transceiver.currentDirection;
      if (direction !== "sendrecv" && direction !== "recvonly") continue;
      const source = this.remoteSources[transceiver.mid ?? ""];
      if (source !== undefined) found.set(source, transceiver);
    }
    return found;
  }

  /** The transceivers on which this side sends, by source. */
  sending(): ReadonlyMap<Source, RTCRtpTransceiver> {
    return new Map([...this.own].filter(([, transceiver]) => transceiver.sender.track !== null));
  }

  private addMissing(): void {
    const tracks = this.options.tracks();
    for (const source of lasting) {
      if (this.own.has(source)) continue;
      const track = tracks.get(source);
      const kind = source === "mic" ? "audio" : "video";
      const init: RTCRtpTransceiverInit = { direction: "sendrecv", streams: [this.streams.call] };
      const transceiver = this.pc.addTransceiver(track ?? kind, init);
      if (source === "mic") preferRedundancy(transceiver);
      this.own.set(source, transceiver);
    }
    for (const source of passing) {
      const track = tracks.get(source);
      if (track !== undefined && !this.own.has(source)) this.addPassing(source, track);
    }
  }

  private addPassing(source: Source, track: MediaStreamTrack): void {
    const init: RTCRtpTransceiverInit = { direction: "sendonly", streams: [this.streams.screen] };
    this.own.set(source, this.pc.addTransceiver(track, init));
  }

  private async offer(): Promise<void> {
    try {
      this.makingOffer = true;
      await this.pc.setLocalDescription();
      this.sendLocalDescription();
    } catch {
      // The connection closed, or an offer from the other side came first: it will be asked again.
    } finally {
      this.makingOffer = false;
    }
  }

  private async receiveDescription(description: Description): Promise<void> {
    const ready = !this.makingOffer && (this.pc.signalingState === "stable" || this.settingAnswer);
    const collides = description.type === "offer" && !ready;
    this.ignoringOffer = collides && !this.options.polite;
    if (this.ignoringOffer) return;

    this.settingAnswer = description.type === "answer";
    try {
      await this.pc.setRemoteDescription({ type: description.type, sdp: description.sdp });
    } finally {
      this.settingAnswer = false;
    }
    this.remoteSources = description.sources ?? guessSources(this.pc.getTransceivers());
    if (description.type === "offer") {
      this.adopt();
      await this.pc.setLocalDescription();
      this.sendLocalDescription();
      this.addMissing();
    }
    this.options.onChange();
  }

  private async receiveCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    this.pathWatch.hear(candidate);
    try {
      await this.pc.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      if (!this.ignoringOffer) throw error;
    }
  }

  /** Sends our microphone and camera on the m-lines that the other side offered for its own. */
  private adopt(): void {
    const tracks = this.options.tracks();
    for (const transceiver of this.pc.getTransceivers()) {
      const source = this.remoteSources[transceiver.mid ?? ""];
      if (source === undefined || !lasting.includes(source)) continue;
      const before = this.own.get(source);
      if (before === transceiver) continue;
      // A transceiver without a mid is what our own offer left behind when it gave way.
      if (before !== undefined && before.mid !== null) continue;
      before?.stop();
      this.own.set(source, transceiver);
      transceiver.direction = "sendrecv";
      transceiver.sender.setStreams?.(this.streams.call);
      if (source === "mic") preferRedundancy(transceiver);
      void transceiver.sender.replaceTrack(tracks.get(source) ?? null).catch(() => {});
    }
  }

  private sendLocalDescription(): void {
    const local = this.pc.localDescription;
    if (this.closed || local === null) return;
    const sources: Record<string, Source> = {};
    for (const [source, { mid }] of this.own) if (mid !== null) sources[mid] = source;
    const type = local.type === "answer" ? "answer" : "offer";
    this.options.send({ kind: "description", description: { type, sdp: local.sdp, sources } });
    if (type === "offer") this.awaitAnswer();
  }

  private awaitAnswer(): void {
    clearTimeout(this.answerTimer);
    this.answerTimer = setTimeout(() => {
      if (this.pc.signalingState === "have-local-offer") this.sendLocalDescription();
    }, ANSWER_OVERDUE_MS);
  }

  /** A late answer or candidate is nothing; an offer that does not fit means a new beginning. */
  private onMisfit(signal: Signal): void {
    const isOffer = signal.kind === "description" && signal.description.type === "offer";
    const wasNegotiated = this.pc.remoteDescription !== null;
    if (isOffer && wasNegotiated && !this.closed) this.options.onUnfit(signal.description);
  }

  /** A failed path is restarted at once, a shaky one when it does not mend by itself. */
  private onConnectionState(): void {
    clearTimeout(this.restartTimer);
    const { connectionState } = this.pc;
    if (connectionState === "failed") this.pc.restartIce();
    if (connectionState === "failed" || connectionState === "disconnected") {
      this.restartTimer = setTimeout(() => this.retry(), RESTART_AFTER_MS);
    }
    this.options.onChange();
  }

  private retry(): void {
    this.restartIce();
    this.restartTimer = setTimeout(() => this.retry(), RESTART_AFTER_MS);
  }
}
