// When to try again after the connection broke, as plain arithmetic.

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;

/** Without a connection for this long the page says so, and after `LOST_AFTER_MS` gives up hope. */
export const RECONNECTING_AFTER_MS = 2_000;
export const LOST_AFTER_MS = 60_000;
/** How often the login is renewed during a call; the access token lives 15 minutes. */
export const REFRESH_EVERY_MS = 10 * 60_000;

/**
 * Milliseconds to wait before attempt `attempt` (0 is the first). Doubles up to 8 s; `chance` of
 * 0 to 1 spreads pages that lost the same server over half of the delay.
 */
export function retryDelayMs(attempt: number, chance: number): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS);
  return delay * (0.5 + chance / 2);
}
