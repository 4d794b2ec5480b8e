import pMap from 'p-map';
import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';
import type { CommandId, MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import { Pacer } from './pacer.ts';
import type { Knock } from './temporal.ts';

export interface RelayOptions {
  readonly pool: pg.Pool;
  readonly knock: Knock;
  readonly logger: Logger;
  /** A command that is pending longer than this is rung for (ms). */
  readonly afterMs: number;
  /** Commands read at once. */
  readonly page: number;
  /** Knocks under way at once. */
  readonly concurrency: number;
}

/** What one turn of the relay found and did. */
export interface RelayTurn {
  /** Commands that are overdue. */
  readonly overdue: number;
  /** Payments that were rung for. */
  readonly knocked: number;
}

/**
 * A command may stay pending for a day, while its acquirer is asked for the truth: its workflow has
 * seen it. So the pauses between knocks grow, or they would fill its history.
 */
const KNOCK_PAUSE_MIN_MS = 5_000;
const KNOCK_PAUSE_MAX_MS = 300_000;
const REMEMBERED_MAX = 100_000;

interface CommandRow {
  merchant_id: MerchantId;
  id: CommandId;
  payment_id: PaymentId;
  /** With microseconds, which a Date would lose: it is a cursor. */
  createdAt: string;
}

/**
 * One turn over all overdue commands: what was accepted and whose doorbell was lost (the api died,
 * Temporal was away) is rung for here. Several relays at once do no harm: a knock only wakes.
 * Rejects when the database or Temporal does not answer; the next turn begins again.
 */
export function createRelay(options: RelayOptions): (signal: AbortSignal) => Promise<RelayTurn> {
  const { pool, knock, logger, afterMs, page, concurrency } = options;
  const pacer = new Pacer({
    pauseMinMs: KNOCK_PAUSE_MIN_MS,
    pauseMaxMs: KNOCK_PAUSE_MAX_MS,
    capacity: REMEMBERED_MAX,
  });

  async function overdueAfter(last: CommandRow | undefined): Promise<readonly CommandRow[]> {
    const { rows } = await pool.query<CommandRow>(
      `select merchant_id, id, payment_id, created_at::text as "createdAt" from commands
       where state = 'pending' and created_at < clock_timestamp() - $1 * interval '1 millisecond'
         and (created_at, id) > ($2::timestamptz, $3)
       order by created_at, id limit $4`,
      [afterMs, last?.createdAt ?? '-infinity', last?.id ?? '', page],
    );
    return rows;
  }

  return async (signal) => {
    let overdue = 0;
    let knocked = 0;
    const failures: unknown[] = [];

    /** Rings once for all overdue commands of one payment, if it is time for any of them. */
    async function knockFor(commands: readonly CommandRow[]): Promise<void> {
      const now = performance.now();
      const due = commands.filter(({ id }) => pacer.due(id, now));
      const [first] = due;
      if (first === undefined) return;
      try {
        await knock({ merchant: first.merchant_id, payment: first.payment_id });
      } catch (error) {
        // One payment that cannot be rung for must not keep those behind it from being rung for.
        for (const { id } of due) pacer.undo(id);
        failures.push(error);
        return;
      }
      knocked += 1;
      logger.debug('relay_knocked', { payment: first.payment_id, commands: due.map(({ id }) => id) });
    }

    for (let last: CommandRow | undefined, full = true; full && !signal.aborted;) {
      const rows = await overdueAfter(last);
      const payments = new Map<PaymentId, CommandRow[]>();
      for (const row of rows) payments.set(row.payment_id, [...(payments.get(row.payment_id) ?? []), row]);
      await pMap(payments.values(), knockFor, { concurrency, signal });
      overdue += rows.length;
      last = rows.at(-1);
      full = rows.length === page;
    }
    pacer.endRound();
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} payments could not be rung for`);
    if (knocked > 0) logger.info('relay_knocked_payments', { overdue, knocked });
    return { overdue, knocked };
  };
}
