import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { twoLegs } from './testing/change-document.ts';
import { openMainDatabase, type MainDatabase, type Shop } from './testing/main-database.ts';
import { postTransaction } from './testing/post-transaction.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: what is posted balances, stays, and is posted once, whoever writes it. */

let database: MainDatabase;
let shop: Shop;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  shop = await database.addShop();
});

const post = (transaction: Readonly<Record<string, unknown>>): Promise<bigint> =>
  postTransaction(database.owner, shop.merchant, transaction);

async function books(): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await database.owner.query<Record<string, unknown>>(
    `select code, sum(balance)::integer as balance, sum(last)::integer as last, sum(postings)::integer as postings, sum(posted)::integer as posted
     from (
       select b.code, b.balance, b.last_sequence as last, count(p.*) as postings, sum(p.amount) as posted
       from ledger_balances b join ledger_postings p using (merchant_id, mode, code, currency, stripe)
       where merchant_id = $1 group by 1, 2, 3, b.stripe
     ) as stripes group by 1 order by 1`,
    [shop.merchant],
  );
  return rows;
}

/** Legs written by hand, each as "(line, code, currency, amount)". */
const POSTINGS = (into: string, legs: string): string =>
  `insert into ${into} (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
   select $1, 'test', $2::bigint, line, code, currency, amount, 1000 + line
   from (values ${legs}) as leg (line, code, currency, amount)`;

/** The partition that a merchant's postings lie in. */
async function partitionOf(merchant: string): Promise<string> {
  const { rows } = await database.owner.query<{ partition: string }>(
    'select distinct tableoid::regclass::text as partition from ledger_postings where merchant_id = $1',
    [merchant],
  );
  return rows[0]?.partition ?? '';
}

describe('a ledger transaction', () => {
  it('moves both balances by what it posts, and hands out the sequences without a gap', async () => {
    await post(twoLegs('a', 500));
    await post(twoLegs('b', 200));
    await post(twoLegs('c', -700));
    expect(await books()).toEqual([
      { code: 'auth_hold:acquirer', balance: 0, last: 3, postings: 3, posted: 0 },
      { code: 'auth_hold:merchant', balance: 0, last: 3, postings: 3, posted: 0 },
    ]);
  });

  it('that does not net to zero is refused with what is left over, and leaves nothing behind', async () => {
    const refused = await refusalOf(post(twoLegs('a', 500, -499)));
    expect(refused).toMatchObject({ code: 'check_violation', constraint: 'ledger_balanced' });
    expect(refused.message).toMatch(
      new RegExp(`ledger transaction [0-9]+ of ${shop.merchant} does not net to zero: 1 EUR left over`),
    );
    expect(await books()).toEqual([]);
    const { rowCount } = await database.owner.query(
      'select from ledger_transactions where merchant_id = $1',
      [shop.merchant],
    );
    expect(rowCount).toBe(0);
    await post(twoLegs('a', 500));
  });

  it('must net to zero in each currency: euros do not balance dollars', async () => {
    const legs = [
      { code: 'auth_hold:acquirer', normal_side: 'debit', currency: 'EUR', amount: 500 },
      { code: 'auth_hold:merchant', normal_side: 'credit', currency: 'USD', amount: -500 },
    ];
    expect(await refusalOf(post({ ...twoLegs('a', 1), legs }))).toMatchObject({
      constraint: 'ledger_balanced',
      message: expect.stringContaining('does not net to zero: 500 EUR left over') as string,
    });
  });

  it.each([
    ['no legs', []],
    ['one leg', [{ code: 'auth_hold:acquirer', normal_side: 'debit', currency: 'EUR', amount: 1 }]],
  ])('with %s is refused: it would take the business key of the real one', async (_, legs) => {
    expect(await refusalOf(post({ ...twoLegs('key_1', 1), legs }))).toMatchObject({
      constraint: 'ledger_balanced',
      message: expect.stringContaining('ledger transaction key_1 has fewer than two legs') as string,
    });
  });

  it('with a leg of nothing, or two legs on one account, is refused', async () => {
    const leg = { code: 'acquirer_receivable:a', normal_side: 'debit', currency: 'EUR' };
    const nothing = [0, 0].map((amount, index) => ({ ...leg, code: `${leg.code}${index}`, amount }));
    expect(await refusalOf(post({ ...twoLegs('a', 1), legs: nothing }))).toMatchObject({
      constraint: 'ledger_postings_amount_check',
    });
    const twice = [5, -5].map((amount) => ({ ...leg, amount }));
    expect(await refusalOf(post({ ...twoLegs('a', 1), legs: twice }))).toMatchObject({
      code: 'cardinality_violation',
    });
  });

  it('is posted once per business key, also by two at the same moment', async () => {
    const results = await Promise.allSettled([post(twoLegs('once', 500)), post(twoLegs('once', 500))]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await refusalOf(post(twoLegs('once', 500)))).toMatchObject({
      code: 'unique_violation',
      constraint: expect.stringMatching(/^ledger_transactions_p\d_merchant_id_business_key_key$/) as string,
      message: expect.stringContaining(`(${shop.merchant}, once)`) as string,
    });
    expect((await books())[0]).toMatchObject({ balance: 500, last: 1 });
  });
});

describe('postings written by the owner’s own hand', () => {
  it.each([
    ['the table', () => Promise.resolve('ledger_postings')],
    ['a partition of it', () => partitionOf(shop.merchant)],
  ])('into %s take all legs of a transaction in one statement, and balance', async (_, nameOf) => {
    const id = await post(twoLegs('a', 500));
    const table = await nameOf();
    const byHand = (legs: string, transaction: bigint): Promise<unknown> =>
      database.owner.query(POSTINGS(table, legs), [shop.merchant, transaction]);
    const unbalanced = "(1, 'auth_hold:acquirer', 'EUR', 5), (2, 'auth_hold:merchant', 'EUR', -4)";
    expect((await refusalOf(byHand(unbalanced, 900_000n))).message).toContain(
      `ledger transaction 900000 of ${shop.merchant} does not net to zero: 1 EUR left over`,
    );
    // Balanced in itself, and still a second statement for the same transaction.
    const more = "(3, 'auth_hold:acquirer', 'EUR', 5), (4, 'auth_hold:merchant', 'EUR', -5)";
    expect(await refusalOf(byHand(more, id))).toMatchObject({
      constraint: 'ledger_balanced',
      message: expect.stringContaining(
        `ledger transaction ${id} of ${shop.merchant} takes all its legs in one statement`,
      ) as string,
    });
    const unopened = "(1, 'unallocated_receipts', 'EUR', 5), (2, 'auth_hold:merchant', 'EUR', -5)";
    expect(await refusalOf(byHand(unopened, 900_000n))).toMatchObject({ constraint: 'ledger_account_open' });
  });

  it('cannot take a number of an account’s sequence a second time', async () => {
    await post(twoLegs('a', 500));
    const refused = await refusalOf(
      database.owner.query(
        `insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
         values ($1, 'test', 900001, 1, 'auth_hold:acquirer', 'EUR', 5, 1), ($1, 'test', 900001, 2, 'auth_hold:merchant', 'EUR', -5, 1)`,
        [shop.merchant],
      ),
    );
    expect(refused).toMatchObject({
      code: 'unique_violation',
      message: expect.stringContaining(`(${shop.merchant}, test, auth_hold:acquirer, EUR, 0, 1)`) as string,
    });
  });
});
