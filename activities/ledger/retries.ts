import pg from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { isConnectionLost, isSerializationFailure, retryTransaction } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';

/** How often a step ran again since this process began, by why. */
export interface RetryCounts {
  /** 40001 and 40P01: PostgreSQL undid the transaction. */
  readonly serialization: number;
  /** The connection broke: the transaction may have been committed. */
  readonly connection: number;
}

/** Runs the steps of payments again, as a whole, when PostgreSQL leaves no other answer than asking again. */
export interface Retries {
  /**
   * @param payment whose step it is, for the log.
   * @param step loads, decides and writes, and finds itself written when it runs again.
   * @throws what the last run failed with, after 8 runs; whatever is not mended by running again at once.
   */
  readonly run: <T>(payment: string, step: () => Promise<T>) => Promise<T>;
  readonly counts: () => RetryCounts;
}

/**
 * Bounded and jittered (platform/database.ts), counted and logged. After the last run the activity
 * fails, and Temporal runs it again with longer pauses.
 */
export function createRetries(logger: Logger): Retries {
  let serialization = 0;
  let connection = 0;
  return {
    run: (payment, step) =>
      retryTransaction(step, {
        mayRepeat: (error) => isSerializationFailure(error) || isConnectionLost(error),
        onRepeat(error, run) {
          if (isSerializationFailure(error)) serialization += 1;
          else connection += 1;
          logger.warn('step_repeated', { payment, run, reason: reasonOf(error), serialization, connection });
        },
      }),
    counts: () => ({ serialization, connection }),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof pg.DatabaseError) return `${error.code ?? ''} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** Shows how often steps ran again in this process. */
export function registerRetries(registry: Registry, retries: Pick<Retries, 'counts'>): void {
  new Gauge({
    name: 'ledger_retries',
    help: 'Steps of payments that ran again since this process began, by why: undone by PostgreSQL, or the connection broke.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      const { serialization, connection } = retries.counts();
      this.set({ reason: 'serialization' }, serialization);
      this.set({ reason: 'connection' }, connection);
    },
  });
}
