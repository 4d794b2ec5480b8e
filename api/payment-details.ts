import type pg from 'pg';
import { stateOf, type PaymentDocument } from '../schema/load-payment.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { paymentResource } from '../workflows/domain/resource.ts';
import type { Credential } from './auth/api-key.ts';
import { entryOnWire } from './ledger/entry.ts';
import { transactionId } from './ledger/ids.ts';
import type { Expansion } from './schemas/payment-queries.ts';

// One statement: it sees one moment, and costs one round trip. Beside the payment it answers JSON arrays, oldest
// first; what is not wished for is not read. Of an attempt's wire fields only the reference is shown: the others
// name terminals and accounts.

const DETAILS = `
  select
    load_payment($1, $2) as document,
    case when 'history' = any($3::text[]) then
      coalesce((select jsonb_agg(jsonb_build_object(
          'version', h.version, 'at', h.at, 'event', h.event, 'status', h.status, 'detail', h.detail) order by h.version)
        from payment_history h where h.merchant_id = $1 and h.payment_id = $2), '[]') end as history,
    'history' = any($3::text[]) and exists (select from archives a
      where a.parent = 'payment_history' and a.low <= $2 and a.high > $2) as archived,
    case when 'attempts' = any($3::text[]) then
      coalesce((select jsonb_agg(jsonb_build_object(
          'id', a.id, 'operation', a.operation_id, 'kind', a.kind, 'state', a.state, 'outcome', a.outcome,
          'response_code', a.response_code, 'acquirer', a.acquirer_id, 'rrn', a.wire ->> 'rrn',
          'planned', a.planned_at, 'sent', a.sending_at, 'answered', a.answered_at) order by a.planned_at, a.id)
        from attempts a where a.merchant_id = $1 and a.payment_id = $2), '[]') end as attempts,
    case when 'routing' = any($3::text[]) then
      coalesce((select jsonb_agg(jsonb_build_object('attempt', d.attempt_number) || d.decision - 'left' order by d.attempt_number)
        from route_decisions d where d.merchant_id = $1 and d.payment_id = $2), '[]') end as routing,
    case when 'ledger' = any($3::text[]) then
      coalesce((select jsonb_agg(jsonb_build_object(
          'id', t.id::text, 'event', t.event, 'at', t.at, 'operation', t.operation_id, 'attempt', t.attempt_id,
          'code', p.code, 'currency', p.currency, 'amount', p.amount::text) order by t.id, p.line)
        from ledger_transactions t
        join ledger_postings p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
        where t.merchant_id = $1 and t.payment_id = $2), '[]') end as ledger`;

/** What is null was not wished for. */
interface DetailsRow {
  document: PaymentDocument | null;
  history: { at: string }[] | null;
  /** Whether the month of its birth is in a file (npm run archive). */
  archived: boolean;
  attempts: { planned: string; sent: string | null; answered: string | null }[] | null;
  /** As it was decided (workflows/domain/route/record.ts). */
  routing: Record<string, unknown>[] | null;
  ledger: LedgerLine[] | null;
}

/** One posting with its transaction; what can be beyond 2^53 is text. */
interface LedgerLine {
  id: string;
  event: string;
  at: string;
  operation: string | null;
  attempt: string | null;
  code: string;
  currency: string;
  amount: string;
}

/**
 * A payment with those of its history, attempts, routing decisions and ledger entries that are wished for,
 * all as of one moment; null when this merchant has no such payment in this mode.
 */
export async function readPaymentDetails(
  database: Pick<pg.Pool, 'query'>,
  { merchant, mode }: Credential,
  payment: PaymentId,
  expand: readonly Expansion[],
): Promise<Record<string, unknown> | null> {
  const { rows } = await database.query<DetailsRow>({
    name: 'read_payment_details',
    text: DETAILS,
    values: [merchant, payment, expand],
  });
  const [row] = rows;
  if (row === undefined || row.document === null) return null;
  const state = stateOf(row.document);
  if (state.payment.mode !== mode) return null;
  const { history, archived, attempts, routing, ledger } = row;
  const beside = {
    history: history?.map((line) => ({ ...line, at: iso(line.at) })),
    attempts: attempts?.map((attempt) => ({
      ...attempt,
      planned: iso(attempt.planned),
      sent: attempt.sent === null ? null : iso(attempt.sent),
      answered: attempt.answered === null ? null : iso(attempt.answered),
    })),
    routing,
    ledger: ledger === null ? null : toTransactions(ledger),
  } satisfies Record<Expansion, unknown>;
  return {
    ...paymentResource(state),
    // Every change has one line: what is not here is in the file, and says so.
    ...(history === null ? {} : { history_archived: archived ? state.payment.version - history.length : 0 }),
    ...Object.fromEntries(expand.map((name) => [name, beside[name]])),
  };
}

function toTransactions(lines: readonly LedgerLine[]): Record<string, unknown>[] {
  const transactions = new Map<string, { entries: unknown[] } & Record<string, unknown>>();
  for (const { id, event, at, operation, attempt, code, currency, amount } of lines) {
    const transaction = transactions.get(id) ?? {
      id: transactionId(BigInt(id)),
      event,
      at: iso(at),
      operation,
      attempt,
      entries: [],
    };
    transactions.set(id, transaction);
    transaction.entries.push(entryOnWire(code, currency, BigInt(amount)));
  }
  return [...transactions.values()];
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
