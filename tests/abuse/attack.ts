// What an attack is, and what it is told of the server that it is run against.
import type { Budget } from "./budget.ts";

/** Where attackers come from, so that the bystanders at 127.0.0.1 are another address. */
export const FROM = "127.0.0.2";

export type Target = {
  readonly url: string;
  readonly port: number;
  /** Of the first media worker, UDP and TCP. */
  readonly mediaPort: number;
  /** The code of a room that anyone may enter, with a long history. */
  readonly room: string;
};

export type Attack = {
  readonly name: string;
  /** What is done, as the table says it. */
  readonly what: string;
  /** Attempts of the short version. */
  readonly count: number;
  /** Counters of `/metrics` of which at least one tells of this attack by rising. */
  readonly names: RegExp;
  /** The server speaks TLS itself. */
  readonly tls?: true;
  /** Whatever it has opened stays open when it is done. */
  run(target: Target, budget: Budget): Promise<void>;
};
