/** When a request is sent again. Times in ms. */
export interface RetryPolicy {
  /** How often it is sent at most, the first time included. */
  readonly attempts: number;
  /** Before the second attempt; doubled before each later one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A server that asks for more patience than this is told on to the caller instead. */
  readonly longestRetryAfterMs: number;
}

export const RETRIES: RetryPolicy = {
  attempts: 5,
  firstPauseMs: 250,
  longestPauseMs: 8_000,
  longestRetryAfterMs: 30_000,
};

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3); null when it says neither. In ms from `now`. */
export function retryAfterOf(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/**
 * Whether an answer may be another one when the same request is sent again with the same key. A 409 is
 * final unless it says when to come back.
 */
export function isPassing(status: number, retryAfterMs: number | null): boolean {
  return status === 429 || status >= 500 || (status === 409 && retryAfterMs !== null);
}

/**
 * The pause before the next attempt; null = no more.
 * @param made how many attempts were made.
 * @param random from 0 up to 1: clients that failed together do not come back together.
 */
export function pauseBefore(
  policy: RetryPolicy,
  made: number,
  retryAfterMs: number | null,
  random: number,
): number | null {
  if (made >= policy.attempts) return null;
  if (retryAfterMs !== null && retryAfterMs > policy.longestRetryAfterMs) return null;
  const whole = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (made - 1));
  return Math.max(retryAfterMs ?? 0, whole * (0.5 + random / 2));
}
