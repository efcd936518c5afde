// The shapes that REST and signalling share. Every answer from the network passes one of these;
// fields we do not know are dropped, so that an older page survives a newer server.
import { z } from "zod";

export const userSchema = z.object({ id: z.string(), email: z.string(), username: z.string() });
export type User = z.infer<typeof userSchema>;

export const roomSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  hostId: z.string(),
  host: z.object({ id: z.string(), username: z.string() }),
  locked: z.boolean(),
  lobby: z.boolean(),
  guests: z.boolean(),
  peerCount: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Room = z.infer<typeof roomSchema>;

/** How this server carries calls. */
export const rtcConfigSchema = z.object({ p2pMaxPeers: z.number() });

export const messageSchema = z.object({
  id: z.string(),
  content: z.string(),
  roomId: z.string(),
  userId: z.string().nullable(),
  username: z.string(),
  createdAt: z.string(),
});
export type Message = z.infer<typeof messageSchema>;

export const iceServerSchema = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.string().exactOptional(),
  credential: z.string().exactOptional(),
});

export const messagePageSchema = z.object({
  messages: z.array(messageSchema),
  nextCursor: z.string().nullable(),
});
export type MessagePage = z.infer<typeof messagePageSchema>;

export const userAnswerSchema = z.object({ user: userSchema });
export const roomPageSchema = z.object({
  rooms: z.array(roomSchema),
  nextCursor: z.string().nullable(),
});
export const errorBodySchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
