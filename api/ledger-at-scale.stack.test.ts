import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../platform/database.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { readBalances } from './ledger/balances.ts';
import { listEntries } from './ledger/entries.ts';
import { openStatement } from './ledger/statement.ts';
import { listTransactions } from './ledger/transactions.ts';
import { readTrialBalance } from './ledger/trial-balance.ts';
import { instantOf } from './instant.ts';
import { listTransactions as transactionsQuery } from './schemas/ledger.ts';
import { parseQuery, type Query } from './query.ts';
import { askOnly } from './testing/ask-only.ts';
import { seedLedger } from './testing/seed-ledger.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

// With 200,000 postings of one merchant a page reads a few pages of the database, and a statement a few lines at once.

const TRANSACTIONS = 100_000;
const BEGIN = Date.UTC(2026, 2, 1);
const second = (count: number): ReturnType<typeof instantOf> => instantOf(BEGIN + count * 1_000);

let api: TestApi;
/** Connections with the types of ours. */
let pool: pg.Pool;
let merchant: MerchantId;
let key: string;
/** The seed's highest transaction. */
let newest: bigint;
beforeAll(async () => {
  api = await startTestApi(stackRunFile());
  ({ merchant, key } = await api.addMerchant());
  await seedLedger(api.database, merchant, TRANSACTIONS);
  pool = createPool(
    {
      url: api.database.options.connectionString ?? '',
      poolSize: 2,
      statementTimeoutMs: 10_000,
      role: 'test',
    },
    { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
  );
  const { rows } = await pool.query<{ id: bigint }>('select max(id) as id from ledger_transactions');
  newest = rows[0]?.id ?? 0n;
});
afterAll(async () => {
  await pool.end();
  await api.close();
});

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}
interface PlanNode {
  'Node Type': string;
  'Index Name'?: string;
  'Relation Name'?: string;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: PlanNode[];
}

/** The connections of the test, with everything that is asked on them. */
function recorded(): { database: pg.Pool; asked: Statement[] } {
  const asked: Statement[] = [];
  const listen = <T extends pg.Pool | pg.PoolClient>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        if (name === 'query') {
          return (query: string | Statement, values: unknown[] = []) => {
            asked.push(typeof query === 'string' ? { text: query, values } : query);
            return typeof query === 'string'
              ? target.query(query, values)
              : target.query({ ...query, values: [...query.values] });
          };
        }
        if (name === 'connect') return async () => listen(await (target as pg.Pool).connect());
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return { database: listen(pool), asked };
}

/** What the statement that matches did: the indexes it used (by the name of the whole table's), and how many blocks it read. */
async function planOf(
  asked: readonly Statement[],
  marker: string,
): Promise<{ indexes: string[]; scanned: string[]; blocks: number }> {
  const found = asked.find(({ text }) => text.includes(marker));
  if (found === undefined) throw new Error(`nothing was asked with ${marker}`);
  // A cursor is planned for its first rows, and cannot be run by EXPLAIN.
  const options = found.text.startsWith('declare') ? 'format json' : 'analyze, buffers, format json';
  const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `explain (${options}) ${found.text}`,
    [...found.values],
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  if (plan === undefined) throw new Error('explain answered nothing');
  const nodes: PlanNode[] = [];
  const collect = (node: PlanNode): void => {
    nodes.push(node);
    node.Plans?.forEach(collect);
  };
  collect(plan);
  const names = nodes.flatMap((node) => node['Index Name'] ?? []);
  const parents = await api.database.query<{ parent: string }>(
    `select distinct inhparent::regclass::text as parent from pg_inherits where inhrelid::regclass::text = any ($1) order by 1`,
    [names],
  );
  return {
    indexes: parents.rows.map(({ parent }) => parent),
    scanned: nodes
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name'] ?? ''),
    blocks: (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
  };
}

const ours = (): { merchant: MerchantId; mode: 'test' } => ({ merchant, mode: 'test' });
const LEDGER = /^ledger_(?:transactions|postings)_p/;

describe('a page of transactions', () => {
  it.each([
    ['of everything', {}, 'ledger_transactions_pkey'],
    ['of a rare event', { event: 'refund_failed' }, 'ledger_transactions_by_event'],
    ['of a payment', { payment: 'pay_01jz0000000000000000000000' }, 'ledger_transactions_of_payment'],
    [
      'of a short time',
      { at_after: second(40_000), at_before: second(40_100) },
      'ledger_transactions_by_time',
    ],
    ['of a rare account', { account: 'refunds_in_flight.EUR' }, 'ledger_postings_by_account'],
    ['of a busy account', { account: 'merchant_payable:pending' }, 'ledger_transactions_pkey'],
    ['in the middle', { starting_after: 'MIDDLE' }, 'ledger_transactions_pkey'],
    ['in the middle, towards the newer', { ending_before: 'MIDDLE' }, 'ledger_transactions_pkey'],
  ])('%s reads what it shows', async (_, query: Query, index) => {
    const { database, asked } = recorded();
    const middle = `ltx_${newest - BigInt(TRANSACTIONS / 2)}`;
    const asking = Object.fromEntries(
      Object.entries(query).map(([name, value]) => [name, value === 'MIDDLE' ? middle : value]),
    );
    await listTransactions(database, ours(), parseQuery(transactionsQuery, asking));
    const plan = await planOf(asked, 'order by t.id desc');
    expect(plan.indexes).toContain(index);
    expect(plan.scanned.filter((relation) => LEDGER.test(relation))).toEqual([]);
    expect(plan.blocks).toBeLessThan(1_000);
  });
});

describe('a page of an account', () => {
  it.each([
    ['the newest', undefined, 100],
    // The balance of an old entry is today's without all that came after: the index alone, a hundred entries a block.
    ['the oldest', TRANSACTIONS - 10, 4_000],
  ])('%s comes from one index, the sum included', async (_, back, blocks) => {
    const { database, asked } = recorded();
    const cursor = back === undefined ? undefined : { transaction: newest - BigInt(back), line: 1 };
    const account = { code: 'acquirer_receivable', currency: 'EUR' } as const;
    const page = await listEntries(database, ours(), account, { limit: 20, starting_after: cursor });
    expect((page?.['data'] as unknown[])[0]).toMatchObject({
      balance: TRANSACTIONS - (back === undefined ? 0 : back + 1),
    });
    const plan = await planOf(asked, 'after_newest');
    expect(plan.indexes).toContain('ledger_postings_by_account');
    expect(plan.scanned.filter((relation) => LEDGER.test(relation))).toEqual([]);
    expect(plan.blocks).toBeLessThan(blocks);
  });
});

describe('balances', () => {
  it('of now, and of a moment ago, do not read the ledger that came before', async () => {
    const { database, asked } = recorded();
    await readBalances(database, ours(), null);
    expect((await planOf(asked, 'ledger_balances')).blocks).toBeLessThan(100);
    const moment = recorded();
    const balances = await readBalances(moment.database, ours(), second(TRANSACTIONS - 100));
    expect(balances.find(({ code }) => code === 'acquirer_receivable')?.sum).toBe(BigInt(TRANSACTIONS - 100));
    const plan = await planOf(moment.asked, 'ledger_balances');
    expect(plan.indexes).toContain('ledger_transactions_by_time');
    expect(plan.blocks).toBeLessThan(1_500);
  });

  it('of a moment long ago are those that the postings up to it add up to', async () => {
    const at = second(777);
    const balances = await readBalances(recorded().database, ours(), at);
    const trial = await readTrialBalance(recorded().database, ours(), at);
    expect(balances.find(({ code }) => code === 'acquirer_receivable')?.sum).toBe(777n);
    expect(trial).toMatchObject({ balanced: true, currencies: [{ debits: 777, credits: 777 }] });
  });
});

describe('a statement', () => {
  it.each([
    [
      'of every account comes in the order of time, without a sort of the whole',
      null,
      'ledger_transactions_by_time',
    ],
    ['of a rare account reads that account', 'refunds_in_flight', 'ledger_postings_by_account'],
  ])('%s', async (_, code, index) => {
    const { database, asked } = recorded();
    const period = {
      from: second(0),
      to: second(TRANSACTIONS),
      account: code === null ? null : { code, currency: 'EUR' },
    };
    await (await openStatement(database, ours(), period)).close();
    const plan = await planOf(asked, 'order by t.at');
    expect(plan.indexes).toContain(index);
    expect(plan.scanned.filter((relation) => LEDGER.test(relation))).toEqual([]);
  });

  it('with a slow reader makes the database wait, and our memory does not grow', async () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const live = (): number => {
      collect();
      // The second waits for what the first one found.
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const inTransaction = async (): Promise<string | null> => {
      const { rows } = await api.database.query<{ since: string }>(
        `select state_change::text as since from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction'`,
      );
      return rows[0]?.since ?? null;
    };
    const before = live();
    const response = await askOnly(
      `${api.url}/v1/ledger/statement?from=2026-01-01T00:00:00Z&format=csv`,
      key,
    );
    // What the sockets take is full when nothing is fetched for half a second.
    let last: string | null = null;
    let since = Date.now();
    await waitUntil('nothing more is fetched', 20_000, async () => {
      const now = await inTransaction();
      if (now !== last) since = Date.now();
      last = now;
      return now !== null && Date.now() - since > 500;
    });
    const LIMIT = 6 * 1_024 * 1_024;
    expect(live() - before).toBeLessThan(LIMIT);
    let bytes = 0;
    let records = 0;
    let measured = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      for (const byte of chunk) if (byte === 10) records += 1;
      if (bytes - measured > 4 * 1_024 * 1_024) {
        measured = bytes;
        await delay(20);
        expect(live() - before).toBeLessThan(LIMIT);
      }
    }
    // Header, three balances at each end, two entries a transaction.
    expect(records).toBe(1 + 3 + 2 * TRANSACTIONS + 3);
    expect(bytes).toBeGreaterThan(3 * LIMIT);
    // The last byte is here before the transaction of its reader is rolled back.
    await waitUntil('its transaction is over', 10_000, async () => (await inTransaction()) === null);
  });
});
