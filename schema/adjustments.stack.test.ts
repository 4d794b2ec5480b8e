import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import type { AdjustmentId, PaymentId } from '../workflows/domain/ids.ts';
import { recordParts, twoLegs } from './testing/change-document.ts';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: nobody moves money alone, and a correction is posted by the very decision that approves it, once. */

let database: MainDatabase;
let payment: PaymentId;
let id: AdjustmentId;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  payment = await database.addPayment();
  // The merchant has books in EUR.
  await recordParts(database.worker, database.shop.merchant, payment, {
    transactions: [twoLegs('auth_1:authorized', 500)],
  });
});
afterAll(() => database.close());
beforeEach(() => {
  id = newId('adj');
});

function request(
  rest: Readonly<Record<string, unknown>> = {},
  person = 'anna',
  pool: pg.Pool = database.operator,
): Promise<pg.QueryResult<{ state: string; requested_by: string }>> {
  const asked = {
    id,
    merchant_id: database.shop.merchant,
    mode: 'test',
    debit_code: 'merchant_payable:available',
    credit_code: 'acquirer_receivable:acquirer-1',
    amount: 1_250,
    currency: 'EUR',
    reason: 'the acquirer took 12.50 EUR twice',
    evidence: 'settlement report 2026-03-01, line 17',
    ...rest,
  };
  return pool.query('select * from request_adjustment($1, $2)', [JSON.stringify(asked), person]);
}

const decide = (decision: string, person: string, why: string | null = null, of: string = id) =>
  database.operator.query<{ state: string; decided_by: string }>(
    'select * from decide_adjustment($1, $2, $3, $4)',
    [of, decision, person, why],
  );

async function posted(of: string = id): Promise<Record<string, unknown>[]> {
  const { rows } = await database.owner.query<Record<string, unknown>>(
    `select t.event, t.payment_id, t.operation_id, t.at = a.decided_at as at_decision, p.code, p.amount
     from ledger_transactions t join ledger_postings p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
     join adjustments a on a.id = t.business_key where t.business_key = $1 order by p.line`,
    [of],
  );
  return rows;
}

const history = async (): Promise<unknown[]> =>
  (
    await database.operator.query<Record<string, unknown>>(
      'select state, person, reason from adjustment_history where adjustment_id = $1 order by at',
      [id],
    )
  ).rows;

describe('an adjustment', () => {
  it('is posted when a second person approves it, in that transaction, without a payment', async () => {
    expect((await request()).rows[0]).toMatchObject({ state: 'requested', requested_by: 'anna' });
    expect(await posted()).toEqual([]);
    expect((await decide('approve', 'ben')).rows[0]).toMatchObject({ state: 'approved', decided_by: 'ben' });
    const row = { event: 'adjusted', payment_id: null, operation_id: id, at_decision: true };
    expect(await posted()).toEqual([
      { ...row, code: 'acquirer_receivable:acquirer-1', amount: -1_250n },
      { ...row, code: 'merchant_payable:available', amount: 1_250n },
    ]);
    expect(await history()).toEqual([
      { state: 'requested', person: 'anna', reason: 'the acquirer took 12.50 EUR twice' },
      { state: 'approved', person: 'ben', reason: null },
    ]);
  });

  it('can be about a payment of that merchant and mode', async () => {
    await request({ payment_id: payment });
    await decide('approve', 'ben');
    expect((await posted())[0]).toMatchObject({ payment_id: payment });
  });

  it('is not posted when it is rejected, and stays so', async () => {
    await request();
    await decide('reject', 'ben', 'the report was corrected');
    expect(await posted()).toEqual([]);
    expect((await history()).at(-1)).toEqual({
      state: 'rejected',
      person: 'ben',
      reason: 'the report was corrected',
    });
    expect(await refusalOf(decide('approve', 'carla'))).toMatchObject({
      code: 'check_violation',
      message: `adjustment ${id} is rejected already, by ben `,
    });
  });

  it('is decided once: the same decision again changes nothing, another is refused', async () => {
    await request();
    await decide('approve', 'ben');
    expect((await decide('approve', 'ben')).rows[0]).toMatchObject({ state: 'approved', decided_by: 'ben' });
    expect(await posted()).toHaveLength(2);
    for (const [other, person] of [
      ['approve', 'carla'],
      ['reject', 'ben'],
    ] as const)
      expect((await refusalOf(decide(other, person))).message).toBe(
        `adjustment ${id} is approved already, by ben `,
      );
  });

  it('approved by twenty at once is posted once', async () => {
    await request();
    const people = Array.from({ length: 20 }, (_, index) => `person-${index}`);
    const results = await Promise.allSettled(people.map((person) => decide('approve', person)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await posted()).toHaveLength(2);
  });

  it('cannot be decided by who asked for it, by either way', async () => {
    await request();
    expect(await refusalOf(decide('approve', 'anna'))).toMatchObject({
      constraint: 'adjustments_two_persons',
      message: `adjustment ${id} was requested by anna: somebody else must decide it `,
    });
    expect((await refusalOf(decide('reject', 'anna'))).constraint).toBe('adjustments_two_persons');
    const byHand =
      "update adjustments set state = 'approved', decided_by = 'anna', decided_at = now() where id = $1";
    expect((await refusalOf(database.owner.query(byHand, [id]))).constraint).toBe('adjustments_two_persons');
    expect(await posted()).toEqual([]);
  });

  it('takes a person in one spelling only', async () => {
    for (const person of ['Anna', ' anna', 'anna ', '', 'ánna'])
      expect(await refusalOf(request({}, person)), person).toMatchObject({
        message: `adjustment ${id}: ${person} is not how a person is written: a login in lower case, such as anna or anna@example.com `,
      });
    await request();
    expect((await refusalOf(decide('approve', 'Anna'))).message).toContain('Anna is not how a person');
    const byHand =
      "update adjustments set state = 'rejected', decided_by = 'Anna', decided_at = now() where id = $1";
    expect((await refusalOf(database.owner.query(byHand, [id]))).constraint).toBe(
      'adjustments_decided_by_check',
    );
    expect(await posted()).toEqual([]);
  });

  it('asked for again is the same request; with other words it is refused', async () => {
    await request();
    expect((await request()).rows[0]).toMatchObject({ state: 'requested' });
    expect(await history()).toHaveLength(1);
    for (const [rest, person] of [
      [{ amount: 1_251 }, 'anna'],
      [{}, 'ben'],
    ] as const)
      expect(await refusalOf(request(rest, person))).toMatchObject({
        code: 'unique_violation',
        message: expect.stringContaining(`adjustment ${id} was requested before, and otherwise`) as string,
      });
  });

  it.each([
    [
      'an account that is not in the chart',
      { debit_code: 'petty_cash' },
      'petty_cash is no account of the chart',
    ],
    [
      'an acquirer where the merchant has no account',
      { credit_code: 'acquirer_receivable:acquirer-7' },
      'acquirer_receivable:acquirer-7 is of an acquirer where',
    ],
    [
      'a qualifier that the chart does not know',
      { debit_code: 'merchant_payable:soon' },
      'merchant_payable:soon is no account of the chart',
    ],
    ['a currency without books', { currency: 'EUS' }, 'has no books in EUS'],
    ['the mode without books', { mode: 'live' }, '(live) has no books in EUR'],
    ['a merchant that does not exist', { merchant_id: 'mer_none' }, 'merchant mer_none does not exist'],
    ['a payment of somebody else', { payment_id: 'pay_none' }, 'payment pay_none is none of'],
  ])('of %s is refused, and the refusal names it', async (_, rest, says) => {
    const { constraint, message } = await refusalOf(request(rest));
    expect([constraint, message]).toEqual(['adjustments_accounts', expect.stringContaining(says)]);
    expect(message).toContain(`adjustment ${id}: `);
  });

  it.each([
    ['nothing', { amount: 0 }],
    ['less than nothing', { amount: -5 }],
    ['more than an operation may move', { amount: 1_000_000_000_000 }],
    ['one account to itself', { credit_code: 'merchant_payable:available' }],
    ['an empty reason', { reason: '  ' }],
    ['an empty evidence', { evidence: '' }],
    ['a reason that would write over a terminal', { reason: 'fine\u001b[2K' }],
    ['an id that is none', { id: 'adj_1' }],
  ])('of %s is refused', async (_, rest) => {
    expect((await refusalOf(request(rest))).code).toBe('check_violation');
  });

  it('of an account that was closed is refused, also when it was closed after the request', async () => {
    const set = (closed: string): Promise<unknown> =>
      database.owner.query(
        `insert into ledger_accounts (merchant_id, mode, code, currency, normal_side, closed_at)
         values ($1, 'test', 'unallocated_receipts', 'EUR', 'credit', ${closed})
         on conflict (merchant_id, mode, code, currency) do update set closed_at = excluded.closed_at`,
        [database.shop.merchant],
      );
    const accounts = { debit_code: 'merchant_payable:pending', credit_code: 'unallocated_receipts' };
    await request(accounts);
    await set('now()');
    expect((await refusalOf(decide('approve', 'ben'))).constraint).toBe('ledger_account_open');
    const first = id;
    id = newId('adj');
    expect((await refusalOf(request(accounts))).message).toContain(
      'account unallocated_receipts EUR is closed',
    );
    await set('null');
    await decide('approve', 'ben', null, first);
    expect(await posted(first)).toHaveLength(2);
  });

  it('that does not exist, or is neither approved nor rejected, is refused by its name', async () => {
    expect((await refusalOf(decide('approve', 'ben', null, 'adj_none'))).message).toContain(
      'adjustment adj_none does not exist',
    );
    await request();
    expect((await refusalOf(decide('maybe', 'ben'))).message).toContain(
      `adjustment ${id}: maybe is neither approve nor reject`,
    );
  });
});

describe('the owner', () => {
  it('cannot insert one that is decided already, change what was asked, or undo a decision', async () => {
    await request();
    const copy = `insert into adjustments select (jsonb_populate_record(null::adjustments, to_jsonb(a) || $2)).* from adjustments a where id = $1`;
    const decided = { id: newId('adj'), state: 'approved', decided_by: 'ben', decided_at: new Date() };
    expect((await refusalOf(database.owner.query(copy, [id, JSON.stringify(decided)]))).message).toContain(
      'must start as a request',
    );
    for (const set of ['amount = 1', "debit_code = 'fee_revenue'", "evidence = 'x'", "requested_by = 'ben'"])
      expect(
        (await refusalOf(database.owner.query(`update adjustments set ${set} where id = $1`, [id]))).message,
      ).toContain(`adjustment ${id}: what was asked, and what was decided, cannot change`);
    await decide('reject', 'ben');
    const approve = "update adjustments set state = 'approved' where id = $1";
    expect((await refusalOf(database.owner.query(approve, [id]))).message).toContain(
      `adjustment of ${id} cannot go from rejected to approved`,
    );
    const rename = "update adjustments set decided_by = 'carla' where id = $1";
    expect((await refusalOf(database.owner.query(rename, [id]))).message).toContain('cannot change');
  });

  it('cannot take one, or its history, away', async () => {
    for (const statement of [
      'delete from adjustments',
      'truncate adjustments cascade',
      'delete from adjustment_history',
      'truncate adjustment_history',
      "update adjustment_history set person = 'x'",
    ])
      expect((await refusalOf(database.owner.query(statement))).message, statement).toContain(
        'is append-only',
      );
  });

  it('cannot post without a payment what is no adjustment', async () => {
    const header = {
      merchant_id: database.shop.merchant,
      mode: 'test',
      event: 'captured',
      business_key: 'x',
    };
    const { legs } = twoLegs('x', 5) as { legs: unknown };
    const post = database.owner.query('select post_transaction($1, $2)', [
      JSON.stringify({ ...header, at: new Date(), workflow_id: 'x', workflow_run_id: 'x' }),
      JSON.stringify(legs),
    ]);
    expect((await refusalOf(post)).constraint).toBe('ledger_transactions_of_payments');
  });
});
