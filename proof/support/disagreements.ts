import type { JournalEntry, World } from './world.ts';

interface Totals extends Record<string, unknown> {
  authorized: string;
  captured: string;
  refunded: string;
  disputed: string;
  held: string;
}

export interface KnownDoubts {
  /** Of refunds that the acquirer has made and our record still calls pending, in a case. Minor units. */
  readonly refundsInDoubt?: bigint;
}

/**
 * Where our record, the books and the acquirer's journal tell different stories about what this merchant
 * did: two live authorizations of a payment, books out of balance, amounts that differ from side to side.
 */
export async function disagreements(
  world: World,
  { refundsInDoubt = 0n }: KnownDoubts = {},
): Promise<string[]> {
  const journal = await world.journal();
  const found: string[] = [];
  const equal = (what: string, is: bigint, expected: bigint): void => {
    if (is !== expected) found.push(`${what}: ${is}, not ${expected}`);
  };

  const authorizations = new Map<string, number>();
  for (const { kind, rrn } of journal)
    if (kind === 'approved' || kind === 'sale') authorizations.set(rrn, (authorizations.get(rrn) ?? 0) + 1);
  for (const [reference, count] of authorizations)
    if (count > 1) found.push(`${count} authorizations under ${reference}`);

  const unbalanced = await world.sql(
    'select transaction_id, currency, sum(amount) from ledger_postings where merchant_id = $1 group by 1, 2 having sum(amount) <> 0',
    [world.merchant],
  );
  if (unbalanced.length > 0)
    found.push(`transactions that do not net to zero: ${JSON.stringify(unbalanced)}`);
  const drifted = await world.sql(
    `select code, stripe, b.balance, sum(p.amount) from ledger_balances b join ledger_postings p using (merchant_id, mode, code, currency, stripe)
     where merchant_id = $1 group by code, stripe, b.balance having b.balance <> sum(p.amount)`,
    [world.merchant],
  );
  if (drifted.length > 0)
    found.push(`balances that are not the sum of their postings: ${JSON.stringify(drifted)}`);

  const [ours] = await world.sql<Totals>(
    `select coalesce(sum(amount_authorized), 0)::text as authorized, coalesce(sum(amount_captured), 0)::text as captured,
            coalesce(sum(amount_refunded), 0)::text as refunded, coalesce(sum(amount_disputed), 0)::text as disputed,
            coalesce(sum(amount_authorized - amount_captured) filter (where authorization_state = 'held'), 0)::text as held
     from payments where merchant_id = $1`,
    [world.merchant],
  );
  const [books] = await world.sql<{ receivable: string }>(
    `select coalesce(sum(balance), 0)::text as receivable from ledger_balances where merchant_id = $1
     and (code like 'acquirer_receivable:%' or code = 'fee_expense:dispute')`,
    [world.merchant],
  );
  const net = BigInt(ours?.captured ?? 0) - BigInt(ours?.refunded ?? 0);
  // What acquirers took for disputes lies beside what was charged back.
  equal('the books against the payments', BigInt(books?.receivable ?? 0), net - BigInt(ours?.disputed ?? 0));
  // The simulator's journal ends where it answered: it knows nothing of what was reported failed later.
  const [withdrawn] = await world.sql<{ net: string }>(
    `select coalesce(sum(case failure_code when 'capture_failed' then amount else -amount end), 0)::text as net
     from operations where merchant_id = $1 and failure_code in ('capture_failed', 'refund_failed')`,
    [world.merchant],
  );
  equal(
    'the acquirer’s journal against the payments',
    journalNet(journal) + refundsInDoubt,
    net + BigInt(withdrawn?.net ?? 0),
  );

  const held = BigInt(ours?.held ?? 0);
  const holds = await world.sql<{ code: string; balance: string }>(
    `select code, sum(balance)::text as balance from ledger_balances where merchant_id = $1 and code like 'auth_hold:%' group by code`,
    [world.merchant],
  );
  const holdOf = (account: string): bigint =>
    BigInt(holds.find(({ code }) => code === account)?.balance ?? 0);
  equal('what the books hold (acquirer) against the payments', holdOf('auth_hold:acquirer'), held);
  equal('what the books hold (merchant) against the payments', holdOf('auth_hold:merchant'), -held);
  equal('what the acquirer’s journal holds against the payments', journalHeld(journal), held);
  return found;
}

/** What the acquirer holds by its own journal: approved and added, less what was taken, released or undone. */
export function journalHeld(journal: readonly JournalEntry[]): bigint {
  const authorizations = new Set(journal.filter(({ kind }) => kind === 'approved').map(({ rrn }) => rrn));
  return journal.reduce((held, { kind, rrn, amount = 0 }) => {
    if (!authorizations.has(rrn)) return held;
    if (GROWS.includes(kind)) return held + BigInt(amount);
    return SHRINKS.includes(kind) ? held - BigInt(amount) : held;
  }, 0n);
}
const GROWS: readonly string[] = ['approved', 'incremented'];
const SHRINKS: readonly string[] = [
  'released',
  'captured',
  'partially_voided',
  'voided',
  'reversed',
  'increment_reversed',
];

/** What the acquirer owes by its own journal: sales and captures that stand, less refunds. */
export function journalNet(journal: readonly JournalEntry[]): bigint {
  const reversed = new Set(journal.filter(({ kind }) => kind === 'reversed').map(({ rrn }) => rrn));
  return journal.reduce((net, { kind, rrn, amount = 0 }) => {
    if (kind === 'captured') return net + BigInt(amount);
    if (kind === 'sale') return reversed.has(rrn) ? net : net + BigInt(amount);
    if (kind === 'refunded') return net - BigInt(amount);
    return net;
  }, 0n);
}
