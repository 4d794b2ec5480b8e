import { setTimeout as delay } from 'node:timers/promises';
import { KmsRefused, Tampered, UnknownKey } from '../key-errors.ts';

/** A workflow task may take ten seconds; what is not there by then is asked for with the next one (ms). */
const PATIENCE_MS = 6_000;
const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 1_000;

/** Asks again, for a while, what the key service or the table of keys did not answer. */
export async function untilKeysAnswer<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    try {
      return await ask();
    } catch (error) {
      const final = error instanceof Tampered || error instanceof UnknownKey || error instanceof KmsRefused;
      if (final || performance.now() + pauseMs > deadline) throw error;
      await delay(pauseMs);
    }
  }
}
