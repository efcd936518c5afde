// What an event of the server's means to the call: one translation, no rules.
import type { ServerEvent, Shown } from "~/signalling/events";
import type { CallEvent } from "./callState";

/** The call's event, or null for what media/ handles (`webrtc:*`, `sfu:*`) or nobody needs. */
export function toCallEvent(event: ServerEvent, shown: Shown): CallEvent | null {
  switch (event.name) {
    case "room:joined":
      return { type: "joined", session: event.payload, shown };
    case "room:mode":
      return { type: "modeChanged", mode: event.payload.mode };
    case "room:updated":
      return { type: "roomUpdated", room: event.payload.room };
    case "room:closed":
      return { type: "roomClosed", reason: event.payload.reason };
    case "peer:joined":
      return { type: "peerJoined", peer: event.payload };
    case "peer:left":
      return { type: "peerLeft", peerId: event.payload.peerId };
    case "peer:updated": {
      const { peerId, state, userInfo } = event.payload;
      return { type: "peerUpdated", peerId, state, userInfo: userInfo ?? null };
    }
    case "peer:reaction":
      return { type: "reactionReceived", ...event.payload };
    case "chat:message": {
      const { message, clientId } = event.payload;
      return { type: "chatReceived", message, clientId };
    }
    case "chat:typing":
      return { type: "typingReceived", ...event.payload };
    case "lobby:waiting":
      return { type: "waitingStarted", peerId: event.payload.peerId };
    case "lobby:knock":
      return { type: "knocked", ...event.payload };
    case "lobby:left":
      return { type: "knockEnded", peerId: event.payload.peerId };
    case "host:muted":
      return { type: "hostMuted", kind: event.payload.kind };
    case "error":
      if (event.payload.event !== "join:room") return null;
      return { type: "joinRefused", code: event.payload.code };
    default:
      return null;
  }
}
