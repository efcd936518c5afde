// Two ends of a call without a network: RTCPeerConnection's signalling rules (JSEP, RFC 8829
// section 3.2), with SDP replaced by the list of m-lines. Enough to prove who offers, who gives
// way, and what ends up where; the real browsers prove the rest end to end.

type Line = { mid: string; kind: string; sends: boolean; receives: boolean };

class FakeTransceiver {
  mid: string | null = null;
  direction: RTCRtpTransceiverDirection;
  currentDirection: RTCRtpTransceiverDirection | null = null;
  stopped = false;
  readonly kind: string;
  readonly sender;
  readonly receiver;
  private readonly pc: FakePeerConnection;

  constructor(
    pc: FakePeerConnection,
    kind: string,
    track: unknown,
    direction: RTCRtpTransceiverDirection,
  ) {
    this.pc = pc;
    this.kind = kind;
    this.direction = direction;
    const sender = {
      track,
      replaceTrack: async (next: unknown) => {
        sender.track = next;
      },
      setStreams: () => {},
      getParameters: () => ({ encodings: [] }),
    };
    this.sender = sender;
    const report = () => {
      const count = pc.flowing ? 5 : 0;
      const inbound = { type: "inbound-rtp", kind, framesDecoded: count, packetsReceived: count };
      return new Map([["in", inbound]]);
    };
    this.receiver = { track: { kind, remote: true }, getStats: async () => report() };
  }

  stop(): void {
    this.stopped = true;
    this.pc.forget(this);
  }

  get sends(): boolean {
    return this.direction === "sendrecv" || this.direction === "sendonly";
  }

  get receives(): boolean {
    return this.direction === "sendrecv" || this.direction === "recvonly";
  }

  line(): Line {
    const { sends, receives } = this;
    return { mid: this.mid ?? "", kind: this.kind, sends, receives };
  }
}

export class FakePeerConnection extends EventTarget {
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState: RTCIceConnectionState = "new";
  iceGatheringState: RTCIceGatheringState = "new";
  /** Whether frames and packets of the other side come through. */
  flowing = false;
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  /** What came directly: packets of sound and picture, and answers to checks. */
  readonly came = { packets: 0, answers: 0 };
  restarts = 0;
  closed = false;
  private transceivers: FakeTransceiver[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private nextMid = 0;
  /** The event was fired and no description answered it yet (WebRTC section 4.7.3). */
  private asked = false;

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  addTransceiver(what: string | { kind: string }, init: RTCRtpTransceiverInit): FakeTransceiver {
    const kind = typeof what === "string" ? what : what.kind;
    const track = typeof what === "string" ? null : what;
    const transceiver = new FakeTransceiver(this, kind, track, init.direction ?? "sendrecv");
    this.transceivers.push(transceiver);
    this.negotiate();
    return transceiver;
  }

  forget(transceiver: FakeTransceiver): void {
    this.transceivers = this.transceivers.filter((one) => one !== transceiver);
  }

  /** Asks for negotiation, as the browser does, once the operations in hand are done. */
  negotiate(): void {
    queueMicrotask(() =>
      this.chain(async () => {
        const needed = this.transceivers.some((one) => one.mid === null);
        if (needed && !this.asked && this.signalingState === "stable") {
          this.asked = true;
          queueMicrotask(() => this.dispatchEvent(new Event("negotiationneeded")));
        }
      }),
    );
  }

  setLocalDescription(): Promise<void> {
    return this.chain(async () => {
      this.asked = false;
      const answers = this.signalingState === "have-remote-offer";
      // An answer has the lines of the offer and no others.
      if (!answers) for (const one of this.transceivers) one.mid ??= `${this.nextMid++}`;
      const lines = this.transceivers.filter((one) => one.mid !== null).map((one) => one.line());
      const sdp = JSON.stringify(lines);
      this.localDescription = { type: answers ? "answer" : "offer", sdp };
      this.signalingState = answers ? "stable" : "have-local-offer";
      if (answers) this.settle(this.remoteDescription?.sdp ?? "[]");
    });
  }

  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    return this.chain(async () => {
      const isOffer = description.type === "offer";
      if (isOffer && this.signalingState === "have-local-offer") this.rollBack();
      if (!isOffer && this.signalingState !== "have-local-offer") throw new Error("no offer");
      this.remoteDescription = description;
      if (!isOffer) {
        this.signalingState = "stable";
        this.settle(description.sdp ?? "[]");
        return;
      }
      this.signalingState = "have-remote-offer";
      for (const { mid, kind } of JSON.parse(description.sdp ?? "[]") as Line[]) {
        if (this.transceivers.some((one) => one.mid === mid)) continue;
        const made = new FakeTransceiver(this, kind, null, "recvonly");
        made.mid = mid;
        this.nextMid = Math.max(this.nextMid, Number(mid) + 1);
        this.transceivers.push(made);
      }
    });
  }

  async addIceCandidate(): Promise<void> {
    if (this.remoteDescription === null) throw new Error("no remote description");
  }

  async getStats(): Promise<ReadonlyMap<string, unknown>> {
    const { packets: packetsReceived, answers: responsesReceived } = this.came;
    const stream = { id: "stream", type: "inbound-rtp", packetsReceived };
    const pair = { id: "pair", type: "candidate-pair", responsesReceived };
    return new Map([stream, pair].map((stat) => [stat.id, stat]));
  }

  restartIce(): void {
    this.restarts++;
  }

  change(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  changeIce(state: RTCIceConnectionState): void {
    this.iceConnectionState = state;
    this.dispatchEvent(new Event("iceconnectionstatechange"));
  }

  /** A candidate of its own; null after the last one. */
  find(candidate: RTCIceCandidateInit | null): void {
    this.iceGatheringState = candidate === null ? "complete" : "gathering";
    this.dispatchEvent(new Event("icegatheringstatechange"));
    const found = candidate && { ...candidate, toJSON: () => candidate };
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: found }));
  }

  close(): void {
    this.closed = true;
    this.connectionState = "closed";
    this.signalingState = "closed";
  }

  private rollBack(): void {
    for (const one of this.transceivers) if (one.currentDirection === null) one.mid = null;
    this.nextMid = this.transceivers.filter((one) => one.mid !== null).length;
    this.signalingState = "stable";
    this.asked = false;
  }

  private settle(remote: string): void {
    const lines = JSON.parse(remote) as Line[];
    for (const one of this.transceivers) {
      const theirs = lines.find((line) => line.mid === one.mid);
      if (theirs === undefined) continue;
      const sends = one.sends && theirs.receives;
      const receives = one.receives && theirs.sends;
      one.currentDirection = sends
        ? receives
          ? "sendrecv"
          : "sendonly"
        : receives
          ? "recvonly"
          : "inactive";
    }
    this.negotiate();
  }

  private chain<T>(operation: () => Promise<T>): Promise<T> {
    const next = this.queue.then(operation);
    this.queue = next.catch(() => {});
    return next;
  }

  get connection(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }
}
