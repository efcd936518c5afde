// The Socket.IO events of the call, each way, and the decoder of each one the server sends.
import { z } from "zod";
import { iceServerSchema, messageSchema, roomSchema } from "~/api/schemas";
import {
  rtpCapabilitiesSchema,
  type SfuClientEvents,
  type Source,
  sfuEventSchemas,
  sourceSchema,
} from "./sfuEvents";

export type { Source };

export const peerStateSchema = z.object({
  audio: z.boolean(),
  video: z.boolean(),
  screen: z.boolean(),
  handRaised: z.boolean(),
});
/** What a peer shows at this moment. */
export type PeerState = z.infer<typeof peerStateSchema>;

/** What a peer sends at this moment. */
export type Shown = Pick<PeerState, "audio" | "video" | "screen">;

export const userInfoSchema = z.object({
  id: z.string(),
  username: z.string(),
  guest: z.boolean(),
  host: z.boolean(),
});
export type UserInfo = z.infer<typeof userInfoSchema>;

export const peerSchema = z.object({
  peerId: z.string(),
  userInfo: userInfoSchema,
  state: peerStateSchema,
});
export type Peer = z.infer<typeof peerSchema>;

const sourcesSchema = z.record(z.string(), sourceSchema);
const modeSchema = z.enum(["p2p", "sfu"]);
export type Mode = z.infer<typeof modeSchema>;

export const sessionSchema = z.object({
  roomId: z.string(),
  peerId: z.string(),
  peers: z.array(peerSchema),
  room: roomSchema,
  mode: modeSchema,
  iceServers: z.array(iceServerSchema),
  /** Null where there is no SFU. */
  routerRtpCapabilities: rtpCapabilitiesSchema.nullable(),
  messages: z.array(messageSchema),
  /** `before` of the next older page of messages; null: these are all. */
  nextCursor: z.string().nullable(),
});
/** What `room:joined` tells about the room at the moment of entering. */
export type Session = z.infer<typeof sessionSchema>;

export const waitingSchema = z.object({ waiting: z.literal(true), peerId: z.string() });

const descriptionSchema = <T extends "offer" | "answer">(type: T) =>
  z.object({ type: z.literal(type), sdp: z.string(), sources: sourcesSchema.exactOptional() });

/** One session description, and which source its sender puts on which m-line (by mid). */
export type Description = {
  readonly type: "offer" | "answer";
  readonly sdp: string;
  readonly sources?: Readonly<Record<string, Source>>;
};

const candidateSchema = z.object({
  candidate: z.string(),
  sdpMid: z.string().nullable().exactOptional(),
  sdpMLineIndex: z.number().nullable().exactOptional(),
  usernameFragment: z.string().nullable().exactOptional(),
});

export const signallingErrorCodes = [
  "UNAUTHORIZED",
  "FORBIDDEN",
  "ROOM_NOT_FOUND",
  "ROOM_FULL",
  "ROOM_LOCKED",
  "LOBBY_DENIED",
  "LOBBY_TIMEOUT",
  "PEER_NOT_FOUND",
  "NOT_IN_ROOM",
  "VALIDATION_ERROR",
  "RATE_LIMITED",
  "QUOTA_EXCEEDED",
  "SFU_ERROR",
  "UNAVAILABLE",
  "INTERNAL_ERROR",
] as const;
export type SignallingErrorCode = (typeof signallingErrorCodes)[number];

export const errorSchema = z.object({
  code: z.enum(signallingErrorCodes),
  message: z.string(),
  event: z.string().exactOptional(),
});

/** Every event the server may send, with its decoder; anything else is ignored. */
export const serverEventSchemas = {
  "room:joined": sessionSchema,
  "room:mode": z.object({ mode: modeSchema, reason: z.string() }),
  "room:updated": z.object({ room: roomSchema }),
  "room:closed": z.object({ reason: z.enum(["ended", "deleted", "removed", "shutdown"]) }),
  "peer:joined": peerSchema,
  "peer:left": z.object({
    peerId: z.string(),
    reason: z.enum(["left", "disconnected", "removed"]).exactOptional(),
  }),
  "peer:updated": z.object({
    peerId: z.string(),
    state: peerStateSchema,
    userInfo: userInfoSchema.exactOptional(),
  }),
  "peer:reaction": z.object({ peerId: z.string(), emoji: z.string() }),
  "webrtc:offer": z.object({ fromPeerId: z.string(), offer: descriptionSchema("offer") }),
  "webrtc:answer": z.object({ fromPeerId: z.string(), answer: descriptionSchema("answer") }),
  "webrtc:ice": z.object({ fromPeerId: z.string(), candidate: candidateSchema.nullable() }),
  "call:path": z.object({ fromPeerId: z.string(), mode: modeSchema }),
  ...sfuEventSchemas,
  "chat:message": z.object({ message: messageSchema, clientId: z.string().exactOptional() }),
  "chat:typing": z.object({ peerId: z.string(), typing: z.boolean() }),
  "lobby:waiting": z.object({ peerId: z.string() }),
  "lobby:knock": z.object({ peerId: z.string(), userInfo: userInfoSchema }),
  "lobby:left": z.object({ peerId: z.string() }),
  "host:muted": z.object({ kind: z.enum(["audio", "video", "screen"]) }),
  error: errorSchema,
} as const;

type Schemas = typeof serverEventSchemas;
export type ServerEventName = keyof Schemas;

/** A decoded event: `{name, payload}`, discriminated by its name. */
export type ServerEvent = {
  [N in ServerEventName]: { readonly name: N; readonly payload: z.infer<Schemas[N]> };
}[ServerEventName];

/** What the page may send. */
export type ClientEvents = SfuClientEvents & {
  "join:room": { roomCode: string };
  "leave:room": undefined;
  "peer:update": Partial<PeerState>;
  "peer:reaction": { emoji: string };
  "webrtc:offer": { targetPeerId: string; offer: Description };
  "webrtc:answer": { targetPeerId: string; answer: Description };
  "webrtc:ice": { targetPeerId: string; candidate: RTCIceCandidateInit | null };
  "call:path": { targetPeerId: string; mode: Mode };
  "room:request-sfu": { peerId: string };
  "chat:send": { content: string; clientId: string };
  "chat:history": { before?: string; limit?: number };
  "chat:typing": { typing: boolean };
  "host:mute": { peerId: string; kind: "audio" | "video" | "screen" };
  "host:remove": { peerId: string };
  "host:admit": { peerId: string };
  "host:deny": { peerId: string };
  "host:transfer": { peerId: string };
  "host:end": Record<string, never>;
  "host:mode": { mode: Mode };
};

/** What only who hosts the meeting may ask for. */
export type HostRequest = {
  [N in Extract<keyof ClientEvents, `host:${string}`>]: {
    readonly event: N;
    readonly payload: ClientEvents[N];
  };
}[Extract<keyof ClientEvents, `host:${string}`>];

export type ClientEventName = keyof ClientEvents;

/** Decodes one event; null when it is unknown or does not have the promised shape. */
export function decodeServerEvent(name: string, payload: unknown): ServerEvent | null {
  if (!Object.hasOwn(serverEventSchemas, name)) return null;
  const known = name as ServerEventName;
  const parsed = serverEventSchemas[known].safeParse(payload);
  return parsed.success ? ({ name: known, payload: parsed.data } as ServerEvent) : null;
}
