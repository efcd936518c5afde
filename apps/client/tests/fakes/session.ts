// Plain data for tests: people, rooms and messages as the server describes them.
import type { Message, Room } from "~/api/schemas";
import type { Peer, PeerState, Session } from "~/signalling/events";

export const silent: PeerState = { audio: false, video: false, screen: false, handRaised: false };

export const room: Room = {
  id: "r1",
  slug: "abc-defg-hij",
  name: "Design review",
  hostId: "u1",
  host: { id: "u1", username: "ada" },
  locked: false,
  lobby: false,
  guests: true,
  peerCount: 1,
  createdAt: "2026-01-01T10:00:00.000Z",
  updatedAt: "2026-01-01T10:00:00.000Z",
};

export function peer(peerId: string, state: Partial<PeerState> = {}): Peer {
  const userInfo = { id: `user-${peerId}`, username: `Name ${peerId}`, guest: false, host: false };
  return { peerId, userInfo, state: { ...silent, ...state } };
}

export function message(
  id: string,
  content = `text ${id}`,
  at = "2026-01-01T10:00:00.000Z",
): Message {
  return { id, content, roomId: "r1", userId: "u2", username: "bob", createdAt: at };
}

export function session(peers: readonly Peer[] = [], messages: readonly Message[] = []): Session {
  return {
    roomId: "r1",
    peerId: "self",
    peers: [...peers],
    room,
    mode: "p2p",
    iceServers: [],
    routerRtpCapabilities: null,
    messages: [...messages],
    nextCursor: null,
  };
}
