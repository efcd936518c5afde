// The whole life of one call as data. No React, no DOM, no timers, no network: reduce() says what
// the next state is and which effects someone must carry out.
import type { Message, MessagePage, Room } from "~/api/schemas";
import type {
  HostRequest,
  Mode,
  Peer,
  PeerState,
  Session,
  Shown,
  UserInfo,
} from "~/signalling/events";
import type { RequestFailure } from "~/signalling/signalling";
import { type ChatState, emptyChat, enterChat, returnToChat } from "./chatState";
import { reduceLive } from "./liveState";
import type { Notice } from "./notices";

/** Of the signalling connection: `reconnecting` after 2 s without one, `lost` after 60 s. */
export type Connection = "connecting" | "connected" | "reconnecting" | "lost";
export type Panel = "chat" | "people";
export type EndReason = "left" | "removed" | "ended" | "deleted";

/** How this person enters: as a user, or as a guest with a name; the other one is null. */
export type Entry = {
  readonly code: string;
  readonly guestName: string | null;
  readonly userId: string | null;
};

export type Live = {
  readonly phase: "live";
  readonly entry: Entry;
  readonly connection: Connection;
  readonly selfId: string;
  readonly room: Room;
  readonly mode: Mode;
  readonly self: PeerState;
  /** The others, in the order of joining. */
  readonly peers: ReadonlyMap<string, Peer>;
  /** Those of them who were here before this person. */
  readonly earlier: ReadonlySet<string>;
  /** Who waits to be let in; told to hosts alone. */
  readonly knocks: ReadonlyMap<string, UserInfo>;
  /** Everyone whose hand is up, self included, first raised first. */
  readonly hands: readonly string[];
  readonly chat: ChatState;
  readonly panel: Panel | null;
  /** The browser refused to play sound until the person clicks. */
  readonly soundBlocked: boolean;
};

export type CallState =
  | { readonly phase: "idle" }
  | {
      readonly phase: "joining";
      readonly entry: Entry;
      readonly connection: Connection;
      /** After leaving, not from the green room. */
      readonly again: boolean;
    }
  | {
      /** In the lobby, until somebody lets this person in. */
      readonly phase: "waiting";
      readonly entry: Entry;
      readonly connection: Connection;
    }
  | Live
  | { readonly phase: "refused"; readonly entry: Entry; readonly code: RequestFailure }
  | { readonly phase: "ended"; readonly entry: Entry; readonly reason: EndReason };

export type CallEvent =
  /** At the door, logged in. */
  | { readonly type: "doorReached" }
  | { readonly type: "joinRequested"; readonly entry: Entry }
  | { readonly type: "connected"; readonly recovered: boolean }
  | { readonly type: "disconnected" }
  | { readonly type: "offlineFor"; readonly long: boolean }
  | { readonly type: "retryRequested" }
  | { readonly type: "joined"; readonly session: Session; readonly shown: Shown }
  | { readonly type: "waitingStarted"; readonly peerId: string }
  | { readonly type: "joinRefused"; readonly code: RequestFailure }
  | { readonly type: "leaveRequested" }
  | { readonly type: "backRequested" }
  | { readonly type: "roomClosed"; readonly reason: EndReason | "shutdown" }
  | LiveEvent;

/** Events that mean something only inside the room. */
export type LiveEvent =
  | { readonly type: "peerJoined"; readonly peer: Peer }
  | { readonly type: "peerLeft"; readonly peerId: string }
  | {
      readonly type: "peerUpdated";
      readonly peerId: string;
      readonly state: PeerState;
      readonly userInfo: UserInfo | null;
    }
  | { readonly type: "modeChanged"; readonly mode: Mode }
  | { readonly type: "roomUpdated"; readonly room: Room }
  | { readonly type: "knocked"; readonly peerId: string; readonly userInfo: UserInfo }
  | { readonly type: "knockEnded"; readonly peerId: string }
  | { readonly type: "hostRequested"; readonly request: HostRequest }
  | { readonly type: "hostMuted"; readonly kind: "audio" | "video" | "screen" }
  | { readonly type: "shownChanged"; readonly shown: Shown }
  | { readonly type: "handToggled" }
  | { readonly type: "reactionSent"; readonly emoji: string }
  | { readonly type: "reactionReceived"; readonly peerId: string; readonly emoji: string }
  | { readonly type: "panelToggled"; readonly panel: Panel }
  | { readonly type: "panelClosed" }
  | { readonly type: "soundBlocked" }
  | { readonly type: "soundAllowed" }
  | { readonly type: "chatSubmitted"; readonly content: string; readonly clientId: string }
  | { readonly type: "chatDrafted"; readonly draft: string }
  | { readonly type: "chatRetried"; readonly clientId: string }
  | { readonly type: "chatFailed"; readonly clientId: string }
  | {
      readonly type: "chatReceived";
      readonly message: Message;
      readonly clientId: string | undefined;
    }
  | { readonly type: "olderRequested" }
  | { readonly type: "olderLoaded"; readonly page: MessagePage }
  | { readonly type: "olderFailed" }
  | { readonly type: "typingChanged"; readonly typing: boolean }
  | { readonly type: "typingReceived"; readonly peerId: string; readonly typing: boolean };

export type CallEffect =
  | { readonly type: "prepareSocket" }
  | { readonly type: "openSocket"; readonly guestName: string | null }
  | { readonly type: "closeSocket" }
  | { readonly type: "retrySocket" }
  | { readonly type: "startOfflineTimers" }
  | { readonly type: "stopOfflineTimers" }
  | { readonly type: "sendJoin"; readonly code: string }
  | { readonly type: "sendLeave" }
  | { readonly type: "sendState"; readonly state: Partial<PeerState> }
  | { readonly type: "sendReaction"; readonly emoji: string }
  | { readonly type: "sendChat"; readonly content: string; readonly clientId: string }
  | { readonly type: "sendTyping"; readonly typing: boolean }
  | { readonly type: "loadOlder"; readonly before: string }
  | { readonly type: "expireTyping"; readonly peerId: string }
  | { readonly type: "enterMedia"; readonly session: Session }
  | { readonly type: "addPath"; readonly peerId: string }
  | { readonly type: "removePath"; readonly peerId: string }
  | { readonly type: "moveMedia"; readonly mode: Mode }
  | { readonly type: "restartBrokenPaths" }
  | { readonly type: "leaveMedia" }
  | { readonly type: "startMedia" }
  | { readonly type: "stopMedia" }
  | { readonly type: "sendHostRequest"; readonly request: HostRequest }
  | { readonly type: "muteLocal"; readonly kind: "audio" | "video" | "screen" }
  | { readonly type: "showReaction"; readonly peerId: string; readonly emoji: string }
  | { readonly type: "notify"; readonly notice: Notice };

export type Step<S extends CallState = CallState> = {
  readonly state: S;
  readonly effects: readonly CallEffect[];
};

export const initialCall: CallState = { phase: "idle" };

export const stay = <S extends CallState>(state: S): Step<S> => ({ state, effects: [] });

const leaving: readonly CallEffect[] = [
  { type: "stopOfflineTimers" },
  { type: "leaveMedia" },
  { type: "closeSocket" },
  { type: "stopMedia" },
];

/** Pure. An event that makes no sense in the current phase changes nothing. */
export function reduce(state: CallState, event: CallEvent): Step {
  switch (event.type) {
    case "doorReached":
      return { state, effects: state.phase === "idle" ? [{ type: "prepareSocket" }] : [] };
    case "joinRequested":
      return join(state, event.entry);
    case "connected":
      return connected(state, event.recovered);
    case "disconnected":
      if (!isConnecting(state)) return stay(state);
      return { state, effects: [{ type: "startOfflineTimers" }] };
    case "offlineFor":
      if (!isConnecting(state)) return stay(state);
      return stay({ ...state, connection: event.long ? "lost" : "reconnecting" });
    case "retryRequested":
      if (!isConnecting(state)) return stay(state);
      return {
        state: { ...state, connection: "reconnecting" },
        effects: [{ type: "startOfflineTimers" }, { type: "retrySocket" }],
      };
    case "waitingStarted":
      if (state.phase !== "joining" && state.phase !== "waiting") return stay(state);
      return {
        state: { phase: "waiting", entry: state.entry, connection: "connected" },
        effects: [{ type: "stopOfflineTimers" }],
      };
    case "joined":
      return enter(state, event.session, event.shown);
    case "joinRefused":
      return refuse(state, event.code);
    case "leaveRequested":
      if (!isConnecting(state)) return stay(state);
      return {
        state: { phase: "ended", entry: state.entry, reason: "left" },
        effects: [{ type: "sendLeave" }, ...leaving],
      };
    case "backRequested":
      if (state.phase !== "refused" && state.phase !== "ended") return stay(state);
      return { state: initialCall, effects: [{ type: "startMedia" }] };
    case "roomClosed":
      return close(state, event.reason);
    default:
      return state.phase === "live" ? reduceLive(state, event) : stay(state);
  }
}

type Connecting = Extract<CallState, { connection: Connection }>;

/** In the room or on the way: the phases that have a connection. */
function isConnecting(state: CallState): state is Connecting {
  return state.phase === "joining" || state.phase === "waiting" || state.phase === "live";
}

function join(state: CallState, entry: Entry): Step {
  if (isConnecting(state)) return stay(state);
  return {
    state: { phase: "joining", entry, connection: "connecting", again: state.phase === "ended" },
    effects: [
      { type: "startMedia" },
      { type: "startOfflineTimers" },
      { type: "openSocket", guestName: entry.guestName },
    ],
  };
}

function connected(state: CallState, recovered: boolean): Step {
  if (!isConnecting(state)) return stay(state);
  const wasAway = state.connection === "reconnecting" || state.connection === "lost";
  const connection = state.phase === "joining" ? state.connection : "connected";
  const effects: CallEffect[] = [{ type: "stopOfflineTimers" }];
  if (state.phase === "live" && wasAway) {
    effects.push({ type: "notify", notice: { type: "backOnline" } });
  }
  // Within its grace the server replays what was missed; media only needs a new path at most.
  if (state.phase === "live" && recovered) {
    effects.push({ type: "restartBrokenPaths" }, ...resend(state));
  }
  if (!recovered || state.phase === "joining")
    effects.push({ type: "sendJoin", code: state.entry.code });
  return { state: { ...state, connection }, effects };
}

function refuse(state: CallState, code: RequestFailure): Step {
  if (!isConnecting(state)) return stay(state);
  return {
    state: { phase: "refused", entry: state.entry, code },
    effects: state.phase === "live" ? leaving : leaving.filter((e) => e.type !== "stopMedia"),
  };
}

function close(state: CallState, reason: EndReason | "shutdown"): Step {
  if (state.phase !== "live" && state.phase !== "waiting") return stay(state);
  if (reason === "shutdown") return stay(state); // the connection breaks next, and comes back
  return { state: { phase: "ended", entry: state.entry, reason }, effects: leaving };
}

/** The first time, and again whenever the server let the old session go: start from its word. */
function enter(state: CallState, session: Session, shown: Shown): Step {
  if (!isConnecting(state)) return stay(state);
  const handRaised = state.phase === "live" && state.self.handRaised;
  const self: PeerState = { ...shown, handRaised };
  return {
    state: enterLive(state, state.entry, session, self),
    effects: [
      { type: "stopOfflineTimers" },
      { type: "enterMedia", session },
      { type: "sendState", state: self },
      ...resend(state),
    ],
  };
}

function enterLive(before: CallState, entry: Entry, session: Session, self: PeerState): Live {
  const live = before.phase === "live" ? before : null;
  const up = session.peers.filter((peer) => peer.state.handRaised).map((peer) => peer.peerId);
  return {
    phase: "live",
    entry,
    connection: "connected",
    selfId: session.peerId,
    room: session.room,
    mode: session.mode,
    self,
    peers: new Map(session.peers.map((peer) => [peer.peerId, peer])),
    earlier: new Set(session.peers.map((peer) => peer.peerId)),
    knocks: new Map(),
    hands: self.handRaised ? [...up, session.peerId] : up,
    chat:
      live === null
        ? enterChat(emptyChat, session)
        : returnToChat(live.chat, session, isBy(entry), live.panel === "chat"),
    panel: live?.panel ?? null,
    soundBlocked: live?.soundBlocked ?? false,
  };
}

/** Whether a message is this person's own; guests have but their name. */
const isBy =
  ({ userId, guestName }: Entry) =>
  (message: Message) =>
    userId === null
      ? message.userId === null && message.username === guestName
      : message.userId === userId;

/** What was written while the connection was away; the server drops what it already has. */
function resend(state: CallState): CallEffect[] {
  if (state.phase !== "live") return [];
  return state.chat.outgoing
    .filter((one) => !one.failed)
    .map(({ content, clientId }) => ({ type: "sendChat", content, clientId }));
}
