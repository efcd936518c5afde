// The part of the reducer that runs inside the room.
import type { Room } from "~/api/schemas";
import type { HostRequest, Peer } from "~/signalling/events";
import { type CallEffect, type Live, type LiveEvent, type Step, stay } from "./callState";
import * as chat from "./chatState";
import type { Notice } from "./notices";

/** From this many people on, comings and goings of one are no news. */
const LARGE_ROOM = 10;

export function reduceLive(state: Live, event: LiveEvent): Step<Live> {
  switch (event.type) {
    case "peerJoined":
      return peerJoined(state, event.peer);
    case "peerLeft":
      return peerLeft(state, event.peerId);
    case "peerUpdated":
      return peerUpdated(state, event);
    case "modeChanged":
      if (event.mode === state.mode) return stay(state);
      return {
        state: { ...state, mode: event.mode },
        effects: [{ type: "moveMedia", mode: event.mode }],
      };
    case "roomUpdated":
      return roomUpdated(state, event.room);
    case "knocked":
      return stay({ ...state, knocks: new Map(state.knocks).set(event.peerId, event.userInfo) });
    case "knockEnded":
      return stay(withoutKnock(state, event.peerId));
    case "hostRequested":
      return requestAsHost(state, event.request);
    case "hostMuted":
      return {
        state,
        effects: [
          { type: "muteLocal", kind: event.kind },
          notify({ type: "mutedByHost", kind: event.kind }),
        ],
      };
    case "shownChanged":
      return {
        state: { ...state, self: { ...state.self, ...event.shown } },
        effects: [{ type: "sendState", state: event.shown }],
      };
    case "handToggled":
      return toggleHand(state);
    case "reactionSent":
      return {
        state,
        effects: [
          { type: "sendReaction", emoji: event.emoji },
          { type: "showReaction", peerId: state.selfId, emoji: event.emoji },
        ],
      };
    case "reactionReceived":
      if (!state.peers.has(event.peerId)) return stay(state);
      return {
        state,
        effects: [{ type: "showReaction", peerId: event.peerId, emoji: event.emoji }],
      };
    case "panelToggled":
    case "panelClosed":
      return switchPanel(state, event.type === "panelClosed" ? null : event.panel);
    case "soundBlocked":
      return stay(state.soundBlocked ? state : { ...state, soundBlocked: true });
    case "soundAllowed":
      return stay(state.soundBlocked ? { ...state, soundBlocked: false } : state);
    default:
      return reduceChat(state, event);
  }
}

type ChatEvent = Extract<
  LiveEvent,
  { type: `chat${string}` | `older${string}` | `typing${string}` }
>;

function reduceChat(state: Live, event: ChatEvent): Step<Live> {
  const put = (next: chat.ChatState, ...effects: CallEffect[]): Step<Live> => ({
    state: next === state.chat ? state : { ...state, chat: next },
    effects,
  });
  switch (event.type) {
    case "chatDrafted":
      return put({ ...state.chat, draft: event.draft });
    case "chatSubmitted": {
      const { content, clientId } = event;
      return put(chat.submit(state.chat, content, clientId), {
        type: "sendChat",
        content,
        clientId,
      });
    }
    case "chatRetried": {
      const one = state.chat.outgoing.find((entry) => entry.clientId === event.clientId);
      if (one === undefined) return stay(state);
      const { content, clientId } = one;
      return put(chat.markRetried(state.chat, clientId), { type: "sendChat", content, clientId });
    }
    case "chatFailed":
      return put(chat.markFailed(state.chat, event.clientId));
    case "chatReceived":
      return receiveChat(state, event);
    case "olderRequested":
      if (state.chat.cursor === null || state.chat.loadingOlder) return stay(state);
      return put(
        { ...state.chat, loadingOlder: true },
        { type: "loadOlder", before: state.chat.cursor },
      );
    case "olderLoaded":
      return put(chat.addOlder(state.chat, event.page));
    case "olderFailed":
      return put({ ...state.chat, loadingOlder: false });
    case "typingChanged":
      return { state, effects: [{ type: "sendTyping", typing: event.typing }] };
    case "typingReceived": {
      if (!state.peers.has(event.peerId)) return stay(state);
      const next = chat.setTyping(state.chat, event.peerId, event.typing);
      return event.typing ? put(next, { type: "expireTyping", peerId: event.peerId }) : put(next);
    }
  }
}

function receiveChat(state: Live, event: Extract<ChatEvent, { type: "chatReceived" }>): Step<Live> {
  const { message, clientId } = event;
  const next = chat.receive(state.chat, message, clientId, state.panel === "chat");
  const isNews = next.unread > state.chat.unread;
  const { username: name, content } = message;
  return {
    state: { ...state, chat: next },
    effects: isNews ? [notify({ type: "message", name, content })] : [],
  };
}

function peerJoined(state: Live, peer: Peer): Step<Live> {
  const peers = new Map(state.peers).set(peer.peerId, peer);
  const isNews = peers.size < LARGE_ROOM && !state.peers.has(peer.peerId);
  const effects: CallEffect[] = [{ type: "addPath", peerId: peer.peerId }];
  if (isNews) effects.push(notify({ type: "joined", names: [peer.userInfo.username] }));
  return { state: { ...state, peers, hands: moveHand(state.hands, peer) }, effects };
}

function peerLeft(state: Live, peerId: string): Step<Live> {
  const peer = state.peers.get(peerId);
  if (peer === undefined) return stay(state);
  const peers = new Map(state.peers);
  peers.delete(peerId);
  const effects: CallEffect[] = [{ type: "removePath", peerId }];
  if (peers.size < LARGE_ROOM) {
    effects.push(notify({ type: "left", name: peer.userInfo.username }));
  }
  return {
    state: {
      ...state,
      peers,
      hands: state.hands.filter((id) => id !== peerId),
      chat: chat.setTyping(state.chat, peerId, false),
    },
    effects,
  };
}

function peerUpdated(state: Live, event: Extract<LiveEvent, { type: "peerUpdated" }>): Step<Live> {
  const before = state.peers.get(event.peerId);
  if (before === undefined) return stay(state);
  const peer = { ...before, state: event.state, userInfo: event.userInfo ?? before.userInfo };
  const raised = peer.state.handRaised && !before.state.handRaised;
  return {
    state: {
      ...state,
      peers: new Map(state.peers).set(peer.peerId, peer),
      hands: moveHand(state.hands, peer),
    },
    effects: raised ? [notify({ type: "handRaised", name: peer.userInfo.username })] : [],
  };
}

/** A raised hand keeps its place in the queue; a lowered one goes. */
function moveHand(hands: readonly string[], { peerId, state }: Peer): readonly string[] {
  if (hands.includes(peerId) === state.handRaised) return hands;
  return state.handRaised ? [...hands, peerId] : hands.filter((id) => id !== peerId);
}

function toggleHand(state: Live): Step<Live> {
  const handRaised = !state.self.handRaised;
  const others = state.hands.filter((id) => id !== state.selfId);
  return {
    state: {
      ...state,
      self: { ...state.self, handRaised },
      hands: handRaised ? [...others, state.selfId] : others,
    },
    effects: [{ type: "sendState", state: { handRaised } }],
  };
}

function roomUpdated(state: Live, room: Room): Step<Live> {
  const became = room.hostId === state.entry.userId && state.room.hostId !== room.hostId;
  return { state: { ...state, room }, effects: became ? [notify({ type: "youAreHost" })] : [] };
}

function requestAsHost(state: Live, request: HostRequest): Step<Live> {
  const answersKnock = request.event === "host:admit" || request.event === "host:deny";
  return {
    state: answersKnock ? withoutKnock(state, request.payload.peerId) : state,
    effects: [{ type: "sendHostRequest", request }],
  };
}

function withoutKnock(state: Live, peerId: string): Live {
  if (!state.knocks.has(peerId)) return state;
  const knocks = new Map(state.knocks);
  knocks.delete(peerId);
  return { ...state, knocks };
}

function switchPanel(state: Live, wanted: Live["panel"]): Step<Live> {
  const panel = wanted === state.panel ? null : wanted;
  // What was unread becomes the "New" line while the panel is open, and is forgotten after.
  const opened = { ...state.chat, unread: 0 };
  const shut = { ...state.chat, firstUnreadId: null };
  const wasOpen = state.panel === "chat";
  const next = panel === "chat" ? opened : wasOpen ? shut : state.chat;
  return stay({ ...state, panel, chat: next });
}

function notify(notice: Notice): CallEffect {
  return { type: "notify", notice };
}
