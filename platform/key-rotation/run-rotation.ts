import { setTimeout as delay } from 'node:timers/promises';
import { KmsUnavailable } from '../key-errors.ts';
import type { Rotate, RotationProgress } from './rotation.ts';

/** Keys that cannot be wrapped anew: somebody has to look. */
export class KeysLeftBehind extends Error {
  override readonly name = 'KeysLeftBehind';
}

const PAUSE_MIN_MS = 200;
const PAUSE_MAX_MS = 5_000;
/** Calls that failed one after another, until it is given up: about half a minute. */
const FAILURES_MAX = 10;

/**
 * Goes through a rotation until nothing is left behind.
 * @param isPassing whether a failure may be over with the next call.
 * @throws KeysLeftBehind when a whole round wrapped nothing anew although something is left, the last
 * failure when it does not pass, and what `onProgress` throws. Called again it goes on.
 */
export async function runRotation(
  rotate: Rotate,
  id: string,
  onProgress: (progress: RotationProgress) => void,
  isPassing: (error: unknown) => boolean = (error) => error instanceof KmsUnavailable,
): Promise<RotationProgress> {
  let after: string | null = null;
  let failures = 0;
  let failed: string[] = [];
  let before = -1;
  for (;;) {
    let progress: RotationProgress;
    try {
      progress = await rotate(id, after);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!isPassing(error) || failures >= FAILURES_MAX) throw error;
      await delay(Math.min(PAUSE_MIN_MS * 2 ** failures, PAUSE_MAX_MS));
      continue;
    }
    onProgress(progress);
    if (progress.done) return progress;
    failed.push(...progress.failed);
    after = progress.next;
    if (after !== null) continue;
    if (progress.remaining === before)
      throw new KeysLeftBehind(
        `${progress.remaining} keys stay under an old master key, do not disable it: ${failed.slice(0, 10).join('; ') || 'nobody refused them'}`,
      );
    before = progress.remaining;
    failed = [];
  }
}
