import type pg from 'pg';
import type { Credential } from '../auth/api-key.ts';
import { instantSql, type Instant } from '../instant.ts';
import { onNormalSide, sided, type Side } from './entry.ts';

/** A period of the ledger: from < at <= to, so that two periods that meet have every transaction once. */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
  /** Only this account; without a currency, in all of them; null = every account. */
  readonly account: { readonly code: string; readonly currency: string | null } | null;
}

export interface StatementAccount {
  readonly code: string;
  readonly currency: string;
  readonly normalSide: Side;
  /** Minor units, positive on the normal side. At `from`. */
  readonly opening: bigint;
  /** At `to`, read from the books and not summed up from the lines. */
  readonly closing: bigint;
}

/** One entry; all entries of a transaction come one after another. */
export interface StatementLine {
  readonly transaction: bigint;
  readonly line: number;
  readonly at: Instant;
  readonly event: string;
  readonly payment: string | null;
  readonly operation: string | null;
  /** The merchant's own texts. */
  readonly orderReference: string | null;
  readonly description: string | null;
  readonly code: string;
  readonly currency: string;
  readonly side: Side;
  readonly amount: bigint;
  /** Of its account after this line, in the order of this statement; positive on the normal side. */
  readonly balance: bigint;
}

/** A statement that is being read: it holds a connection until it is closed. */
export interface Statement {
  readonly mode: 'test' | 'live';
  readonly period: Period;
  readonly accounts: readonly StatementAccount[];
  /**
   * The lines in the order of time, a few hundred at once, read from the database only when they are
   * asked for. After the last one the closing balances have been compared with what the lines add up to.
   * @throws Error when they differ.
   */
  batches(): AsyncGenerator<readonly StatementLine[]>;
  close(): Promise<void>;
}

const BATCH = 500;
/** One sum over the period for the balances, then one batch at a time (ms). */
const SUM_LIMIT_MS = 60_000;
/** Longer than the reader may take for a batch (see streamed-reply): this is for a process that hangs (ms). */
const IDLE_LIMIT_MS = 120_000;

// Balances of the past are today's without what came after, at both ends from one look.
const ACCOUNTS = `
  select a.code, a.currency, a.normal_side,
         (coalesce(b.balance, 0) - coalesce(later.after_from, 0))::bigint as opening,
         (coalesce(b.balance, 0) - coalesce(later.after_to, 0))::bigint as closing
  from ledger_accounts a
  left join (
    select code, currency, sum(balance) as balance
    from ledger_balances where merchant_id = $1 and mode = $2
    group by code, currency
  ) b using (code, currency)
  left join (
    select p.code, p.currency, sum(p.amount) as after_from, sum(p.amount) filter (where t.at > $4::timestamptz) as after_to
    from ledger_transactions t join ledger_postings p on p.merchant_id = t.merchant_id and p.mode = t.mode and p.transaction_id = t.id
    where t.merchant_id = $1 and t.mode = $2 and t.at > $3::timestamptz
    group by p.code, p.currency
  ) later using (code, currency)
  where a.merchant_id = $1 and a.mode = $2 and a.code = coalesce($5, a.code) and a.currency = coalesce($6, a.currency)
  order by a.code, a.currency`;

const STATEMENT_LINES = `
  select t.id as transaction, p.line, ${instantSql('t.at')} as at, t.event, t.payment_id as payment, t.operation_id as operation,
         o.order_reference as "orderReference", o.description, p.code, p.currency, p.amount as posted
  from ledger_transactions t
  join ledger_postings p on p.merchant_id = t.merchant_id and p.mode = t.mode and p.transaction_id = t.id
  left join payments o on o.merchant_id = t.merchant_id and o.id = t.payment_id
  where t.merchant_id = $1 and t.mode = $2 and t.at > $3::timestamptz and t.at <= $4::timestamptz
    and ($5::text is null or p.code = $5) and ($6::text is null or p.currency = $6)
  order by t.at, t.id, p.line`;

type LineRow = Omit<StatementLine, 'side' | 'amount' | 'balance'> & { readonly posted: bigint };

/**
 * Begins to read a statement, everything in it as of one moment (REPEATABLE READ). The lines come
 * through a cursor of the database by FETCH: each is a statement with its own time limit, while a
 * portal that waits for its reader would run into one.
 */
export async function openStatement(
  pool: pg.Pool,
  { merchant, mode }: Credential,
  period: Period,
): Promise<Statement> {
  const { from, to, account } = period;
  const client = await pool.connect();
  // A connection that is lost between two batches is told by the next one; unheard it would end the process.
  const unheard = (): void => undefined;
  client.on('error', unheard);
  const give = (broken: boolean): void => {
    client.off('error', unheard);
    client.release(broken);
  };
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(
      `set local statement_timeout = ${SUM_LIMIT_MS}; set local idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`,
    );
    const values = [merchant, mode, from, to, account?.code ?? null, account?.currency ?? null];
    const { rows } = await client.query<{
      code: string;
      currency: string;
      normal_side: Side;
      opening: bigint;
      closing: bigint;
    }>(ACCOUNTS, values);
    await client.query(`declare lines no scroll cursor for ${STATEMENT_LINES}`, values);
    const accounts = rows.map(({ normal_side: normalSide, opening, closing, ...row }) => ({
      ...row,
      normalSide,
      opening: onNormalSide(opening, normalSide),
      closing: onNormalSide(closing, normalSide),
    }));
    return {
      mode,
      period,
      accounts,
      batches: () => batches(client, accounts),
      async close() {
        const ended = await client.query('rollback').then(
          () => true,
          () => false,
        );
        give(!ended);
      },
    };
  } catch (error) {
    // Closed rather than returned: its transaction is in a state that nobody knows.
    give(true);
    throw error;
  }
}

async function* batches(
  client: pg.PoolClient,
  accounts: readonly StatementAccount[],
): AsyncGenerator<readonly StatementLine[]> {
  const books = new Map(
    accounts.map((account) => [keyOf(account), { ...account, balance: account.opening }]),
  );
  for (;;) {
    const { rows } = await client.query<LineRow>(`fetch ${BATCH} from lines`);
    if (rows.length > 0) {
      yield rows.map(({ posted, ...row }) => {
        const book = books.get(keyOf(row));
        if (book === undefined)
          throw new Error(`statement: ${row.code} ${row.currency} is posted to and not open`);
        book.balance += onNormalSide(posted, book.normalSide);
        return { ...row, ...sided(posted), balance: book.balance };
      });
    }
    if (rows.length < BATCH) break;
  }
  for (const { code, currency, balance, closing } of books.values()) {
    if (balance !== closing) {
      throw new Error(
        `statement: the lines of ${code} ${currency} end at ${balance}, the books at ${closing}`,
      );
    }
  }
}

function keyOf({ code, currency }: { readonly code: string; readonly currency: string }): string {
  return `${code} ${currency}`;
}
