import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type pg from 'pg';
import { ACCOUNT_SIDES } from '../workflows/domain/posting.ts';
import { packageRoot } from '../platform/package-root.ts';
import { withClient } from '../temporal-dev/parts/postgres-bootstrap.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { createDatabase } from '../temporal-dev/testing/database.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { twoLegs } from './testing/change-document.ts';
import { openMainDatabase, type MainDatabase, type Shop } from './testing/main-database.ts';
import { postTransaction } from './testing/post-transaction.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: nothing is posted but by the chart of accounts, and no balance leaves the side it has to keep. */

let database: MainDatabase;
let shop: Shop;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  shop = await database.addShop();
});

const post = (
  transaction: Readonly<Record<string, unknown>>,
  by: Pick<pg.Pool, 'query'> = database.owner,
): Promise<bigint> => postTransaction(by, shop.merchant, transaction);

interface Leg {
  readonly code: string;
  readonly normal_side: string;
  readonly amount: number;
  readonly currency?: string;
}
let posted = 0;
function transaction(...legs: readonly Leg[]): Readonly<Record<string, unknown>> {
  posted += 1;
  return { ...twoLegs(`key ${posted}`, 1), legs: legs.map((leg) => ({ currency: 'EUR', ...leg })) };
}

/** An earning of one payment: the acquirer owes it to us, we owe it to the merchant. */
const earning = (amount: number, payment = 'pay_1'): Readonly<Record<string, unknown>> => ({
  ...transaction(
    { code: 'acquirer_receivable:acquirer-1', normal_side: 'debit', amount },
    { code: 'merchant_payable:pending', normal_side: 'credit', amount: -amount },
  ),
  payment_id: payment,
});

describe('the chart of accounts', () => {
  it('has the kinds that the domain posts to, each on its side', async () => {
    const { rows } = await database.worker.query<{ kind: string; normal_side: string }>(
      'select kind, normal_side from ledger_account_kinds order by kind',
    );
    expect(Object.fromEntries(rows.map((row) => [row.kind, row.normal_side]))).toEqual(ACCOUNT_SIDES);
  });

  it.each([
    ['update ledger_account_kinds set normal_side = $1', 'its side and what it allows cannot change'],
    ['update ledger_account_kinds set may_go_against = $1', 'its side and what it allows cannot change'],
    [
      'delete from ledger_account_kinds where $1 is not null',
      'delete refused; accounts may have been opened',
    ],
  ])('keeps what it says, whoever asks: %s', async (statement, says) => {
    const value = statement.includes('normal_side')
      ? "'debit'"
      : statement.includes('update')
        ? 'true'
        : "''";
    const refused = await refusalOf(database.owner.query(statement.replace('$1', value)));
    expect(refused.message).toContain(says);
  });
});

describe('an account', () => {
  it.each(['nobodys', 'merchant_payable', 'merchant_payable:later', 'auth_hold:somebody'])(
    'of no kind in the chart is refused by its name: %s',
    async (code) => {
      const refused = await refusalOf(
        post(
          transaction(
            { code, normal_side: 'debit', amount: 5 },
            { code: 'merchant_payable:pending', normal_side: 'credit', amount: -5 },
          ),
        ),
      );
      expect(refused).toMatchObject({ code: 'check_violation', constraint: 'ledger_account_kind' });
      expect(refused.message).toContain(
        `ledger account ${code} EUR of ${shop.merchant} (test) is of no kind that is in ledger_account_kinds`,
      );
    },
  );

  it('on another side than the chart says is refused, whether it is there yet or not', async () => {
    const wrong = (): Promise<unknown> =>
      post(
        transaction(
          { code: 'acquirer_receivable:acquirer-1', normal_side: 'credit', amount: 5 },
          { code: 'merchant_payable:pending', normal_side: 'credit', amount: -5 },
        ),
      );
    const says = `ledger account acquirer_receivable:acquirer-1 EUR of ${shop.merchant} (test) cannot have credit for its normal side: the chart says debit`;
    expect((await refusalOf(wrong())).message).toContain(says);
    await post(earning(5));
    expect((await refusalOf(wrong())).message).toContain(says);
  });

  it('is opened with what its kind says, which nobody can change afterwards', async () => {
    await post(earning(5));
    const { rows } = await database.owner.query(
      `select kind, normal_side, may_go_against from ledger_accounts where merchant_id = $1 order by kind`,
      [shop.merchant],
    );
    expect(rows).toEqual([
      { kind: 'acquirer_receivable', normal_side: 'debit', may_go_against: true },
      { kind: 'merchant_payable:pending', normal_side: 'credit', may_go_against: true },
    ]);
    for (const change of ["normal_side = 'debit'", 'stripes = stripes + 1', 'may_go_against = false'])
      expect(
        (
          await refusalOf(
            database.owner.query(
              `update ledger_accounts set ${change} where merchant_id = $1 and kind = 'merchant_payable:pending'`,
              [shop.merchant],
            ),
          )
        ).message,
      ).toContain('an account can be closed, and nothing else of it can change');
  });
});

describe('a balance', () => {
  it.each([
    ['auth_hold:acquirer', 'debit', 'auth_hold:merchant', 'credit'],
    ['acquirer_receivable:acquirer-1', 'debit', 'refunds_in_flight', 'credit'],
    ['acquirer_receivable:acquirer-1', 'debit', 'unallocated_receipts', 'credit'],
  ] as const)(
    'that has one side alone never leaves it: %s (%s), %s (%s)',
    async (debit, side, credit, other) => {
      const move = (amount: number): Promise<bigint> =>
        post(
          transaction(
            { code: debit, normal_side: side, amount },
            { code: credit, normal_side: other, amount: -amount },
          ),
        );
      const first = await refusalOf(move(-1));
      expect(first).toMatchObject({ code: 'check_violation', constraint: 'ledger_balance_on_its_side' });
      await move(500);
      await move(-200);
      const more = await refusalOf(move(-301));
      expect(more.message).toMatch(
        new RegExp(
          `ledger account (${debit}|${credit}) EUR of ${shop.merchant} \\(test\\) can only stand on its (debit|credit) side: 1 would be on the other`,
        ),
      );
      await move(-300);
      expect((await refusalOf(move(-1))).constraint).toBe('ledger_balance_on_its_side');
    },
  );

  it('of the merchant may go below nothing: more was refunded than captured', async () => {
    await post(earning(-700));
    const { rows } = await database.owner.query(
      `select code, sum(balance)::integer as balance from ledger_balances where merchant_id = $1 group by 1 order by 1`,
      [shop.merchant],
    );
    expect(rows).toEqual([
      { code: 'acquirer_receivable:acquirer-1', balance: -700 },
      { code: 'merchant_payable:pending', balance: 700 },
    ]);
  });

  it('is guarded from the owner’s hand as well', async () => {
    await post(twoLegs('a', 500));
    const refused = await refusalOf(
      database.owner.query(
        "update ledger_balances set balance = 1 where merchant_id = $1 and code = 'auth_hold:merchant'",
        [shop.merchant],
      ),
    );
    expect(refused.constraint).toBe('ledger_balance_on_its_side');
  });
});

describe('closing an account', () => {
  const close = (code: string, by: Pick<pg.Pool, 'query'> = database.owner): Promise<unknown> =>
    by.query("select close_ledger_account($1, 'test', $2, 'EUR') as closed", [shop.merchant, code]);

  it('is refused while something is on it, and then nothing can be posted to it', async () => {
    await post(earning(500));
    expect(await refusalOf(close('merchant_payable:pending'))).toMatchObject({
      constraint: 'ledger_account_empty',
      message: expect.stringContaining(
        `ledger account merchant_payable:pending EUR of ${shop.merchant} (test) cannot be closed: -500 are on it`,
      ) as string,
    });
    await post(earning(-500));
    await close('merchant_payable:pending');
    await close('merchant_payable:pending');
    expect(await refusalOf(post(earning(1)))).toMatchObject({
      constraint: 'ledger_account_open',
      message: expect.stringContaining(
        `ledger account merchant_payable:pending EUR of ${shop.merchant} (test) is closed or was never opened`,
      ) as string,
    });
  });

  it('says so when there is no such account', async () => {
    expect((await refusalOf(close('refunds_in_flight'))).message).toContain('was never opened');
  });

  it('waits for who posts to it at that moment, and is refused for what they posted', async () => {
    // Opened and empty, without a row for its balance: the posting below makes the first one.
    await database.owner.query(
      `insert into ledger_accounts (merchant_id, mode, code, currency, normal_side)
       values ($1, 'test', 'merchant_payable:pending', 'EUR', 'credit')`,
      [shop.merchant],
    );
    const client = await database.owner.connect();
    try {
      await client.query('begin');
      await post(earning(500), client);
      const refused = refusalOf(close('merchant_payable:pending'));
      await waitUntilLocked();
      await client.query('commit');
      expect((await refused).message).toContain('cannot be closed: -500 are on it');
    } finally {
      client.release();
    }
  });

  it('is waited for by who posts to it meanwhile, and then refuses them', async () => {
    await post(earning(500));
    await post(earning(-500));
    const client = await database.owner.connect();
    try {
      await client.query('begin');
      await close('merchant_payable:pending', client);
      const refused = refusalOf(post(earning(1)));
      await waitUntilLocked();
      await client.query('commit');
      expect((await refused).constraint).toBe('ledger_account_open');
    } finally {
      client.release();
    }
  });

  async function waitUntilLocked(): Promise<void> {
    await waitUntil('somebody waits for a lock', 10_000, async () => {
      const { rowCount } = await database.superuser.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return (rowCount ?? 0) > 0;
    });
  }
});

describe('an account in several stripes', () => {
  it('has each payment in one of them, each with a sequence of its own, and the sum for its balance', async () => {
    await database.owner.query(
      "update ledger_account_kinds set stripes = 4 where kind = 'merchant_payable:pending'",
    );
    for (let payment = 0; payment < 40; payment += 1) await post(earning(100, `pay_${payment}`));
    for (let payment = 0; payment < 40; payment += 2) await post(earning(-30, `pay_${payment}`));
    const { rows } = await database.owner.query<Record<string, unknown>>(
      `select count(*)::integer as stripes, sum(balance)::integer as balance, bool_and(balance = posted) as exact,
              bool_and(last_sequence = postings and last_sequence = highest) as gapless
       from (
         select b.stripe, b.balance, b.last_sequence, sum(p.amount) as posted, count(*) as postings, max(p.account_sequence) as highest
         from ledger_balances b join ledger_postings p using (merchant_id, mode, code, currency, stripe)
         where merchant_id = $1 and code = 'merchant_payable:pending' group by 1, 2, 3
       ) as stripe`,
      [shop.merchant],
    );
    expect(rows).toEqual([{ stripes: 4, balance: -3_400, exact: true, gapless: true }]);
    const { rows: payments } = await database.owner.query(
      `select from ledger_postings p join ledger_transactions t on t.merchant_id = p.merchant_id and t.id = p.transaction_id
       where p.merchant_id = $1 and p.code = 'merchant_payable:pending' group by t.payment_id having count(distinct p.stripe) > 1`,
      [shop.merchant],
    );
    expect(payments).toEqual([]);
  });
});

describe('accounts from before there was a chart', () => {
  it('keep their balances, get their kinds, and are guarded from then on', async () => {
    const old = await createDatabase(await readRunFile(stackRunFile()), { schema: 'none' });
    try {
      await withClient(old.ownerUrl, async (client) => {
        const folder = join(packageRoot(), 'schema', 'migrations');
        const files = (await readdir(folder)).sort();
        const chart = files.findIndex((file) => file.startsWith('0010'));
        const apply = async (names: readonly string[]): Promise<void> => {
          for (const name of names) await client.query(await readFile(join(folder, name), 'utf8'));
        };
        await apply(files.slice(0, chart));
        await client.query(`
          insert into ledger_accounts (merchant_id, mode, code, currency, normal_side) values
            ('mer_1', 'test', 'auth_hold:merchant', 'EUR', 'credit'), ('mer_1', 'test', 'acquirer_receivable:acquirer-1', 'EUR', 'debit');
          insert into ledger_balances (merchant_id, mode, code, currency, balance, last_sequence) values
            ('mer_1', 'test', 'auth_hold:merchant', 'EUR', -5, 1), ('mer_1', 'test', 'acquirer_receivable:acquirer-1', 'EUR', 5, 1)`);
        await apply(files.slice(chart, chart + 1));
        const { rows } = await client.query(
          `select kind, stripes, may_go_against, stripe, balance::integer, only_side
           from ledger_accounts join ledger_balances using (merchant_id, mode, code, currency) order by kind`,
        );
        const same = { stripes: 1, stripe: 0 };
        expect(rows).toEqual([
          { ...same, kind: 'acquirer_receivable', may_go_against: true, balance: 5, only_side: null },
          { ...same, kind: 'auth_hold:merchant', may_go_against: false, balance: -5, only_side: 'credit' },
        ]);
      });
    } finally {
      await old.drop();
    }
  });
});
