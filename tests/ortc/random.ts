// Seeded chance for tests: the same seed gives the same inputs (xoshiro-like, 32 bits, good enough
// to vary inputs).
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** 0 to `below` - 1. */
  integer(below: number): number {
    return Math.floor(this.unit() * below);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.integer(from.length)];
    if (from.length === 0) throw new Error("nothing to pick from");
    return picked as T;
  }

  /** Each element with the given probability, in the same order. */
  some<T>(from: readonly T[], probability: number): T[] {
    return from.filter(() => this.chance(probability));
  }

  shuffled<T>(from: readonly T[]): T[] {
    const list = [...from];
    for (let i = list.length - 1; i > 0; i--) {
      const k = this.integer(i + 1);
      const here = list[i] as T;
      list[i] = list[k] as T;
      list[k] = here;
    }
    return list;
  }
}
