// The one way in which tests wait: ask again until it is so, or fail with what was seen last.
import { setTimeout as pause } from "node:timers/promises";

const INTERVAL_MS = 50;

/** Resolves with the first value of `ask` that is neither false, null nor undefined. */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  deadlineMs = 15_000,
  intervalMs = INTERVAL_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await ask();
      if (value !== false && value !== null && value !== undefined) {
        return value as NonNullable<Exclude<T, false>>;
      }
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${deadlineMs} ms for: ${what}; last seen: ${String(last)}`);
    }
    await pause(intervalMs);
  }
}

/** The promise's value, or an error after `deadlineMs`. */
export async function within<T>(what: string, promise: Promise<T>, deadlineMs = 15_000): Promise<T> {
  const clock = new AbortController();
  const late = pause(deadlineMs, undefined, { signal: clock.signal }).then(() => {
    throw new Error(`waited ${deadlineMs} ms for: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    clock.abort();
  }
}
