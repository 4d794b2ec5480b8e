import type { DeliveryId } from '../domain/ids.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The pause after the first, second … attempt (ms): ten attempts within some 76 hours. */
export const RETRY_PAUSES_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** The dispatcher's and the workflow's together. */
export const ATTEMPTS_MAX = RETRY_PAUSES_MS.length + 1;

/** A pause is at most this share longer than the table says. */
export const JITTER_MAX = 0.1;

/**
 * How long to wait after `attempts` failed attempts (ms); null when there will be no other. The
 * deliveries that failed together come back spread: each pause grows by up to a tenth, by an amount
 * that is a function of the delivery and the attempt, so that a repeated run computes the same.
 */
export function pauseAfter(delivery: DeliveryId, attempts: number): number | null {
  if (attempts < 1) return 0;
  const pause = RETRY_PAUSES_MS[attempts - 1];
  return pause === undefined
    ? null
    : Math.round(pause * (1 + JITTER_MAX * fraction(`${delivery}:${attempts}`)));
}

/** A text's place in [0, 1): FNV-1a, 32 bits. It spreads; it protects nothing. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // The last characters reach the upper bits only through a final mix (murmur3's).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
