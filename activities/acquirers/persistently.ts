import { setTimeout as delay } from 'node:timers/promises';

/** Pauses before each further try (ms): what an acquirer said is worth some seconds of trying to keep it. */
const PAUSES_MS = [50, 150, 400, 900, 2_000] as const;

/** Runs `run` until it succeeds, at most six times within about four seconds. @throws the last error. */
export async function persistently<T>(run: () => Promise<T>): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await run();
    } catch {
      await delay(pauseMs);
    }
  }
  return run();
}
