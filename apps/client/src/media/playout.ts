// How long after its capture a sound or picture is played here. Pure.

/** 1900, where NTP begins, in milliseconds before 1970. */
const NTP_EPOCH_MS = 2_208_988_800_000;
/** More than this is no delay but a clock that was set, or a report of another stream. */
const PLAUSIBLE_MS = 60_000;

export type PlayoutStat = {
  readonly type: string;
  readonly timestamp: number;
  readonly estimatedPlayoutTimestamp?: number;
  readonly remoteTimestamp?: number;
  readonly jitterBufferDelay?: number;
  readonly jitterBufferEmittedCount?: number;
  readonly totalProcessingDelay?: number;
  readonly framesDecoded?: number;
};

export type PlayoutSample = {
  /** By the sender's clock, from the capture of what plays now to now, but for the way of its report. */
  readonly sinceCaptureMs: number | null;
  /** How long everything so far was held here in sum, and how much that was. */
  readonly heldMs: number;
  readonly heldCount: number;
};

export function samplePlayout(stats: readonly PlayoutStat[]): PlayoutSample {
  const inbound = stats.find(({ type }) => type === "inbound-rtp");
  const report = stats.find(({ type }) => type === "remote-outbound-rtp");
  return { sinceCaptureMs: sinceCapture(inbound, report), ...heldSince(inbound) };
}

/**
 * The sender's clock is that of its last report, which the SFU passes on as it is: what it said when
 * it left, and the time since it came. The browser tells the capture by the same clock.
 */
function sinceCapture(inbound?: PlayoutStat, report?: PlayoutStat): number | null {
  const captured = inbound?.estimatedPlayoutTimestamp;
  const left = report?.remoteTimestamp;
  if (inbound === undefined || report === undefined) return null;
  if (captured === undefined || left === undefined) return null;
  const now = left + (inbound.timestamp - report.timestamp);
  // Since 1900, as the specification wants it; Firefox counts from 1970.
  return Math.abs(now - captured) < PLAUSIBLE_MS ? now - captured : now - (captured - NTP_EPOCH_MS);
}

/** From the arrival of a frame to its decoding, or the time in the jitter buffer alone. */
function heldSince(inbound?: PlayoutStat): Pick<PlayoutSample, "heldMs" | "heldCount"> {
  const { totalProcessingDelay: processing, framesDecoded = 0 } = inbound ?? {};
  if (processing !== undefined && framesDecoded > 0) {
    return { heldMs: 1000 * processing, heldCount: framesDecoded };
  }
  const { jitterBufferDelay = 0, jitterBufferEmittedCount = 0 } = inbound ?? {};
  return { heldMs: 1000 * jitterBufferDelay, heldCount: jitterBufferEmittedCount };
}

/**
 * Capture to playout, where `wayMs` is the time that a packet takes from there to here. By the
 * clocks where the browser tells them; else the way and how long things were held, without the
 * time in the sender. Null when nothing was played.
 */
export function playoutDelay(
  before: PlayoutSample,
  now: PlayoutSample,
  wayMs: number,
): number | null {
  const byClock = now.sinceCaptureMs === null ? -1 : now.sinceCaptureMs + wayMs;
  if (byClock >= 0 && byClock < PLAUSIBLE_MS) return byClock;
  const count = now.heldCount - before.heldCount;
  return count > 0 ? wayMs + (now.heldMs - before.heldMs) / count : null;
}
