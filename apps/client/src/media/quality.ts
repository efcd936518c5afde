// How good the path to a peer is, from the browser's own statistics. Pure.

/** Counters since the connection began, and the round trip of this moment. */
export type PathSample = {
  readonly received: number;
  readonly lost: number;
  /** Milliseconds; null before the first answer. */
  readonly rttMs: number | null;
};

/** 0: nothing arrives; 1 and 2: poor; 3: fair; 4 and 5: good. */
export type Quality = 0 | 1 | 2 | 3 | 4 | 5;

/** From this on nothing needs to be shown. */
export const GOOD: Quality = 3;

type Report = Pick<RTCStatsReport, "forEach">;
type Stat = {
  readonly type: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
};

export function readPath(report: Report): PathSample {
  let received = 0;
  let lost = 0;
  let rttMs: number | null = null;
  report.forEach((stat: Stat) => {
    if (stat.type === "inbound-rtp") {
      received += stat.packetsReceived ?? 0;
      lost += stat.packetsLost ?? 0;
    }
    if (
      stat.type === "candidate-pair" &&
      stat.nominated &&
      stat.currentRoundTripTime !== undefined
    ) {
      rttMs = stat.currentRoundTripTime * 1000;
    }
  });
  return { received, lost, rttMs };
}

/** Of several streams that take the same way. */
export function addPaths(samples: readonly PathSample[]): PathSample {
  return {
    received: samples.reduce((sum, one) => sum + one.received, 0),
    lost: samples.reduce((sum, one) => sum + one.lost, 0),
    rttMs: samples.find(({ rttMs }) => rttMs !== null)?.rttMs ?? null,
  };
}

/** Rates what happened between two samples; null when too little came to say anything. */
export function rate(before: PathSample, now: PathSample): Quality | null {
  const received = now.received - before.received;
  const lost = Math.max(0, now.lost - before.lost);
  if (received + lost < 0) return null; // the counters began anew
  if (received === 0) return before.received === 0 ? null : 0;
  const lossPercent = (100 * lost) / (received + lost);
  return Math.min(rateLoss(lossPercent), rateRtt(now.rttMs ?? 0)) as Quality;
}

function rateLoss(percent: number): Quality {
  if (percent < 1) return 5;
  if (percent < 3) return 4;
  if (percent < 8) return 3;
  return percent < 20 ? 2 : 1;
}

function rateRtt(ms: number): Quality {
  if (ms < 150) return 5;
  if (ms < 300) return 4;
  if (ms < 600) return 3;
  return ms < 1500 ? 2 : 1;
}
