import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 25;

/**
 * Waits until `condition` gives something other than false, null or undefined (a throw counts as
 * not yet), and returns that.
 * @throws Error with `what` and the last failure, after `limitMs`.
 */
export async function waitUntil<T>(
  what: string,
  limitMs: number,
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  let failure: unknown = null;
  for (;;) {
    try {
      const found = await condition();
      if (found !== false && found !== null && found !== undefined) return found;
      failure = null;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`, { cause: failure });
    await delay(EVERY_MS);
  }
}
