import type pg from 'pg';
import { verifyAdjustments } from './adjustments.ts';
import { verifyChain, type Chain } from './chain.ts';
import { verifyFunds } from './funds.ts';
import { verifyPayments } from './payments.ts';
import { Problems, type Problem } from './problems.ts';
import { NOTHING_PUBLISHED, openPublished } from './published.ts';
import { openSnapshot, partitionsOf, type Task } from './snapshot.ts';
import type { Sealed, TransactionCounts } from './suspects.ts';
import { verifyInThreads } from './threads.ts';

/** How far it is. */
export interface Progress {
  readonly transactions: bigint;
  readonly postings: bigint;
  /** What the planner believes that there is; null when it does not know. */
  readonly postingsEstimated: bigint | null;
}

export interface VerifyOptions {
  /** Of a role that may read the main database. */
  readonly url: string;
  /** The file of published heads; null = the chain is only held against itself. */
  readonly headFile: string | null;
  /** Threads that read postings, each with a connection; and connections for what is checked in SQL. */
  readonly lanes: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Verdict {
  /** The gravest first, at most some of each kind; none = the ledger is whole. */
  readonly problems: readonly Problem[];
  /** Of all, also those that are not listed. */
  readonly problemCount: number;
  readonly transactions: bigint;
  readonly postings: bigint;
  /** Transactions that no seal covers yet. */
  readonly unsealed: bigint;
  readonly accounts: bigint;
  readonly payments: bigint;
  readonly seals: number;
  /** The newest seal, in hexadecimal. */
  readonly head: string | null;
  /** Number of the newest seal that was published. */
  readonly published: number | null;
}

const TABLES = [
  'ledger_transactions',
  'ledger_postings',
  'ledger_sealed',
  'ledger_balances',
  'payments',
  'operations',
] as const;

/**
 * Recomputes everything that the ledger claims, from its rows, in one snapshot and without changing
 * anything: sums, balances, sequences, seals, the payments' amounts and their funds, and adjustments.
 * @throws Error when the database cannot be read, or a file of heads is none.
 */
export async function verifyLedger({ url, headFile, lanes, onProgress }: VerifyOptions): Promise<Verdict> {
  // Before the snapshot: what was published then is in it.
  const published = headFile === null ? NOTHING_PUBLISHED : await openPublished(headFile);
  const snapshot = await openSnapshot(url, lanes);
  const problems = new Problems();
  const total = { transactions: 0n, postings: 0n, unsealed: 0n, sealed: 0n, accounts: 0n, payments: 0n };
  const failed = new AbortController();
  let chain: Chain = { seals: 0, sealed: 0n, head: null };
  try {
    const sealed = await sealedOf(snapshot.first);
    const postingsEstimated = await estimateOf(snapshot.first);
    const partitions = await partitionsOf(snapshot.first, TABLES);
    const tasks: Task[] = [
      async (client) => {
        chain = await verifyChain(client, published, problems);
      },
      (client) => verifyAdjustments(client, problems),
    ];
    for (const tables of partitions)
      tasks.push(
        async (client) => {
          const payments = await verifyPayments(client, tables, problems);
          total.payments += payments;
        },
        (client) => verifyFunds(client, tables, problems),
      );
    const data = { url, snapshot: snapshot.name, sealed };
    const onPage = (page: TransactionCounts): void => {
      total.transactions += page.transactions;
      total.postings += page.postings;
      total.unsealed += page.unsealed;
      total.sealed += page.sealed;
      onProgress?.({ transactions: total.transactions, postings: total.postings, postingsEstimated });
    };
    const [accounts] = await Promise.all([
      verifyInThreads(lanes, data, partitions, problems, onPage, failed.signal),
      snapshot.run(tasks),
    ]);
    total.accounts = accounts;
    if (chain.sealed !== total.sealed && problems.count === 0)
      problems.add(
        'sealed_list',
        `the seals are over ${chain.sealed} transactions, ledger_sealed lists ${total.sealed}`,
      );
  } catch (error) {
    failed.abort();
    throw error;
  } finally {
    await snapshot.close();
  }
  const { sealed: _, ...counts } = total;
  return {
    ...counts,
    problems: problems.list(),
    problemCount: problems.count,
    seals: chain.seals,
    head: chain.head,
    published: published.newest(),
  };
}

async function sealedOf(client: pg.ClientBase): Promise<Sealed> {
  const { rows } = await client.query<NonNullable<Sealed['upTo']>>(
    `select last_xact::text as xact, last_merchant_id as merchant_id, last_transaction_id as id
     from public.ledger_seals order by number desc limit 1`,
  );
  // Formats only go up along the chain.
  const { rows: text } = await client.query<{ last: bigint }>(
    'select coalesce(max(number), 0) as last from public.ledger_seals where format = 1',
  );
  return { upTo: rows[0] ?? null, textSeals: text[0]?.last ?? 0n };
}

async function estimateOf(client: pg.ClientBase): Promise<bigint | null> {
  const { rows } = await client.query<{ estimate: bigint | null }>(
    `select sum(c.reltuples)::bigint as estimate from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'public.ledger_postings'::regclass having min(c.reltuples) >= 0`,
  );
  return rows[0]?.estimate ?? null;
}
