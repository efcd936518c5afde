// Who may do what a host does. The server decides; this only says what to offer.
import type { Live } from "./callState";

/** `owner`: the room is theirs. `acting`: stands in while no owner is here, and may not hand over or end. */
export type HostRole = "owner" | "acting" | null;

/**
 * While no connection of the host is in the room, the person with an account who came first stands
 * in. The others are told by `userInfo.host`; whom it concerns works it out from who came before.
 */
export function hostRole({ entry, room, peers, earlier }: Live): HostRole {
  if (entry.userId === null) return null;
  if (entry.userId === room.hostId) return "owner";
  for (const [peerId, { userInfo }] of peers) {
    const comesFirst = earlier.has(peerId) && !userInfo.guest;
    if (userInfo.host || comesFirst) return null;
  }
  return "acting";
}
