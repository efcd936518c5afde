// Whether anything of a source came over a path yet, and which of two paths is shown. Pure but for
// the browser's statistics.
import type { Mode, Source } from "~/signalling/events";
import type { Remote, Remotes } from "./remotes";

type Stat = {
  readonly type: string;
  readonly kind?: string;
  readonly framesDecoded?: number;
  readonly packetsReceived?: number;
};

/** A picture was decoded, or sound came. */
export function hasArrived(report: Pick<RTCStatsReport, "forEach">): boolean {
  let arrived = false;
  report.forEach((stat: Stat) => {
    if (stat.type !== "inbound-rtp") return;
    const count = stat.kind === "video" ? stat.framesDecoded : stat.packetsReceived;
    if ((count ?? 0) > 0) arrived = true;
  });
  return arrived;
}

export type Paths = Readonly<Record<Mode, Remotes>>;
/** Whether this source of this peer came over this path. */
export type Arrived = (peerId: string, source: Source) => boolean;

/**
 * What is shown of each peer: of a source with two tracks the one of `mode` once something of it
 * arrived, until then the other one.
 */
export function merge(paths: Paths, mode: Mode, arrived: Arrived): Remotes {
  const target = paths[mode];
  const old = paths[mode === "p2p" ? "sfu" : "p2p"];
  const merged = new Map<string, Remote>();
  for (const peerId of new Set([...old.keys(), ...target.keys()])) {
    const [before, after] = [old.get(peerId), target.get(peerId)];
    const tracks = new Map(before?.tracks);
    for (const [source, track] of after?.tracks ?? []) {
      if (!tracks.has(source) || arrived(peerId, source)) tracks.set(source, track);
    }
    const all = [...(after?.tracks ?? [])].every(([source, track]) => tracks.get(source) === track);
    const state = (all ? (after ?? before) : before)?.state ?? "new";
    merged.set(peerId, { state, tracks });
  }
  return merged;
}
