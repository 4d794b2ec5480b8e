import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type Answer, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: an amount is a whole number of the currency's minor units from 1 to 10^12 − 1, in any
 * currency, and comes through api, books and acquirer to the last unit; balances are exact to 10^18,
 * and nothing goes beyond.
 */
const LIMIT = 999_999_999_999;
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile(), { singleMessage: false });
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

/** Cards in turn: one that is used often is a risk. */
const CARDS = [GOOD_CARD, '5555555555554444', '6011111111111117', '3530111333300000'] as const;

const get = async (id: string): Promise<Record<string, unknown>> =>
  (await world.get(`/v1/payments/${id}`)).body;

async function becomes(id: string, status: string): Promise<Record<string, unknown>> {
  const { body } = await until(
    `${id} is ${status}`,
    () => world.get(`/v1/payments/${id}`),
    ({ body }) => body['status'] === status,
  );
  return body;
}

/** Asks until it is not "processing" any more. */
async function answered(path: string, body: unknown): Promise<Answer> {
  const key = randomUUID();
  return until(
    `${path} is answered`,
    () => world.post(path, body, { key }),
    ({ status }) => status !== 202,
  );
}

/** So much money is looked at by a person first. */
async function approve(id: string): Promise<void> {
  await world.sql(
    `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
     values ($1, $2, $3, 'review', 'operator', $4, '{"decision": "approve"}')`,
    [world.merchant, id.replace('pay_', 'cmd_'), id, id.replace('pay_', 'review_')],
  );
}

async function authorized(amount: number, currency: string, card = 0): Promise<string> {
  const number = CARDS[card] ?? GOOD_CARD;
  const created = await answered('/v1/payments', { ...sale(number), amount, currency, capture: 'manual' });
  expect([created.status, created.body['amount']], created.text).toEqual([201, amount]);
  const id = idOf(created);
  if (created.body['status'] === 'in_review') await approve(id);
  await becomes(id, 'authorized');
  return id;
}

async function balancesIn(currency: string): Promise<Record<string, unknown>> {
  const { body } = await world.get('/v1/balances');
  const data = body['data'] as readonly { account: string; currency: string; balance: unknown }[];
  return Object.fromEntries(
    data.filter((one) => one.currency === currency).map(({ account, balance }) => [account, balance]),
  );
}

describe.each([
  ['JPY', 0],
  ['EUR', 2],
  ['KWD', 3],
])('in %s, with %i decimals', (currency) => {
  it('the smallest and the largest amount are authorized, captured and refunded to the last unit', async () => {
    const small = await authorized(1, currency, 0);
    const large = await authorized(LIMIT, currency, 1);

    for (const [id, amount] of [
      [small, 1],
      [large, 1],
      [large, LIMIT - 1],
    ] as const) {
      const captured = await answered(`/v1/payments/${id}/capture`, { amount });
      expect([captured.status, captured.body['currency']], captured.text).toEqual([200, currency]);
    }
    expect(await get(large)).toMatchObject({ status: 'captured', amount_captured: LIMIT });
    expect(await balancesIn(currency)).toMatchObject({
      'acquirer_receivable:acquirer-1': LIMIT + 1,
      'merchant_payable:pending': LIMIT + 1,
      'auth_hold:acquirer': 0,
      'auth_hold:merchant': 0,
    });

    const refunded = await answered(`/v1/payments/${large}/refunds`, { amount: LIMIT });
    expect([refunded.status, refunded.body['amount']], refunded.text).toEqual([201, LIMIT]);
    const last = await answered(`/v1/payments/${small}/refunds`, {});
    expect([last.status, last.body['amount']], last.text).toEqual([201, 1]);
    expect(await balancesIn(currency)).toMatchObject({
      'acquirer_receivable:acquirer-1': 0,
      'merchant_payable:pending': 0,
    });
    const amounts = (await world.journal()).map(({ kind, amount }) => [kind, Number(amount)]);
    expect(amounts).toEqual([
      ['approved', 1],
      ['approved', LIMIT],
      ['captured', 1],
      ['captured', 1],
      ['captured', LIMIT - 1],
      ['refunded', LIMIT],
      ['refunded', 1],
    ]);
  });
});

describe('what is no amount', () => {
  /** As it stands in the JSON text. */
  const WRONG = [
    '0',
    '-1',
    '1000000000000',
    '1.5',
    '"100"',
    '9007199254740992',
    '9007199254740993',
    '1e12',
    '1e400',
    'null',
  ];

  it.each(WRONG)('%s is refused with its place, wherever an amount is asked', async (written) => {
    const id = await authorized(5_000, 'EUR');
    const before = await get(id);
    const { amount: _, ...rest } = sale(GOOD_CARD);
    const create = `{"amount":${written},${JSON.stringify(rest).slice(1)}`;
    for (const [path, body] of [
      ['/v1/payments', create],
      [`/v1/payments/${id}/capture`, `{"amount":${written}}`],
      [`/v1/payments/${id}/refunds`, `{"amount":${written}}`],
    ] as const) {
      const refused = await world.post(path, body);
      expect([refused.status, refused.body['code']], refused.text).toEqual([400, 'amount_invalid']);
      expect(refused.text).toContain('/amount');
    }
    expect(await get(id)).toEqual(before);
    expect(await world.journal()).toHaveLength(1);
  });

  it('1e3 and 1000.0 are: JSON knows one kind of number, and these are whole ones', async () => {
    const { amount: _, ...rest } = sale(GOOD_CARD);
    for (const written of ['1e3', '1000.0']) {
      const created = await answered('/v1/payments', `{"amount":${written},${JSON.stringify(rest).slice(1)}`);
      expect([created.status, created.body['amount']], created.text).toEqual([201, 1_000]);
    }
  });
});

describe('a balance near 10^18', () => {
  const RECEIVABLE = 'acquirer_receivable:acquirer-1';
  const PAYABLE = 'merchant_payable:pending';

  /** Moves both accounts by `amount` (minor units of EUR), with the owner's hand. */
  async function move(amount: bigint): Promise<void> {
    const leg = (code: string, side: string, minor: bigint) => ({
      code,
      normal_side: side,
      currency: 'EUR',
      amount: `${minor}`,
    });
    await world.sql('select post_transaction($1, $2)', [
      {
        merchant_id: world.merchant,
        mode: 'test',
        payment_id: 'pay_of_nobody',
        operation_id: null,
        attempt_id: null,
        event: 'captured',
        business_key: randomUUID(),
        at: new Date().toISOString(),
        workflow_id: 'none',
        workflow_run_id: 'none',
      },
      JSON.stringify([leg(RECEIVABLE, 'debit', amount), leg(PAYABLE, 'credit', -amount)]),
    ]);
  }

  it('is text beyond 2^53, exact at 10^18, and the step that would go further is refused until there is room', async () => {
    const most = 10n ** 18n;
    const id = await authorized(5_000, 'EUR');
    await move(BigInt(Number.MAX_SAFE_INTEGER));
    expect(await balancesIn('EUR')).toMatchObject({ [RECEIVABLE]: 9_007_199_254_740_991 });
    await move(1n);
    expect(await balancesIn('EUR')).toMatchObject({ [RECEIVABLE]: '9007199254740992' });
    await move(most - 9_007_199_254_740_992n - 4_999n);
    expect(await balancesIn('EUR')).toMatchObject({
      [RECEIVABLE]: '999999999999995001',
      [PAYABLE]: '999999999999995001',
    });

    // PostgreSQL says whose account it is.
    await expect(move(5_000n)).rejects.toMatchObject({
      code: '23514',
      constraint: expect.stringContaining('balance') as unknown,
      detail: expect.stringMatching(new RegExp(`${world.merchant}.*${RECEIVABLE}.*EUR`)) as unknown,
    });

    // The acquirer has captured and the books have no room: unknown to the merchant, never lost.
    const key = randomUUID();
    const full = await world.post(`/v1/payments/${id}/capture`, {}, { key, wait: 1 });
    expect(full.status, full.text).toBe(202);
    await until(
      'the acquirer has captured',
      () => world.journal(),
      (journal) => journal.some(({ kind }) => kind === 'captured'),
    );
    expect(await get(id)).toMatchObject({ amount_captured: 0 });
    expect(await balancesIn('EUR')).toMatchObject({ [RECEIVABLE]: '999999999999995001' });

    // One unit of room: exactly 10^18.
    await move(-1n);
    const done = await until(
      'the capture is answered',
      () => world.post(`/v1/payments/${id}/capture`, {}, { key, wait: 30 }),
      ({ status }) => status !== 202,
      90_000,
    );
    expect([done.status, done.body['amount_captured']], done.text).toEqual([200, 5_000]);
    expect(await balancesIn('EUR')).toMatchObject({ [RECEIVABLE]: `${most}`, [PAYABLE]: `${most}` });
    expect((await world.journal()).filter(({ kind }) => kind === 'captured')).toHaveLength(1);
    await move(-most + 5_000n);
  }, 120_000);
});
