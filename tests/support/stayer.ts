// Somebody who stays in a room whatever happens to the servers, as the page does.
import { Line, type Room } from "./person.ts";
import { until } from "./poll.ts";
import type { Server } from "./server.ts";

/** Comes back by itself, and into the room when it is somebody new. `options` say who it is. */
export async function stay(server: Server, room: Room, options: object): Promise<Line> {
  const line = await Line.open(server, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
  line.socket.on("connect", () => {
    if (!line.socket.recovered) line.socket.emit("join:room", { roomCode: room.slug });
  });
  await line.call("join:room", { roomCode: room.slug });
  return line;
}

/** The stock client's next attempt goes there, as a proxy in front would lead it. */
export const lead = (line: Line, server: Server): void => void Object.assign(line.socket.io, { uri: server.url });

/** A loss is soon made good, so nobody may look too late. */
export const nextLoss = (line: Line): Promise<unknown> => new Promise((resolve) => line.socket.once("disconnect", resolve));

/** What was said in the room since this one is in it. */
export const said = (line: Line): string[] => line.payloads<{ message: { content: string } }>("chat:message").map(({ message }) => message.content);

/** Says it until a server has stored it, however often the connection is lost meanwhile. */
export async function insist(line: Line, content: string): Promise<void> {
  await until(
    `"${content}" to be stored`,
    async () => {
      const reply = (await line.socket.timeout(1_000).emitWithAck("chat:send", { content, clientId: content })) as { error?: unknown };
      return reply.error === undefined;
    },
    30_000,
  );
}
