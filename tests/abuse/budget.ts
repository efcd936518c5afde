// How much an attack may do: so many attempts, or so long, whichever ends first.
export class Budget {
  made = 0;
  readonly #count: number;
  readonly #end: number;

  constructor(count: number, milliseconds: number) {
    this.#count = count;
    this.#end = performance.now() + milliseconds;
  }

  get isOver(): boolean {
    return this.made >= this.#count || performance.now() >= this.#end;
  }

  /** Takes one attempt; false when none is left. */
  take(): boolean {
    if (this.isOver) return false;
    this.made++;
    return true;
  }

  /** Attempts by `parallel` attackers at once, each by its number; a failed one is an attempt too. */
  async spend(parallel: number, attempt: (number: number) => Promise<unknown>): Promise<void> {
    const one = async () => {
      while (this.take()) await attempt(this.made).catch(() => undefined);
    };
    await Promise.all(Array.from({ length: parallel }, one));
  }
}
