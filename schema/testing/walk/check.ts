import type pg from 'pg';
import type { OperationId } from '../../../workflows/domain/ids.ts';
import type { Entry } from './acquirer.ts';
import { ACCOUNTS, EVENTS, modelOf, originalOf, sumOf } from './model.ts';
import type { ModelEvent, Modelled, Seen } from './model.ts';
import type { Walked } from './life.ts';
import type { WalkReport } from './walk.ts';

/** What the test says and what the database says about the same thing. */
export interface Disagreement {
  readonly about: string;
  readonly expected: unknown;
  readonly found: unknown;
}

interface PaymentRow {
  readonly merchant_id: string;
  readonly id: string;
  readonly version: number;
  readonly history: bigint;
  readonly amount_authorized: bigint;
  readonly amount_captured: bigint;
  readonly amount_refunded: bigint;
  readonly amount_refund_pending: bigint;
  readonly amount_disputed: bigint;
  readonly authorization_state: string;
  readonly stuck: boolean;
}

interface CommandRow {
  readonly id: string;
  readonly payment_id: string;
  readonly kind: string;
  readonly operation_id: OperationId;
  readonly state: 'pending' | 'done';
  readonly answer_status: number | null;
  readonly amount: bigint | null;
}

/** Holds the database against what was seen from outside of it: everything on which they disagree. */
export async function disagreements(owner: pg.Pool, report: WalkReport): Promise<readonly Disagreement[]> {
  const found: Disagreement[] = [];
  const compare = (about: string, expected: unknown, actual: unknown): void => {
    if (text(expected) !== text(actual)) found.push({ about, expected, found: actual });
  };
  const payments = await rowsById<PaymentRow>(
    owner,
    `select p.*, (select count(*) from payment_history h where h.merchant_id = p.merchant_id and h.payment_id = p.id) as history,
            exists (select from operations o where o.merchant_id = p.merchant_id and o.payment_id = p.id and o.phase = 'case') as stuck
     from payments p`,
  );
  const commands = await rowsById<CommandRow>(
    owner,
    `select c.id, c.payment_id, c.kind, c.operation_id, c.state, c.answer_status, o.amount
     from commands c left join operations o on o.merchant_id = c.merchant_id and o.id = c.operation_id
     where c.kind <> 'late_answer'`,
  );
  // Nobody asked for these: the database makes one of an answer that came after its call.
  const { rows: untaken } = await owner.query(
    "select id from commands where kind = 'late_answer' and state <> 'done'",
  );
  compare('late answers that nobody took', [], untaken);
  const counts = await transactionCounts(owner);
  compare('payments', report.payments.length, payments.size);
  compare('requests', report.requests, commands.size);

  const byMerchant = new Map<string, Modelled[]>();
  const journals = grouped(report.acquirer.journal, ({ payment }) => payment);
  const asked = grouped([...commands.values()], ({ payment_id: payment }) => payment);
  for (const walked of report.payments) {
    const { merchant, payment } = walked;
    const row = payments.get(payment);
    if (row === undefined) {
      compare(payment, 'a payment', 'none');
      continue;
    }
    const journal = journals.get(payment) ?? [];
    const mine = asked.get(payment) ?? [];
    const model = modelOf({ payment, journal, told: report.told, ...accepted(mine) });
    byMerchant.set(merchant, [...(byMerchant.get(merchant) ?? []), model]);
    compare(`${payment} amounts`, figuresOf(model), {
      authorized: row.amount_authorized,
      captured: row.amount_captured,
      refunded: row.amount_refunded,
      refundPending: row.amount_refund_pending,
      disputed: row.amount_disputed,
      held: row.authorization_state === 'held' ? row.amount_authorized - row.amount_captured : 0n,
    });
    compare(`${payment} history`, row.version, Number(row.history));
    for (const event of Object.keys(EVENTS) as (keyof typeof EVENTS)[])
      compare(`${payment} ${event}`, model.counts[event], counts.get(`${payment} ${event}`) ?? 0);
    compareAnswers(walked, mine, row, journal, compare);
  }
  for (const [name, count] of counts)
    if (!Object.hasOwn(EVENTS, name.split(' ')[1] ?? ''))
      compare(name, 'an event that the model knows', count);
  await compareBalances(owner, byMerchant, compare);
  await compareAttempts(owner, report, compare);
  return found;
}

interface AttemptRow {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
}

/** What the acquirer undid is undone in our record, what it told us is there as it said it. */
async function compareAttempts(
  owner: pg.Pool,
  { acquirer: { journal }, told }: WalkReport,
  compare: Compare,
): Promise<void> {
  const attempts = await rowsById<AttemptRow>(owner, 'select id, state, outcome from attempts');
  const undone = new Set(
    journal.filter(({ kind }) => kind === 'reversal').map(({ attempt }) => originalOf(attempt)),
  );
  for (const { attempt, outcome } of journal) {
    const row = attempts.get(attempt);
    if (undone.has(attempt)) compare(`${attempt} was undone`, 'reversed', row?.state);
    else if (told.has(attempt))
      compare(`${attempt} was answered`, `answered ${outcome}`, `${row?.state} ${row?.outcome}`);
    attempts.delete(attempt);
  }
  // What never came to the acquirer was never answered.
  for (const { id, state } of attempts.values()) if (state === 'answered') compare(id, 'no answer', state);
}

type Compare = (about: string, expected: unknown, found: unknown) => void;

/** Nobody is left without an answer, nobody is told no about what was done, and nobody yes about what was not. */
function compareAnswers(
  { asked }: Walked,
  commands: readonly CommandRow[],
  { stuck }: PaymentRow,
  journal: readonly Entry[],
  compare: Compare,
): void {
  const known = new Map(commands.map((command) => [command.operation_id, command]));
  for (const { kind, operation } of asked) {
    const command = known.get(operation);
    if (command === undefined) {
      compare(`${kind} ${operation}`, 'a command', 'none');
      continue;
    }
    // What a person must decide has no answer yet, and keeps what came before it from having one.
    if (command.state === 'pending') {
      compare(`${kind} ${operation} is not answered`, true, stuck);
      continue;
    }
    if (kind !== 'capture' && kind !== 'refund') continue;
    const done = journal.filter(
      ({ attempt, outcome }) =>
        attempt.startsWith(`att_${operation}_`) && (outcome === 'approved' || kind === 'refund'),
    ).length;
    compare(
      `${kind} ${operation} answered with ${command.answer_status ?? 0}`,
      (command.answer_status ?? 0) < 400 ? 1 : 0,
      done,
    );
  }
}

const REPORTED: Readonly<Record<string, ModelEvent>> = {
  chargeback: 'charged_back',
  chargeback_reversal: 'chargeback_reversed',
};

/** What was asked or reported, was not refused, and became an operation. */
function accepted(commands: readonly CommandRow[]): Pick<Seen, 'refunds' | 'reports'> {
  const begun = commands.filter(
    ({ amount, answer_status: status }) => amount !== null && (status ?? 0) < 400,
  );
  return {
    refunds: new Map(
      begun
        .filter(({ kind }) => kind === 'refund')
        .map(({ operation_id: operation, amount }) => [operation, amount ?? 0n]),
    ),
    reports: begun.flatMap(({ kind, amount }) => {
      const event = REPORTED[kind];
      return event === undefined ? [] : [{ event, amount: amount ?? 0n }];
    }),
  };
}

async function compareBalances(
  owner: pg.Pool,
  byMerchant: ReadonlyMap<string, readonly Modelled[]>,
  compare: Compare,
): Promise<void> {
  const { rows } = await owner.query<{ merchant_id: string; code: string; balance: bigint }>(
    'select merchant_id, code, sum(balance)::bigint as balance from ledger_balances group by 1, 2',
  );
  const balances = new Map(rows.map(({ merchant_id, code, balance }) => [`${merchant_id} ${code}`, balance]));
  for (const [merchant, models] of byMerchant) {
    const sum = sumOf(models);
    for (const [code, balanceOf] of Object.entries(ACCOUNTS)) {
      const name = `${merchant} ${code}`;
      compare(name, balanceOf(sum), balances.get(name) ?? 0n);
      balances.delete(name);
    }
  }
  for (const [name, balance] of balances) compare(name, 'no such account', balance);
}

async function transactionCounts(owner: pg.Pool): Promise<Map<string, number>> {
  const { rows } = await owner.query<{ payment_id: string; event: string; count: bigint }>(
    'select payment_id, event, count(*) from ledger_transactions group by 1, 2',
  );
  return new Map(rows.map(({ payment_id, event, count }) => [`${payment_id} ${event}`, Number(count)]));
}

async function rowsById<Row extends { readonly id: string }>(
  pool: pg.Pool,
  sql: string,
): Promise<Map<string, Row>> {
  const { rows } = await pool.query(sql);
  return new Map((rows as Row[]).map((row) => [row.id, row]));
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function figuresOf({ authorized, captured, refunded, refundPending, disputed, held }: Modelled) {
  return { authorized, captured, refunded, refundPending, disputed, held };
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}
