import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { createRedis } from '../../platform/redis.ts';
import {
  insert,
  newPayment,
  openMainDatabase,
  type MainDatabase,
} from '../../schema/testing/main-database.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import type { EndedAttempt } from '../../workflows/domain/ended-attempt.ts';
import type { AcquirerAccountId, AttemptId, MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import { ACCEPTED, CARD, IN_REVIEW } from '../../workflows/domain/testing/payments.ts';
import type { RouteAnswer } from '../../workflows/domain/route/types.ts';
import { ISO8583_CAPABILITIES } from '../acquirers/iso8583/capabilities.ts';
import { STRIPE_CAPABILITIES } from '../acquirers/stripe/capabilities.ts';
import { createObserver, createRedisState, createRoutingActivities, createStatistics } from './index.ts';
import { createBreakers } from './breakers.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: what the tables and Redis say is what decides, and without Redis a decision is made all the same. */
const silent: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

let database: MainDatabase;
let redis: Redis;
let merchant: MerchantId;
/** One account at acquirer-1 and one at acquirer-2, in the order of their ids. */
let accounts: readonly [AcquirerAccountId, AcquirerAccountId];
/** Of one test alone: what is seen of an acquirer counts for all merchants. */
let acquirers: readonly [string, string];
let now: number;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  redis = createRedis((await readRunFile(stackRunFile())).redis, silent);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
  await database.close();
});
beforeEach(async () => {
  now = Date.now();
  acquirers = [`acquirer ${randomUUID()}`, `acquirer ${randomUUID()}`];
  for (const id of acquirers) {
    const row = { id, wire: 'iso8583', task_queue: 'acquirers', fences_by_reversal: true };
    await insert(database.owner, 'acquirers', row);
  }
  merchant = newId('mer');
  await insert(database.owner, 'merchants', { id: merchant, name: 'A shop', country: 'NL', mcc: '5732' });
  const ids = [newId('aca'), newId('aca')].sort() as [AcquirerAccountId, AcquirerAccountId];
  accounts = ids;
  for (const [place, id] of ids.entries()) {
    await insert(database.owner, 'merchant_acquirer_accounts', {
      merchant_id: merchant,
      id,
      acquirer_id: acquirers[place],
      mode: 'test',
      institution: '400123',
      merchant_account: 'MID1',
      terminals: ['TERM0001'],
      mcc: '5732',
      acceptor_name: 'A SHOP',
      single_message: false,
      currencies: ['EUR', 'JPY'],
      brands: ['visa'],
    });
  }
  // Nothing is left to chance unless the test says so.
  await insert(database.owner, 'routing_settings', {
    merchant_id: merchant,
    mode: 'test',
    exploration_ppm: 0,
  });
});

function parts(client: Redis = redis) {
  const breakers = createBreakers({
    shared: createRedisState(client, `test:${merchant}:`, 60_000),
    logger: silent,
    now: () => now,
  });
  const statistics = createStatistics(client, () => now);
  return {
    statistics,
    breakers,
    observe: createObserver({ breakers, statistics, logger: silent }),
    ...createRoutingActivities({
      pool: database.worker,
      breakers,
      statistics,
      capabilitiesOf: (wire) =>
        wire === ISO8583_CAPABILITIES.wire
          ? ISO8583_CAPABILITIES
          : wire === STRIPE_CAPABILITIES.wire
            ? STRIPE_CAPABILITIES
            : undefined,
      logger: silent,
    }),
  };
}

async function payment(rest: Readonly<Record<string, unknown>> = {}): Promise<PaymentId> {
  const id = newId('pay');
  await insert(database.api, 'payments', { ...newPayment(merchant, id), ...rest });
  return id;
}

async function routed(id?: PaymentId, client?: Redis): Promise<RouteAnswer> {
  const ref = { merchant, payment: id ?? (await payment()) };
  return parts(client).route({ ...ref, card: CARD, risk: ACCEPTED });
}

const accountOf = (answer: RouteAnswer): string | null => (answer.kind === 'account' ? answer.account : null);
const candidates = (answer: RouteAnswer): Record<string, unknown>[] =>
  answer.decision['candidates'] as Record<string, unknown>[];
const cost = (place: 0 | 1, rest: Readonly<Record<string, unknown>>): Promise<void> =>
  insert(database.owner, 'routing_costs', {
    merchant_id: merchant,
    account_id: accounts[place],
    kind: 'acquirer',
    source: 'this test',
    ...rest,
  });

describe('the tables', () => {
  it('cost what the most particular row in force says', async () => {
    await cost(0, { ppm: 1 });
    await cost(0, { brand: 'visa', ppm: 5_000 });
    await cost(0, { brand: 'amex', ppm: 9_000 });
    await cost(0, { brand: 'visa', currency: 'EUR', ppm: 9_000, valid_from: '2999-01-01' });
    await cost(1, { currency: 'EUR', fixed_micros: 7_000_000, ppm: 3_000 });
    const answer = await routed();
    expect(accountOf(answer)).toBe(accounts[1]);
    expect(candidates(answer).map(({ cost_micros: micros }) => micros)).toMatchObject([
      { acquirer: '45000000' },
      { acquirer: '34000000' },
    ]);
    expect(answer.decision.left).toEqual({ unsent: [accounts[0]], answered: [], probe: false });
  });

  it('charge cards of other countries more, where it is known where they are from', async () => {
    await cost(0, { cross_border_ppm: 10_000 });
    expect(accountOf(await routed())).toBe(accounts[0]);
    await insert(database.owner, 'routing_issuer_bins', {
      prefix: CARD.bin.slice(0, 6),
      country: 'US',
      valid_from: '2025-01-01',
      source: 'this test',
    });
    expect(accountOf(await routed())).toBe(accounts[1]);
    await database.owner.query('delete from routing_issuer_bins');
  });

  it('say which amounts an account takes, and when its acquirer is away', async () => {
    await insert(database.owner, 'account_amount_limits', {
      merchant_id: merchant,
      account_id: accounts[0],
      currency: 'JPY',
      minimum: 10_000,
    });
    expect(accountOf(await routed(await payment({ currency: 'JPY' })))).toBe(accounts[1]);
    expect(accountOf(await routed())).toBe(accounts[0]);
    await database.owner.query(
      "insert into acquirer_maintenance values ($1, now() - interval '1 minute', now() + interval '1 hour', 'this test')",
      [acquirers[0]],
    );
    const answer = await routed();
    expect(accountOf(answer)).toBe(accounts[1]);
    expect(candidates(answer)[0]?.['excluded']).toMatchObject([{ code: 'maintenance' }]);
    await database.owner.query('delete from acquirer_maintenance');
  });

  it('hold what the merchant wants', async () => {
    await insert(database.owner, 'routing_rules', {
      merchant_id: merchant,
      id: 'small',
      mode: 'test',
      kind: 'pin',
      amount_to: 8_999,
      accounts: [accounts[1]],
    });
    await insert(database.owner, 'routing_rules', {
      merchant_id: merchant,
      id: 'over',
      mode: 'test',
      kind: 'pin',
      accounts: [accounts[1]],
      valid_from: '2020-01-01',
      valid_to: '2021-01-01',
    });
    expect(accountOf(await routed(await payment({ amount: 8_999 })))).toBe(accounts[1]);
    expect(accountOf(await routed())).toBe(accounts[0]);
  });

  it.each([
    [{ kind: 'split', percents: [50, 49] }, 'shares are not 100 percent'],
    [{ kind: 'split', percents: [150, -50] }, 'shares are not 100 percent'],
    [{ kind: 'split', percents: [100] }, 'shares_match_accounts'],
    [{ kind: 'split' }, 'split_has_shares'],
    [{ kind: 'pin' }, 'pin_is_one_account'],
  ])('refuse a rule that means nothing: %o', async (rest, why) => {
    await expect(
      insert(database.owner, 'routing_rules', {
        merchant_id: merchant,
        id: 'bad',
        mode: 'test',
        accounts,
        ...rest,
      }),
    ).rejects.toThrow(why);
  });

  it('know what was tried, and what the account must be able to do', async () => {
    const id = await payment({ capture_method: 'automatic' });
    await database.owner.query(
      "update merchant_acquirer_accounts set capabilities = '{sale}', single_message = true where id = $1",
      [accounts[0]],
    );
    const ref = { merchant, payment: id };
    expect(accountOf(await parts().route({ ...ref, card: CARD, risk: ACCEPTED }))).toBe(accounts[0]);
    expect(accountOf(await parts().route({ ...ref, card: CARD, risk: IN_REVIEW }))).toBe(accounts[1]);
    await insert(database.owner, 'attempts', {
      merchant_id: merchant,
      id: `att_${id}`,
      payment_id: id,
      operation_id: `auth_${id}`,
      number: 1,
      kind: 'sale',
      acquirer_id: acquirers[0],
      account_id: accounts[0],
      on_unknown: 'reverse',
      amount: 9_000,
      currency: 'EUR',
      wire: {},
      planned_at: new Date(),
      send_by: new Date(),
    });
    await database.owner.query("update attempts set state = 'fenced' where id = $1", [`att_${id}`]);
    const next = await parts().route({ ...ref, card: CARD, risk: null });
    expect(next).toMatchObject({ kind: 'account', account: accounts[1], elsewhere: true });
  });
});

describe('what was seen', () => {
  const ended = (place: 0 | 1, rest: Partial<EndedAttempt>): EndedAttempt => ({
    attempt: 'att_1' as AttemptId,
    kind: 'authorization',
    acquirer: acquirers[place],
    account: accounts[place],
    mode: 'test',
    brand: 'visa',
    bin: CARD.bin,
    currency: 'EUR',
    amount: 9_000n,
    ours: false,
    outcome: 'approved',
    asked: false,
    plannedAt: now,
    latencyMs: 100,
    probe: false,
    ...rest,
  });
  const key = (place: 0 | 1) => {
    const { acquirer, account, mode, brand, bin, currency, amount } = ended(place, {});
    return { acquirer, account, mode, brand, bin, currency, amount };
  };

  it('moves payments to who approves more, and is forgotten with time', async () => {
    const { statistics } = parts();
    for (let n = 0; n < 20; n += 1) await statistics.add(key(0), n % 2 === 0, 100);
    for (let n = 0; n < 20; n += 1) await statistics.add(key(1), true, 300);
    const answer = await routed();
    expect(accountOf(answer)).toBe(accounts[1]);
    expect(candidates(answer)[0]).toMatchObject({ approval_from: 'bin', latency_ms: 100 });

    const [fresh] = await statistics.read([key(0)]);
    expect(fresh?.counts[0]).toEqual({ level: 'bin', approved: 10_000n, answered: 20_000n });
    now += 12 * 3_600_000;
    const [half] = await statistics.read([key(0)]);
    expect(half?.counts[0]).toEqual({ level: 'bin', approved: 5_000n, answered: 10_000n });
    expect(half?.latencyMs).toBe(100);
    const [other] = await statistics.read([{ ...key(0), bin: '40000000' }]);
    expect(other?.counts[0]).toMatchObject({ answered: 0n });
    expect(other?.counts[1]).toMatchObject({ answered: 10_000n });
  });

  it('opens the breaker on failures and never on declines', async () => {
    const { observe, breakers } = parts();
    const stateOf = async () => (await breakers.view(acquirers)).get(acquirers[0])?.state;
    for (let n = 0; n < 20; n += 1) observe(ended(0, { outcome: 'declined' }));
    for (let n = 0; n < 20; n += 1) observe(ended(0, { kind: 'capture', outcome: 'ambiguous' }));
    // Nor on asking about one call that was lost, however often.
    for (let n = 0; n < 20; n += 1) observe(ended(0, { outcome: 'ambiguous', asked: n > 0 }));
    await parts().statistics.read([key(0)]);
    expect(await stateOf()).toBe('closed');
    // One after another: those that report at once may lose a count to each other.
    for (let n = 0; n < 30 && (await stateOf()) !== 'open'; n += 1) {
      observe(ended(0, { outcome: n % 2 === 0 ? 'ambiguous' : 'retryable' }));
    }
    expect(await stateOf()).toBe('open');
    expect(accountOf(await routed())).toBe(accounts[1]);
  });

  it('waits where every breaker is open, and lets few through when they are half open', async () => {
    const { breakers } = parts();
    for (const acquirer of acquirers)
      for (let n = 0; n < 5; n += 1)
        await breakers.report(acquirer, { failed: true, probe: false, plannedAt: now });
    const answer = await routed();
    expect(answer).toMatchObject({ kind: 'later', at: now + 5_000 });
    now += 5_000;
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push(await routed());
    expect(answers.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 4 }, () => 'account'),
      'later',
      'later',
    ]);
    expect(answers.slice(0, 4).map(accountOf)).toEqual([accounts[0], accounts[0], accounts[1], accounts[1]]);
    expect(answers[0]?.decision.left.probe).toBe(true);
  });

  it('is not needed: without Redis every estimate is the prior, and the payment goes out', async () => {
    const gone = createRedis('redis://127.0.0.1:1', silent);
    const answer = await routed(undefined, gone);
    expect(accountOf(answer)).toBe(accounts[0]);
    expect(answer.decision).toMatchObject({ statistics: 'not available, priors' });
    expect(candidates(answer)[0]).toMatchObject({ approval_ppm: 850_000, approval_from: 'prior' });
    gone.disconnect();
  });
});
