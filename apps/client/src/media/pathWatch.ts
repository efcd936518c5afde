// Whether a connection finds a path at all: notices candidates that lead nowhere long before the browser says so.
// What becomes of a path that was found is the matter of LossWatch.

/** Candidates that could be checked for this long in vain lead nowhere … */
const BLOCKED_AFTER_MS = 2_500;
/** … and so do those of which no more will come, once every pair had its turn (RFC 8445 section 14.2) … */
const PAIR_EVERY_MS = 50;
/** … and the last one the time for its answer. */
const LAST_PAIR_MS = 800;

export class PathWatch {
  private readonly pc: RTCPeerConnection;
  private readonly onBlocked: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isFound = false;
  private checkingSince: number | null = null;
  private isLastHeard = false;
  /** How many can be paired with the other side's. */
  private readonly candidates = { own: 0, other: 0 };

  constructor(pc: RTCPeerConnection, onBlocked: () => void) {
    this.pc = pc;
    this.onBlocked = onBlocked;
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (isUdp(candidate)) this.candidates.own++;
    });
    pc.addEventListener("icegatheringstatechange", () => this.wait());
    pc.addEventListener("iceconnectionstatechange", () => this.onState());
  }

  /** The other side's candidate; null after its last one. */
  hear(candidate: RTCIceCandidateInit | null): void {
    if (isUdp(candidate)) this.candidates.other++;
    this.isLastHeard = candidate === null;
    this.wait();
  }

  close(): void {
    clearTimeout(this.timer);
    this.checkingSince = null;
  }

  private onState(): void {
    const { iceConnectionState } = this.pc;
    this.isFound ||= iceConnectionState === "connected" || iceConnectionState === "completed";
    if (iceConnectionState === "failed" && !this.isFound) this.onBlocked();
    const isLooking = iceConnectionState === "checking" && !this.isFound;
    this.checkingSince = isLooking ? performance.now() : null;
    this.wait();
  }

  /** While candidates are checked: says once that they lead nowhere. */
  private wait(): void {
    clearTimeout(this.timer);
    if (this.checkingSince === null) return;
    const rest = this.checkingSince + BLOCKED_AFTER_MS - performance.now();
    const areAllKnown = this.isLastHeard && this.pc.iceGatheringState === "complete";
    const turns = this.candidates.own * this.candidates.other * PAIR_EVERY_MS;
    this.timer = setTimeout(
      () => {
        this.checkingSince = null;
        this.onBlocked();
      },
      areAllKnown ? Math.min(rest, turns + LAST_PAIR_MS) : rest,
    );
  }
}

/** Browsers offer no TCP port to each other, so their TCP candidates make no pair. */
function isUdp(candidate: RTCIceCandidateInit | null): boolean {
  return / udp /i.test(candidate?.candidate ?? "");
}
