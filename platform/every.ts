import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './logger.ts';
import { createOutage } from './outage.ts';

interface EveryOptions {
  /** Begins the names of the log lines. */
  readonly name: string;
  /** Pause between the end of one turn and the beginning of the next (ms). */
  readonly intervalMs: number;
  /** Ends the loop; a turn that was begun is finished first. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Does `work` again and again until the signal comes. An error is logged once per outage and never ends the loop. */
export async function every(
  { name, intervalMs, signal, logger }: EveryOptions,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const outage = createOutage(name, logger);
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    try {
      await work(signal);
      outage.worked();
    } catch (error) {
      if (!stopped()) outage.failed(error);
    }
    await pause(intervalMs, signal);
  }
}

/** Waits, but not longer than until the signal comes. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
