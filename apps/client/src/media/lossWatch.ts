// Whether the path that a connection had is cut: noticed long before the browser says so, and not mistaken for
// a network that is gone on either side. Silence is answered by an ICE restart, whose offer and answer go by the
// server: if the other page speaks there, and still nothing comes directly, then it is the path that is gone.

export interface LossPorts {
  /** By its word the other side sends sound or a picture. */
  readonly isSending: () => boolean;
  /** Something is wrong: an ICE restart may mend it. */
  readonly onDoubt: () => void;
  /** The path is cut, and both sides reach the server. */
  readonly onLost: () => void;
}

const LOOK_EVERY_MS = 500;
/** A silence that is shorter is a glitch. */
const QUIET_MS = 1_500;
/** How long the restarted path may still be quiet after the other side's word. */
const LAST_TRY_MS = 800;

type Stat = {
  readonly id: string;
  readonly type: string;
  readonly packetsReceived?: number;
  readonly responsesReceived?: number;
};

export class LossWatch {
  private readonly pc: RTCPeerConnection;
  private readonly ports: LossPorts;
  private timer: ReturnType<typeof setInterval> | undefined;
  /** Packets of each stream, and answers to the checks of each pair of candidates. */
  private counts: ReadonlyMap<string, number> = new Map();
  private aliveAt = 0;
  private isInDoubt = false;
  private verdictTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(pc: RTCPeerConnection, ports: LossPorts) {
    this.pc = pc;
    this.ports = ports;
    pc.addEventListener("iceconnectionstatechange", () => this.begin());
  }

  /** The other side's page said something by the server. */
  hear(): void {
    if (this.isInDoubt) this.verdictTimer ??= setTimeout(() => void this.judge(), LAST_TRY_MS);
  }

  close(): void {
    clearInterval(this.timer);
    this.calmDown();
  }

  /** There is a path from now on. */
  private begin(): void {
    const { iceConnectionState: state } = this.pc;
    if (this.timer !== undefined || (state !== "connected" && state !== "completed")) return;
    this.aliveAt = performance.now();
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  private async look(): Promise<void> {
    const before = this.counts;
    this.counts = readCounts(await this.pc.getStats());
    if (this.pc.signalingState === "closed") return;
    const now = performance.now();
    const isAlive = [...this.counts].some(([id, count]) => count > (before.get(id) ?? 0));
    if (isAlive) {
      this.aliveAt = now;
      this.calmDown();
    } else if (!this.isInDoubt && now - this.aliveAt >= QUIET_MS && this.isStrange()) {
      this.isInDoubt = true;
      this.ports.onDoubt();
    }
  }

  private async judge(): Promise<void> {
    await this.look();
    if (this.isInDoubt) this.ports.onLost();
  }

  private calmDown(): void {
    this.isInDoubt = false;
    clearTimeout(this.verdictTimer);
    this.verdictTimer = undefined;
  }

  /** Who sends nothing may well be silent, until the browser misses the answers to its checks. */
  private isStrange(): boolean {
    const { iceConnectionState: state } = this.pc;
    return this.ports.isSending() || state === "disconnected" || state === "failed";
  }
}

function readCounts(report: Pick<RTCStatsReport, "forEach">): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  report.forEach(({ id, type, packetsReceived = 0, responsesReceived = 0 }: Stat) => {
    if (type === "inbound-rtp") counts.set(id, packetsReceived);
    if (type === "candidate-pair") counts.set(id, responsesReceived);
  });
  return counts;
}
