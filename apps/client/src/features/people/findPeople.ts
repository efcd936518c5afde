import type { PeerState } from "~/signalling/events";

export type Person = {
  readonly peerId: string;
  readonly userId: string;
  readonly name: string;
  readonly self: boolean;
  readonly host: boolean;
  readonly guest: boolean;
  readonly state: PeerState;
};

/** Those whose name holds the words of `query`, wherever and in whatever case. */
export function findPeople(people: readonly Person[], query: string): readonly Person[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return people.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
