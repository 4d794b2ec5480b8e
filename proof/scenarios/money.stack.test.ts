import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what is agreed with a merchant is what it is charged, held back, converted and paid, to
 * the minor unit; what is due is moved without anybody asking. The figures are computed by hand.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile(), { singleMessage: false });
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

const id = (prefix: string): string => `${prefix}_${crypto.randomUUID()}`;

async function agreeOnFees(currency: string): Promise<void> {
  // 1.4 % + 0.25 for us, given back with refunds; interchange 0.3 % passed on.
  await world.sql(
    `insert into fee_schedules (merchant_id, id, mode, kind, currency, fixed, ppm, on_refund) values ($1, $2, 'test', 'platform', $3, 25, 14000, 'return')`,
    [world.merchant, id('fee'), currency],
  );
  await world.sql(
    `insert into fee_schedules (merchant_id, id, mode, kind, currency, ppm, recharge) values ($1, $2, 'test', 'interchange', 'EUR', 3000, true)`,
    [world.merchant, id('fee')],
  );
}

async function agreeOnFunds(availableAfter: string, heldFor: string): Promise<void> {
  await world.sql(
    `insert into availability_terms (merchant_id, id, mode, available_after) values ($1, $2, 'test', $3)`,
    [world.merchant, id('avt'), availableAfter],
  );
  await world.sql(
    `insert into reserve_terms (merchant_id, id, mode, ppm, held_for) values ($1, $2, 'test', 100000, $3)`,
    [world.merchant, id('res'), heldFor],
  );
}

/** Balances over HTTP, on the accounts' normal sides; those at zero left out. */
async function balances(): Promise<Record<string, number>> {
  const { body } = await world.get('/v1/balances');
  const data = body['data'] as { account_id: string; balance: number }[];
  return Object.fromEntries(
    data.filter(({ balance }) => balance !== 0).map(({ account_id: account, balance }) => [account, balance]),
  );
}

const become = (expected: Record<string, number>): Promise<unknown> =>
  until('the balances', balances, (now) =>
    Object.entries(expected).every(([account, balance]) => (now[account] ?? 0) === balance),
  );

async function captured(amount: number): Promise<{ payment: string; settlement: Record<string, unknown> }> {
  const created = await world.post('/v1/payments', { ...sale(GOOD_CARD), amount, capture: 'manual' });
  expect([created.status, created.body['status']], created.text).toEqual([201, 'authorized']);
  const payment = idOf(created);
  const capture = await world.post(`/v1/payments/${payment}/capture`, {});
  expect([capture.status, capture.body['status']], capture.text).toEqual([200, 'captured']);
  const [first] = capture.body['captures'] as { settlement: Record<string, unknown> }[];
  if (first === undefined) throw new Error(`no capture in ${capture.text}`);
  return { payment, settlement: first.settlement };
}

describe('what is agreed with a merchant', () => {
  it('is charged and reserved at capture, and the funds become available when they are due', async () => {
    await agreeOnFees('EUR');
    await agreeOnFunds('2 seconds', '3 seconds');
    const { settlement } = await captured(10_000);
    expect(settlement).toMatchObject({
      currency: 'EUR',
      gross: 10_000,
      fees: 195,
      fee_details: { platform: 165, recharged: 30 },
      net: 9_805,
      exchange_rate: null,
      reserve: { amount: 1_000, released: false },
      available: false,
    });
    const others = {
      'acquirer_receivable.acquirer-1.EUR': 10_000,
      'fee_revenue.EUR': 165,
      'fee_recovery.interchange.EUR': 30,
    };
    await become({
      ...others,
      'merchant_payable.available.EUR': 9_805,
      'merchant_payable.pending.EUR': 0,
      'merchant_reserve.EUR': 0,
    });
    const events = await world.sql<{ event: string }>(
      'select event from ledger_transactions where merchant_id = $1 order by id',
      [world.merchant],
    );
    expect(events.map(({ event }) => event)).toEqual([
      'authorized',
      'captured',
      'costs_accrued',
      'costs_recharged',
      'platform_fee',
      'reserve_held',
      'funds_available',
      'reserve_released',
    ]);
  });

  it('is given back with a refund: from what is pending, the rest from what is available', async () => {
    await agreeOnFees('EUR');
    await agreeOnFunds('30 days', '90 days');
    const { payment } = await captured(10_000);
    expect(await balances()).toMatchObject({
      'merchant_payable.pending.EUR': 8_805,
      'merchant_reserve.EUR': 1_000,
    });
    const part = await world.post(`/v1/payments/${payment}/refunds`, { amount: 2_500 });
    expect([part.status, part.body['status']], part.text).toEqual([201, 'succeeded']);
    // A quarter of 1.65 is 0.4125.
    expect(part.body['settlement']).toMatchObject([
      { currency: 'EUR', gross: 2_500, fees_refunded: 41, net: 2_459 },
    ]);
    expect(await balances()).toMatchObject({ 'merchant_payable.pending.EUR': 6_346, 'fee_revenue.EUR': 124 });
    const rest = await world.post(`/v1/payments/${payment}/refunds`, {});
    expect([rest.status, rest.body['status']], rest.text).toEqual([201, 'succeeded']);
    expect(await balances()).toMatchObject({
      // The rest of the fee is given back to where the capture's funds are: pending.
      'merchant_payable.pending.EUR': 124,
      'merchant_payable.available.EUR': -1_154,
      'merchant_reserve.EUR': 1_000,
      'fee_recovery.interchange.EUR': 30,
    });
    expect((await balances())['fee_revenue.EUR']).toBeUndefined();
  });

  it('is owed in the currency that it is settled in, at the rate that stands beside the capture', async () => {
    await world.sql(
      `insert into settlement_terms (merchant_id, id, mode, presentment_currency, settlement_currency) values ($1, $2, 'test', 'EUR', 'USD')`,
      [world.merchant, id('stt')],
    );
    await world.sql(
      `insert into fx_rates (base, quote, valid_from, valid_to, rate, source)
       values ('EUR', 'USD', '2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z', 1.0842, 'proof') on conflict do nothing`,
    );
    await agreeOnFees('USD');
    const { payment, settlement } = await captured(5_000);
    // 50.00 EUR = 54.21 USD; 1.4 % + 0.25 = 1.00894 USD; 0.3 % of 50.00 EUR = 0.15 EUR = 0.16263 USD.
    expect(settlement).toMatchObject({
      currency: 'USD',
      gross: 5_421,
      fees: 117,
      net: 5_304,
      exchange_rate: { from: 'EUR', to: 'USD', rate: '1.0842', source: 'proof' },
      available_at: null,
    });
    const before = {
      'acquirer_receivable.acquirer-1.EUR': 5_000,
      'position.USD': 5_421,
      'position.EUR': -5_000,
      'merchant_payable.pending.USD': 5_304,
      'fee_revenue.USD': 101,
      'fee_recovery.interchange.USD': 16,
    };
    expect(await balances()).toMatchObject(before);
    const refund = await world.post(`/v1/payments/${payment}/refunds`, { amount: 1_250 });
    // A quarter of 54.21 is 13.5525, of 1.01 is 0.2525.
    expect(refund.body['settlement'], refund.text).toMatchObject([
      { currency: 'USD', gross: 1_355, fees_refunded: 25, net: 1_330, exchange_rate: { rate: '1.0842' } },
    ]);
    expect(await balances()).toMatchObject({
      'acquirer_receivable.acquirer-1.EUR': 3_750,
      'position.USD': 4_066,
      'position.EUR': -3_750,
      'merchant_payable.pending.USD': 3_974,
      'fee_revenue.USD': 76,
    });
    const { body } = await world.get('/v1/ledger/trial-balance');
    expect(body['balanced']).toBe(true);
  });

  it('is nothing without terms: the money stays pending and nothing is told of a settlement', async () => {
    const { settlement } = await captured(5_000);
    expect(settlement).toBeUndefined();
    expect(await balances()).toEqual({
      'acquirer_receivable.acquirer-1.EUR': 5_000,
      'merchant_payable.pending.EUR': 5_000,
    });
  });
});
