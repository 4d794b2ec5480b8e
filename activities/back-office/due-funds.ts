import pMap from 'p-map';
import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';
import type { MerchantId, PaymentId } from '../../workflows/domain/ids.ts';

/** Does what is due for the funds of one payment at that moment (epoch ms); see activities/ledger/move-funds.ts. */
export type MoveFunds = (
  merchant: MerchantId,
  payment: PaymentId,
  now: number,
) => Promise<{ readonly available: number; readonly released: number }>;

export interface DueFundsOptions {
  readonly pool: pg.Pool;
  readonly move: MoveFunds;
  readonly logger: Logger;
  /** Captures read at once. */
  readonly page: number;
  /** Payments worked on at once. */
  readonly concurrency: number;
}

export interface DueFundsTurn {
  readonly payments: number;
  readonly available: number;
  readonly released: number;
}

interface DueRow {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly operation: string;
  /** With microseconds, which a Date would lose: it is a cursor. */
  readonly dueAt: string;
}

/**
 * One turn over all captures whose funds are due: what is due is a date in the database and no timer
 * anywhere. Several at once do no harm, nor does one that dies: each move is recorded once, and what is
 * not moved is due in the next turn. Rejects, when the turn is over, with what could not be moved.
 */
export function createDueFunds({ pool, move, logger, page, concurrency }: DueFundsOptions) {
  async function dueAfter(last: DueRow | undefined, now: number): Promise<readonly DueRow[]> {
    const { rows } = await pool.query<DueRow>(
      `select merchant_id as merchant, payment_id as payment, id as operation, funds_due_at::text as "dueAt"
       from operations where funds_due_at <= $1 and (funds_due_at, id) > ($2::timestamptz, $3)
       order by funds_due_at, id limit $4`,
      [new Date(now), last?.dueAt ?? '-infinity', last?.operation ?? '', page],
    );
    return rows;
  }

  return async (signal: AbortSignal, now = Date.now()): Promise<DueFundsTurn> => {
    const done = { payments: 0, available: 0, released: 0 };
    const failures: unknown[] = [];

    /** One payment that cannot be moved must not keep those behind it from being moved. */
    async function moveOrNote({ merchant, payment }: DueRow): Promise<void> {
      try {
        const { available, released } = await move(merchant, payment, now);
        done.payments += 1;
        done.available += available;
        done.released += released;
      } catch (error) {
        failures.push(new Error(`funds of ${payment} could not be moved`, { cause: error }));
      }
    }

    for (let last: DueRow | undefined, full = true; full && !signal.aborted;) {
      const rows = await dueAfter(last, now);
      const payments = new Map(rows.map((row) => [`${row.merchant} ${row.payment}`, row]));
      await pMap(payments.values(), moveOrNote, { concurrency, signal });
      last = rows.at(-1);
      full = rows.length === page;
    }
    if (done.available + done.released > 0) logger.info('funds_moved', { ...done });
    if (failures.length > 0)
      throw new AggregateError(failures, `funds of ${failures.length} payments could not be moved`);
    return done;
  };
}
