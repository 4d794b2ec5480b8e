import { journalHeld, journalNet } from '../support/disagreements.ts';
import type { JournalEntry, World } from '../support/world.ts';
import type { AttemptRow, MatrixWire } from './wires/wire.ts';

interface PaymentRow extends Record<string, unknown> {
  status: string;
  failure_code: string | null;
  authorization_state: string;
  authorized: number;
  captured: number;
  refunded: number;
  refund_pending: number;
}

interface OperationRow extends Record<string, unknown> {
  kind: string;
  state: string;
  phase: string;
}

/** Everything that both sides have written down about one payment. Amounts are minor units. */
export interface PaymentRecord {
  readonly payment: PaymentRow;
  readonly operations: readonly OperationRow[];
  readonly attempts: readonly AttemptRow[];
  /** Types of events, in their order. */
  readonly events: readonly string[];
  /** Kinds of open cases. */
  readonly cases: readonly string[];
  /** Balance of each kind of account over this payment's postings. */
  readonly books: Readonly<Record<string, number>>;
  /** The acquirer's own lines. */
  readonly journal: readonly JournalEntry[];
}

export async function attemptsOf(world: World, payment: string): Promise<AttemptRow[]> {
  return world.sql<AttemptRow & Record<string, unknown>>(
    `select id, kind, state, outcome, acquirer_reference as reference, wire from attempts
     where merchant_id = $1 and payment_id = $2 order by planned_at, number, id`,
    [world.merchant, payment],
  );
}

/** @param lines of the acquirer's journal, all of them. */
export async function readRecord(
  world: World,
  wire: MatrixWire,
  payment: string,
  lines: readonly JournalEntry[],
): Promise<PaymentRecord> {
  const of = [world.merchant, payment];
  const [row] = await world.sql<PaymentRow>(
    `select status, failure_code, authorization_state, amount_authorized::float8 as authorized, amount_captured::float8 as captured,
            amount_refunded::float8 as refunded, amount_refund_pending::float8 as refund_pending
     from payments where merchant_id = $1 and id = $2`,
    of,
  );
  if (row === undefined) throw new Error(`${payment} is not in the record`);
  const operations = await world.sql<OperationRow>(
    'select kind, state, phase from operations where merchant_id = $1 and payment_id = $2 order by created_at, id',
    of,
  );
  const attempts = await attemptsOf(world, payment);
  const events = await world.sql<{ type: string }>(
    'select type from events where merchant_id = $1 and payment_id = $2 order by version, id',
    of,
  );
  const cases = await world.sql<{ kind: string }>(
    "select kind from cases where merchant_id = $1 and payment_id = $2 and state = 'open' order by kind",
    of,
  );
  const books = await world.sql<{ account: string; balance: number }>(
    `select regexp_replace(p.code, '^((auth_hold:)?[a-z_]+).*$', '\\1') as account, sum(p.amount)::float8 as balance
     from ledger_postings p join ledger_transactions t on t.merchant_id = p.merchant_id and t.id = p.transaction_id
     where p.merchant_id = $1 and t.payment_id = $2 group by 1`,
    of,
  );
  return {
    payment: row,
    operations,
    attempts,
    events: events.map(({ type }) => type),
    cases: cases.map(({ kind }) => kind),
    books: Object.fromEntries(books.map(({ account, balance }) => [account, balance])),
    journal: wire.linesOf(lines, attempts),
  };
}

/** What stands by the acquirer's journal. */
export function standingOf(journal: readonly JournalEntry[]): { held: number; net: number } {
  return { held: Number(journalHeld(journal)), net: Number(journalNet(journal)) };
}
