// One stream in numbers a person can read, from two of the browser's reports. Pure.
import { type PlayoutSample, type PlayoutStat, playoutDelay, samplePlayout } from "./playout";

/** Counters of a moment, and what does not need two. */
export type StreamSample = {
  readonly atMs: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly codec: string | null;
  readonly jitterMs: number | null;
  readonly rttMs: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly framesPerSecond: number | null;
  readonly playout: PlayoutSample;
};

export type StreamNumbers = Pick<
  StreamSample,
  "codec" | "jitterMs" | "rttMs" | "width" | "height" | "framesPerSecond"
> & {
  readonly bitsPerSecond: number;
  readonly lossPercent: number;
  /** From capture there to playout here; null for what is sent. */
  readonly delayMs: number | null;
};

type Stat = PlayoutStat & {
  readonly id: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly bytesReceived?: number;
  readonly bytesSent?: number;
  readonly packetsReceived?: number;
  readonly packetsSent?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
  readonly framesPerSecond?: number;
};

/** Sums over the layers of what is sent; the picture is the largest of them. Null without a stream. */
export function sampleStream(report: Pick<RTCStatsReport, "forEach">): StreamSample | null {
  const stats: Stat[] = [];
  report.forEach((stat: Stat) => {
    stats.push(stat);
  });
  const streams = stats.filter(({ type }) => type === "inbound-rtp" || type === "outbound-rtp");
  const [first] = streams;
  if (first === undefined) return null;
  // What is sent is counted as lost, and timed, by the other end's reports.
  const told = stats.filter(({ type }) => type === "remote-inbound-rtp");
  const sum = (list: readonly Stat[], of: (stat: Stat) => number | undefined) =>
    list.reduce((total, stat) => total + (of(stat) ?? 0), 0);
  const picture = streams.reduce((a, b) => ((b.frameHeight ?? 0) > (a.frameHeight ?? 0) ? b : a));
  const pair = stats.find(({ type, nominated }) => type === "candidate-pair" && nominated);
  const rtt = told.find(({ roundTripTime }) => roundTripTime !== undefined)?.roundTripTime;
  const jitter = [...streams, ...told].find((stat) => stat.jitter !== undefined)?.jitter;
  const codec = stats.find(({ id }) => id === first.codecId)?.mimeType;
  return {
    atMs: first.timestamp,
    bytes: sum(streams, (stat) => stat.bytesReceived ?? stat.bytesSent),
    packets: sum(streams, (stat) => stat.packetsReceived ?? stat.packetsSent),
    lost: Math.max(
      0,
      sum([...streams, ...told], (stat) => stat.packetsLost),
    ),
    codec: codec?.split("/")[1] ?? null,
    jitterMs: inMs(jitter),
    rttMs: inMs(rtt ?? pair?.currentRoundTripTime),
    width: picture.frameWidth ?? null,
    height: picture.frameHeight ?? null,
    framesPerSecond: picture.framesPerSecond ?? null,
    playout: samplePlayout(stats),
  };
}

/**
 * What happened between two samples; null when no time passed or the counters began anew. What
 * comes through the SFU took the way of `senderRttMs` there before that of our own round trip.
 */
export function compareSamples(
  before: StreamSample,
  now: StreamSample,
  senderRttMs = 0,
): StreamNumbers | null {
  const seconds = (now.atMs - before.atMs) / 1000;
  if (seconds <= 0 || now.bytes < before.bytes) return null;
  const lost = Math.max(0, now.lost - before.lost);
  const packets = now.packets - before.packets;
  const { codec, jitterMs, rttMs, width, height, framesPerSecond } = now;
  return {
    bitsPerSecond: (8 * (now.bytes - before.bytes)) / seconds,
    delayMs: playoutDelay(before.playout, now.playout, ((rttMs ?? 0) + senderRttMs) / 2),
    lossPercent: lost === 0 ? 0 : Math.min(100, (100 * lost) / (packets + lost)),
    ...{ codec, jitterMs, rttMs, width, height, framesPerSecond },
  };
}

function inMs(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1000;
}
