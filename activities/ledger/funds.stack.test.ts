import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import { DatabaseWalk, type Answer } from '../../schema/testing/database-walk.ts';
import {
  insert,
  newPayment,
  openMainDatabase,
  type MainDatabase,
  type Shop,
} from '../../schema/testing/main-database.ts';
import { refusalOf } from '../../schema/testing/refusal.ts';
import { verifyLedger } from '../../tools/ledger/verify.ts';
import { change } from '../../workflows/domain/change.ts';
import { makeFundsAvailable } from '../../workflows/domain/due-funds.ts';
import { createDueFunds } from '../back-office/due-funds.ts';
import { createFundsMover } from './move-funds.ts';
import { recordChange } from './record.ts';
import { createTableRates } from './table-rates.ts';
import { createTermsReader } from './terms.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: terms that stand in the database are applied to the minor unit, and what is due is moved
 * once, whoever moves it and whatever happens to the payment meanwhile. Figures are computed by hand.
 */

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const DAY = 86_400_000;
const APPROVED: Answer = { outcome: 'approved', part: 100, code: '00' };
const DECLINED: Answer = { outcome: 'declined', part: 100, code: '05' };
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const running = new AbortController().signal;

/** Inserts terms in force since long ago; `rest` has the columns of the table. */
async function agree(shop: Shop, table: string, rest: Record<string, unknown>): Promise<void> {
  const prefixes: Record<string, string> = {
    fee_schedules: 'fee',
    reserve_terms: 'res',
    availability_terms: 'avt',
    settlement_terms: 'stt',
  };
  await insert(database.owner, table, {
    merchant_id: shop.merchant,
    id: `${prefixes[table] ?? ''}_${newId('cmd').slice(4)}`,
    mode: 'test',
    valid_from: '2020-01-01T00:00:00Z',
    ...rest,
  });
}

/** 2.9 % + 0.30, interchange 0.2 % and scheme 0.05 % + 0.02 passed on, acquirer 0.10; 10 % for 30 days; after 2 days. */
async function agreeAll(shop: Shop): Promise<void> {
  const fee = { currency: 'EUR', account_id: shop.testAccount };
  await agree(shop, 'fee_schedules', {
    kind: 'platform',
    currency: 'EUR',
    fixed: 30,
    ppm: 29_000,
    on_refund: 'return',
  });
  await agree(shop, 'fee_schedules', { ...fee, kind: 'interchange', ppm: 2_000, recharge: true });
  await agree(shop, 'fee_schedules', { ...fee, kind: 'scheme', fixed: 2, ppm: 500, recharge: true });
  await agree(shop, 'fee_schedules', { ...fee, kind: 'acquirer', fixed: 10 });
  await agree(shop, 'reserve_terms', { ppm: 100_000, held_for: '30 days' });
  await agree(shop, 'availability_terms', { available_after: '2 days' });
}

/** A payment of 90.00 EUR, authorized, under what is agreed with its shop. */
async function authorized(shop: Shop): Promise<DatabaseWalk> {
  const id = newId('pay');
  await insert(database.api, 'payments', newPayment(shop.merchant, id));
  const walk = new DatabaseWalk(database, shop, id, false);
  await walk.begin({ score: 0, decision: 'accept', reasons: [] });
  await walk.answer(APPROVED);
  const reader = createTermsReader(database.worker, createTableRates(database.worker));
  walk.terms = await reader.forCapture(await walk.load(), shop.testAccount, walk.now);
  return walk;
}

async function ask(walk: DatabaseWalk, kind: 'capture' | 'refund', amount: bigint, answer: Answer | null) {
  walk.tick(1_000);
  await walk.ask(kind === 'capture' ? { kind, amount } : { kind, amount, reason: null });
  await walk.work();
  if (answer !== null) await walk.answer(answer);
}

/** Balances of a merchant on the accounts' normal sides, without those at zero and the memo ones. */
async function balances({ merchant }: Shop): Promise<Record<string, number>> {
  const { rows } = await database.owner.query<{ account: string; balance: bigint }>(
    `select code || ' ' || currency as account, case normal_side when 'debit' then balance else -balance end as balance
     from ledger_balances join ledger_accounts using (merchant_id, mode, code, currency)
     where merchant_id = $1 and balance <> 0 and code not like 'auth\\_hold%'`,
    [merchant],
  );
  return Object.fromEntries(rows.map(({ account, balance }) => [account, Number(balance)]));
}

const dueFunds = (pool: pg.Pool = database.worker) =>
  createDueFunds({ pool, move: createFundsMover(pool), logger: silent, page: 3, concurrency: 2 });

async function expectWhole(): Promise<void> {
  const { urls } = { urls: database.worker.options.connectionString ?? '' };
  expect((await verifyLedger({ url: urls, headFile: null, lanes: 2 })).problems).toEqual([]);
}

describe('a capture under terms', () => {
  it('is charged, reserved, made available and refunded to the cent', async () => {
    const shop = await database.addShop();
    await agreeAll(shop);
    const walk = await authorized(shop);
    await ask(walk, 'capture', 8_000n, APPROVED);
    // 2.9 % of 80.00 + 0.30 = 2.62; interchange 0.16, scheme 0.02 + 0.04 = 0.06; reserve 8.00.
    expect(await balances(shop)).toEqual({
      'acquirer_receivable:acquirer-1 EUR': 8_000,
      'merchant_payable:pending EUR': 8_000 - 262 - 22 - 800,
      'merchant_reserve EUR': 800,
      'fee_revenue EUR': 262,
      'fee_recovery:interchange EUR': 16,
      'fee_recovery:scheme EUR': 6,
      'fee_expense:interchange EUR': 16,
      'fee_expense:scheme EUR': 6,
      'fee_expense:acquirer EUR': 10,
      'acquirer_fees_accrued:acquirer-1 EUR': 32,
    });
    await expectWhole();

    // A quarter is given back before anything is due: from what is pending, and with it a quarter of our fee.
    await ask(walk, 'refund', 2_000n, APPROVED);
    expect(await balances(shop)).toMatchObject({
      'acquirer_receivable:acquirer-1 EUR': 6_000,
      'merchant_payable:pending EUR': 6_916 - 2_000 + 66, // 65.5 cents, to the even one
      'fee_revenue EUR': 196,
    });

    expect(await dueFunds()(running, walk.now + 2 * DAY)).toEqual({ payments: 1, available: 1, released: 0 });
    expect(await dueFunds()(running, walk.now + 2 * DAY)).toEqual({ payments: 0, available: 0, released: 0 });
    expect(await balances(shop)).toMatchObject({
      'merchant_payable:available EUR': 4_982,
      'merchant_reserve EUR': 800,
    });

    // From now on refunds are taken from what is available.
    await ask(walk, 'refund', 6_000n, APPROVED);
    expect(await dueFunds()(running, walk.now + 31 * DAY)).toEqual({
      payments: 1,
      available: 0,
      released: 1,
    });
    expect(await balances(shop)).toEqual({
      // All is given back and our fee with it; what is left to pay is what others were paid.
      'merchant_payable:available EUR': -22,
      'fee_recovery:interchange EUR': 16,
      'fee_recovery:scheme EUR': 6,
      'fee_expense:interchange EUR': 16,
      'fee_expense:scheme EUR': 6,
      'fee_expense:acquirer EUR': 10,
      'acquirer_fees_accrued:acquirer-1 EUR': 32,
    });
    await expectWhole();
  });

  it('is converted at the rate in force, refunded at the same one, and put back at it', async () => {
    const shop = await database.addShop();
    await agree(shop, 'settlement_terms', { presentment_currency: 'EUR', settlement_currency: 'USD' });
    await agree(shop, 'fee_schedules', { kind: 'platform', currency: 'USD', ppm: 10_000 });
    // Never the platform's fee for what is settled in euro.
    await agree(shop, 'fee_schedules', { kind: 'platform', currency: 'EUR', ppm: 500_000 });
    await agree(shop, 'fee_schedules', { kind: 'interchange', currency: 'EUR', ppm: 3_333, recharge: true });
    await insert(database.owner, 'fx_rates', {
      base: 'EUR',
      quote: 'USD',
      valid_from: '2020-01-01T00:00:00Z',
      valid_to: '2100-01-01T00:00:00Z',
      rate: '1.084250',
      source: 'a table',
    });
    const walk = await authorized(shop);
    await ask(walk, 'capture', 9_000n, APPROVED);
    // 90.00 EUR = 97.5825 USD, so 97.58; 1 % is 0.98. Interchange 0.299970 EUR is 30 cents here, and 0.325… USD there.
    const taken = {
      'acquirer_receivable:acquirer-1 EUR': 9_000,
      'position EUR': -9_000,
      'position USD': 9_758,
      'merchant_payable:pending USD': 9_758 - 98 - 33,
      'fee_revenue USD': 98,
      'fee_recovery:interchange USD': 33,
      'fee_expense:interchange EUR': 30,
      'acquirer_fees_accrued:acquirer-1 EUR': 30,
    };
    expect(await balances(shop)).toEqual(taken);
    const capture = (await walk.load()).operations.find(({ kind }) => kind === 'capture');
    expect(capture?.settlement).toMatchObject({
      currency: 'USD',
      rate: { rate: '1.08425', source: 'a table' },
    });

    await ask(walk, 'refund', 3_333n, null);
    // 33.33 of 90.00 EUR are 36.1373… of 97.58 USD.
    expect(await balances(shop)).toMatchObject({
      'refunds_in_flight EUR': 3_333,
      'merchant_payable:pending USD': 9_627 - 3_614,
      'position EUR': -5_667,
      'position USD': 6_144,
    });
    await walk.answer(DECLINED);
    expect(await balances(shop)).toEqual(taken);
    await ask(walk, 'refund', 3_333n, APPROVED);
    await ask(walk, 'refund', 5_667n, APPROVED);
    expect(await balances(shop)).toEqual({
      'merchant_payable:pending USD': -131,
      'fee_revenue USD': 98,
      'fee_recovery:interchange USD': 33,
      'fee_expense:interchange EUR': 30,
      'acquirer_fees_accrued:acquirer-1 EUR': 30,
    });
    await expectWhole();
  });

  it('takes the terms that are in force and most particular', async () => {
    const shop = await database.addShop();
    const fee = { kind: 'platform', currency: 'EUR' };
    await agree(shop, 'fee_schedules', { ...fee, ppm: 1 });
    await agree(shop, 'fee_schedules', { ...fee, ppm: 2, valid_from: '2024-01-01T00:00:00Z' });
    await agree(shop, 'fee_schedules', {
      ...fee,
      ppm: 3,
      valid_from: '2024-06-01T00:00:00Z',
      valid_to: '2024-07-01T00:00:00Z',
    });
    await agree(shop, 'fee_schedules', { ...fee, ppm: 4, mode: 'live' });
    await agree(shop, 'fee_schedules', { ...fee, ppm: 5, brand: 'amex' });
    await agree(shop, 'fee_schedules', { ...fee, ppm: 6, account_id: shop.liveAccount });
    const walk = await authorized(shop);
    const reader = createTermsReader(database.worker, createTableRates(database.worker));
    const first = async (at: string): Promise<unknown> => {
      const { fees } = await reader.forCapture(await walk.load(), shop.testAccount, Date.parse(at));
      return fees[0]?.tiers.map(({ ppm }) => Number(ppm));
    };
    expect(await first('2021-01-01T00:00:00Z')).toEqual([1]);
    expect(await first('2024-06-15T00:00:00Z')).toEqual([3]);
    expect(await first('2024-08-01T00:00:00Z')).toEqual([2]);
    await agree(shop, 'fee_schedules', {
      ...fee,
      ppm: 7,
      brand: 'visa',
      tiers: '[{"up_to": 5000, "fixed": 0, "ppm": 9}, {"up_to": 100, "fixed": 1, "ppm": 8}]',
    });
    expect(await first('2024-08-01T00:00:00Z')).toEqual([8, 9, 7]);
    await agree(shop, 'fee_schedules', { ...fee, ppm: 10, account_id: shop.testAccount });
    expect(await first('2024-08-01T00:00:00Z')).toEqual([10]);
    expect(walk.terms).toMatchObject({ reserve: null, availability: null, settlement: null, rate: null });
  });
});

describe('due funds', () => {
  it('are moved once by several at the same moment, each payment of several pages', async () => {
    const shop = await database.addShop();
    await agree(shop, 'availability_terms', { available_after: '1 day' });
    await agree(shop, 'reserve_terms', { ppm: 500_000, held_for: '1 day' });
    const walks = await Promise.all(Array.from({ length: 7 }, () => authorized(shop)));
    for (const walk of walks) {
      await ask(walk, 'capture', 1_000n, APPROVED);
      await ask(walk, 'capture', 11n, APPROVED);
    }
    const now = Math.max(...walks.map((walk) => walk.now)) + DAY;
    const turns = await Promise.all([
      dueFunds()(running, now),
      dueFunds()(running, now),
      dueFunds()(running, now),
    ]);
    const sum = (of: 'available' | 'released'): number => turns.reduce((total, turn) => total + turn[of], 0);
    expect([sum('available'), sum('released')]).toEqual([14, 14]);
    expect(await balances(shop)).toEqual({
      'acquirer_receivable:acquirer-1 EUR': 7 * 1_011,
      'merchant_payable:available EUR': 7 * 1_011,
    });
    await expectWhole();
  });

  it('make a step that was decided before them stale, and are decided again after one', async () => {
    const shop = await database.addShop();
    await agree(shop, 'availability_terms', { available_after: '1 day' });
    const walk = await authorized(shop);
    await ask(walk, 'capture', 9_000n, APPROVED);
    const before = await walk.load();
    const now = walk.now + DAY;
    const context = { at: now, workflowRunId: 'run-1', activity: null, placed: null, route: null };
    await dueFunds()(running, now);
    expect(await recordChange(database.worker, before, change('a step', 'a_step'), context)).toBe('stale');
    // The same move, by somebody who died before it could say so.
    const made = makeFundsAvailable(before, now);
    if (made === null) throw new Error('nothing was due');
    expect(await recordChange(database.worker, before, made, context)).toBe('repeated');
    expect(await balances(shop)).toMatchObject({ 'merchant_payable:available EUR': 9_000 });
  });

  it('of one payment that cannot be moved do not keep others from being moved', async () => {
    const shop = await database.addShop();
    await agree(shop, 'availability_terms', { available_after: '1 day' });
    const walks = [await authorized(shop), await authorized(shop)];
    for (const walk of walks) await ask(walk, 'capture', 500n, APPROVED);
    const stuck = walks[0]?.payment;
    const mover = createFundsMover(database.worker);
    const turn = createDueFunds({
      pool: database.worker,
      move: (merchant, payment, now) =>
        payment === stuck ? Promise.reject(new Error('stuck')) : mover(merchant, payment, now),
      logger: silent,
      page: 3,
      concurrency: 1,
    });
    const now = Math.max(...walks.map((walk) => walk.now)) + DAY;
    await expect(turn(running, now)).rejects.toThrow('funds of 1 payments could not be moved');
    expect(await balances(shop)).toMatchObject({ 'merchant_payable:available EUR': 500 });
    await dueFunds()(running, now);
    expect(await balances(shop)).toMatchObject({ 'merchant_payable:available EUR': 1_000 });
  });

  it('that were tampered with are found by ledger:verify', async () => {
    const shop = await database.addShop();
    await agree(shop, 'availability_terms', { available_after: '1 day' });
    const walk = await authorized(shop);
    await ask(walk, 'capture', 500n, APPROVED);
    await database.owner.query(
      `update operations set funds = funds || '{"pending": "499"}' where payment_id = $1 and kind = 'capture'`,
      [walk.payment],
    );
    const url = database.worker.options.connectionString ?? '';
    const { problems } = await verifyLedger({ url, headFile: null, lanes: 2 });
    expect(problems).toEqual([
      {
        kind: 'funds',
        text: `payment ${walk.payment} of ${shop.merchant}, in EUR: pending is 499 by its captures and 500 by the ledger`,
      },
    ]);
    await database.owner.query(
      `update operations set funds = funds || '{"pending": "500"}' where payment_id = $1 and kind = 'capture'`,
      [walk.payment],
    );
  });
});

describe('what is written', () => {
  it('cannot be changed: neither terms, nor rates, nor what a capture came to', async () => {
    const shop = await database.addShop();
    await agreeAll(shop);
    const walk = await authorized(shop);
    await ask(walk, 'capture', 9_000n, APPROVED);
    const mine = `merchant_id = '${shop.merchant}'`;
    for (const [statement, says] of [
      [`update fee_schedules set ppm = 1 where ${mine}`, 'cannot change'],
      [`delete from reserve_terms where ${mine}`, 'cannot be deleted'],
      [
        `update availability_terms set valid_to = now() - interval '1 hour' where ${mine}`,
        'cannot end in the past',
      ],
      ['update fx_rates set rate = 2', 'append-only'],
      [
        `update operations set settlement = settlement || '{"gross": "1"}' where ${mine} and kind = 'capture'`,
        'what it came to cannot change',
      ],
      [
        `update operations set funds = funds || '{"refunded": "9001"}' where ${mine} and kind = 'capture'`,
        'operations_funds_within',
      ],
      [
        `update operations set funds = funds || '{"feeReturned": "300"}' where ${mine} and kind = 'capture'`,
        'operations_funds_within',
      ],
      [
        `update operations set funds = funds || '{"movedAt": 1}' where ${mine} and kind = 'capture'`,
        'operations_funds_in_one_place',
      ],
    ] as const) {
      const { message, constraint } = await refusalOf(database.owner.query(statement));
      expect(`${message} ${constraint ?? ''}`, statement).toContain(says);
    }
    await database.owner.query(`update fee_schedules set valid_to = now() + interval '1 day' where ${mine}`);
  });

  it.each([
    ['a tier that nobody can read', { tiers: '[{"up_to": 100, "ppm": 5}]' }],
    ['a tier in parts of a cent', { tiers: '[{"up_to": 100, "fixed": 0.5, "ppm": 5}]' }],
    ['a minimum above its maximum', { fee_min: 5, fee_max: 4 }],
    ['a platform fee that is passed on', { recharge: true }],
    ['a cost that a refund returns', { kind: 'scheme', on_refund: 'return' }],
    ['more than all', { ppm: 1_000_001 }],
  ])('refuses a fee with %s', async (_, rest) => {
    const shop = await database.addShop();
    const fee = { kind: 'platform', currency: 'EUR', ...rest };
    expect(await refusalOf(agree(shop, 'fee_schedules', fee))).toMatchObject({ code: 'check_violation' });
  });

  it('refuses two fees of one kind that begin at the same moment', async () => {
    const shop = await database.addShop();
    const fee = { kind: 'platform', currency: 'EUR' };
    await agree(shop, 'fee_schedules', fee);
    expect(await refusalOf(agree(shop, 'fee_schedules', fee))).toMatchObject({ code: 'unique_violation' });
  });
});
