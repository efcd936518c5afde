// `window.__call`: a read-only look at the call for tests and support, always there.

import type { TransportInfo } from "~/media/remotes";
import type { Mode, Peer, Source } from "~/signalling/events";
import type { Call } from "./call";

export interface Probe {
  readonly mode: Mode | null;
  readonly peerId: string | null;
  readonly peers: readonly Peer[];
  readonly transports: readonly TransportInfo[];
  getStats(): Promise<readonly ProbeStats[]>;
}

export type ProbeStats = {
  readonly peerId: string;
  readonly source: Source;
  readonly direction: "send" | "recv";
  /** The browser's report; its entries are its own properties too, so that it can be copied. */
  readonly report: ReadonlyMap<string, unknown>;
};

let current: Call | null = null;

/** Points the probe at the call of the open room, or at none. */
export function probeCall(call: Call | null): void {
  current = call;
}

const live = () => {
  const state = current?.store.getState();
  return state?.phase === "live" ? state : null;
};

const probe: Probe = Object.freeze({
  get mode() {
    return live()?.mode ?? null;
  },
  get peerId() {
    return live()?.selfId ?? null;
  },
  get peers() {
    return [...(live()?.peers.values() ?? [])];
  },
  get transports() {
    return current?.media.transports() ?? [];
  },
  async getStats() {
    const stats = (await current?.media.getStats()) ?? [];
    return stats.map(({ report, ...rest }) => ({ ...rest, report: copyReport(report) }));
  },
});

function copyReport(report: RTCStatsReport): ReadonlyMap<string, unknown> {
  const entries: [string, unknown][] = [];
  report.forEach((value: unknown, key: string) => {
    entries.push([key, value]);
  });
  return Object.assign(new Map(entries), Object.fromEntries(entries));
}

export function installProbe(target: Window): void {
  if ("__call" in target) return;
  Object.defineProperty(target, "__call", { value: probe, writable: false });
}
