// What both ways of calling tell about the others.
import type { Source } from "~/signalling/events";

/** What is known of the path to one peer. */
export type Remote = {
  readonly state: RTCPeerConnectionState;
  readonly tracks: ReadonlyMap<Source, MediaStreamTrack>;
};
/** By peer. A new object whenever any of them changed. */
export type Remotes = ReadonlyMap<string, Remote>;

export type TransportInfo = {
  readonly id: string;
  readonly direction: "p2p" | "send" | "recv";
  readonly peerId?: string;
  readonly state: RTCPeerConnectionState;
};

export type SourceStats = {
  readonly peerId: string;
  readonly source: Source;
  readonly direction: "send" | "recv";
  readonly report: RTCStatsReport;
};
