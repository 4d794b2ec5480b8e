import type pg from 'pg';
import { loadPayment } from '../schema/load-payment.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { paymentResource } from '../workflows/domain/resource.ts';
import type { Credential } from './auth/api-key.ts';
import { entryOnWire } from './ledger/entry.ts';
import { transactionId } from './ledger/ids.ts';

// Each answers one JSON array, oldest first. Of an attempt's wire fields only the reference is shown:
// the others name terminals and accounts.

const DETAILS = `
  select
    coalesce((select jsonb_agg(jsonb_build_object(
        'version', h.version, 'at', h.at, 'event', h.event, 'status', h.status, 'detail', h.detail) order by h.version)
      from payment_history h where h.merchant_id = $1 and h.payment_id = $2), '[]') as history,
    exists (select from archives a
      where a.parent = 'payment_history' and a.low <= $2 and a.high > $2) as archived,
    coalesce((select jsonb_agg(jsonb_build_object(
        'id', a.id, 'operation', a.operation_id, 'kind', a.kind, 'state', a.state, 'outcome', a.outcome,
        'response_code', a.response_code, 'acquirer', a.acquirer_id, 'rrn', a.wire ->> 'rrn',
        'planned', a.planned_at, 'sent', a.sending_at, 'answered', a.answered_at) order by a.planned_at, a.id)
      from attempts a where a.merchant_id = $1 and a.payment_id = $2), '[]') as attempts,
    coalesce((select jsonb_agg(jsonb_build_object('attempt', d.attempt_number) || d.decision - 'left' order by d.attempt_number)
      from route_decisions d where d.merchant_id = $1 and d.payment_id = $2), '[]') as routing`;

const LEDGER = `
  select t.id, t.event, t.at, t.operation_id, t.attempt_id, p.code, p.currency, p.amount
  from ledger_transactions t
  join ledger_postings p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
  where t.merchant_id = $1 and t.payment_id = $2
  order by t.id, p.line`;

interface DetailsRow {
  history: { at: string }[];
  /** Whether the month of its birth is in a file (npm run archive). */
  archived: boolean;
  attempts: { planned: string; sent: string | null; answered: string | null }[];
  /** As it was decided (workflows/domain/route/record.ts). */
  routing: Record<string, unknown>[];
}

interface LedgerRow {
  id: bigint;
  event: string;
  at: Date;
  operation_id: string | null;
  attempt_id: string | null;
  code: string;
  currency: string;
  amount: bigint;
}

/**
 * A payment with its history, attempts, routing decisions and ledger entries, all as of one moment; null when this
 * merchant has no such payment in this mode.
 */
export async function readPaymentDetails(
  pool: pg.Pool,
  { merchant, mode }: Credential,
  payment: PaymentId,
): Promise<Record<string, unknown> | null> {
  return atOneMoment(pool, async (database) => {
    const state = await loadPayment(database, merchant, payment);
    if (state === null || state.payment.mode !== mode) return null;
    const values = [merchant, payment];
    const details = await database.query<DetailsRow>({ name: 'read_payment_details', text: DETAILS, values });
    const ledger = await database.query<LedgerRow>({ name: 'read_payment_ledger', text: LEDGER, values });
    const { history, archived, attempts, routing } = details.rows[0] ?? {
      history: [],
      archived: false,
      attempts: [],
      routing: [],
    };
    return {
      ...paymentResource(state),
      // Every change has one line: what is not here is in the file, and says so.
      history_archived: archived ? state.payment.version - history.length : 0,
      history: history.map((line) => ({ ...line, at: iso(line.at) })),
      attempts: attempts.map((attempt) => ({
        ...attempt,
        planned: iso(attempt.planned),
        sent: attempt.sent === null ? null : iso(attempt.sent),
        answered: attempt.answered === null ? null : iso(attempt.answered),
      })),
      routing,
      ledger: toTransactions(ledger.rows),
    };
  });
}

function toTransactions(rows: readonly LedgerRow[]): Record<string, unknown>[] {
  const transactions = new Map<bigint, { entries: unknown[] } & Record<string, unknown>>();
  for (const {
    id,
    event,
    at,
    operation_id: operation,
    attempt_id: attempt,
    code,
    currency,
    amount,
  } of rows) {
    const transaction = transactions.get(id) ?? {
      id: transactionId(id),
      event,
      at: at.toISOString(),
      operation,
      attempt,
      entries: [],
    };
    transactions.set(id, transaction);
    transaction.entries.push(entryOnWire(code, currency, amount));
  }
  return [...transactions.values()];
}

async function atOneMoment<T>(pool: pg.Pool, read: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const result = await read(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // Closed rather than returned: its transaction is in a state that nobody knows.
    client.release(true);
    throw error;
  }
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
