import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, isSerializationFailure, retryTransaction } from '../../platform/database.ts';
import { loadPayment } from '../../schema/load-payment.ts';
import { openMainDatabase, type MainDatabase, type Shop } from '../../schema/testing/main-database.ts';
import { refusalOf } from '../../schema/testing/refusal.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { change, type Change } from '../../workflows/domain/change.ts';
import { attemptId, authorizationIdOf, type PaymentId } from '../../workflows/domain/ids.ts';
import type { PaymentState } from '../../workflows/domain/payment.ts';
import { CARD } from '../../workflows/domain/testing/payments.ts';
import {
  changeDocument,
  recordChange,
  recordDocuments,
  type ChangeDocument,
  type RecordContext,
  type Recorded,
} from './record.ts';
import { createRecorder, RECORDING, type Recorder } from './recorder.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: steps that are written at the same moment are written one after the other, whichever
 * isolation PostgreSQL gives: what READ COMMITTED and our locks allow, SERIALIZABLE allows as well
 * (docs/decisions/001-read-committed-with-locks.md).
 */

const ISOLATIONS = ['read committed', 'serializable'];
const AT_ONCE = 50;
const AMOUNT = 100n;
const CONTEXT: RecordContext = {
  at: Date.now(),
  workflowRunId: 'run-1',
  activity: 'conclude 1',
  placed: null,
  route: null,
};
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** A step that holds AMOUNT: state, history and two legs. */
function hold({ payment }: PaymentState, cause: string): Change {
  return {
    ...change(cause, 'authorization_succeeded'),
    payment: { authorizationState: 'held', amountAuthorized: AMOUNT },
    postings: [
      { event: 'authorized', amount: AMOUNT, operation: authorizationIdOf(payment.id), attempt: null },
    ],
  };
}

/** Whole transactions again on 40001 and 40P01, as often as it takes, and with pauses: they are fifty. */
async function untilSettled(write: () => Promise<Recorded>): Promise<Recorded> {
  for (;;) {
    try {
      return await retryTransaction(write);
    } catch (error) {
      if (!isSerializationFailure(error)) throw error;
    }
  }
}

const WAYS: readonly (readonly [string, (pool: pg.Pool) => Recorder])[] = [
  [
    'each in a transaction of its own',
    (pool) =>
      (...one) =>
        recordChange(pool, ...one),
  ],
  ['in groups', (pool) => createRecorder({ pool, ...RECORDING })],
  [
    'in groups of two processes',
    (pool) => alternately(createRecorder({ pool, ...RECORDING }), createRecorder({ pool, ...RECORDING })),
  ],
];

function alternately(one: Recorder, other: Recorder): Recorder {
  let turn = 0;
  return (...change) => ((turn += 1) % 2 === 0 ? one : other)(...change);
}

async function accountsOf(database: MainDatabase, { merchant }: Shop): Promise<Record<string, unknown>[]> {
  const { rows } = await database.owner.query<Record<string, unknown>>(
    `select code, sum(balance)::bigint as balance, sum(last)::bigint as last, sum(postings)::bigint as postings,
            sum(posted)::bigint as posted, sum(numbers)::bigint as numbers, sum(highest)::bigint as highest
     from (
       select b.code, b.stripe, b.balance, b.last_sequence as last, count(*) as postings, sum(p.amount)::bigint as posted,
              count(distinct p.account_sequence) as numbers, max(p.account_sequence) as highest
       from ledger_balances b join ledger_postings p using (merchant_id, mode, code, currency, stripe)
       where merchant_id = $1 group by 1, 2, 3, 4
     ) as stripes group by 1 order by 1`,
    [merchant],
  );
  return rows;
}

/** An account after `count` holds: exact, and numbered from 1 without a gap. */
function account(code: string, balance: bigint, count: number): Record<string, unknown> {
  const all = BigInt(count);
  return { code, balance, last: all, postings: all, posted: balance, numbers: all, highest: all };
}

describe.each(ISOLATIONS)('fifty steps at once at %s', { timeout: 150_000 }, (isolation) => {
  let database: MainDatabase;
  let pool: pg.Pool;

  beforeAll(async () => {
    database = await openMainDatabase(stackRunFile());
    const { rows } = await database.owner.query<{ name: string }>('select current_database() as name');
    await database.owner.query(
      `alter database "${rows[0]?.name ?? ''}" set default_transaction_isolation to '${isolation}'`,
    );
    pool = createPool(
      {
        url: database.worker.options.connectionString ?? '',
        poolSize: AT_ONCE,
        statementTimeoutMs: 30_000,
        role: 'races',
      },
      silent,
    );
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });

  async function newPaymentOf(shop: Shop): Promise<PaymentState> {
    const id: PaymentId = await database.addPayment({ merchant_id: shop.merchant });
    const state = await loadPayment(pool, shop.merchant, id);
    if (state === null) throw new Error(`payment ${id} was not added`);
    return state;
  }

  it('are written with that isolation', async () => {
    expect((await pool.query('show transaction_isolation')).rows).toEqual([
      { transaction_isolation: isolation },
    ]);
  });

  it.each(WAYS)('on one payment, %s: one is applied, the others are stale', async (_, recorderOn) => {
    const record = recorderOn(pool);
    const shop = await database.addShop();
    const state = await newPaymentOf(shop);
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        untilSettled(() => record(state, hold(state, `step ${index}`), CONTEXT)),
      ),
    );
    expect(answers.filter((answer) => answer === 'applied')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'stale')).toHaveLength(AT_ONCE - 1);
    const winner = answers.indexOf('applied');
    const { rows } = await database.owner.query(
      'select version, cause from payment_history where merchant_id = $1 and payment_id = $2',
      [shop.merchant, state.payment.id],
    );
    expect(rows).toEqual([{ version: 1, cause: `step ${winner}` }]);
    expect(await accountsOf(database, shop)).toEqual([
      account('auth_hold:acquirer', AMOUNT, 1),
      account('auth_hold:merchant', -AMOUNT, 1),
    ]);
  });

  it.each(WAYS)(
    'that are one and the same step, %s: it is applied once and repeated by the others',
    async (_, recorderOn) => {
      const record = recorderOn(pool);
      const shop = await database.addShop();
      const state = await newPaymentOf(shop);
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, () =>
          untilSettled(() => record(state, hold(state, 'the step'), CONTEXT)),
        ),
      );
      expect(answers.filter((answer) => answer === 'applied')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'repeated')).toHaveLength(AT_ONCE - 1);
    },
  );

  it.each(WAYS)(
    'of as many payments on the same accounts, %s: all are applied, sums are exact, no number is missing',
    async (_, recorderOn) => {
      const record = recorderOn(pool);
      const shop = await database.addShop();
      const states: PaymentState[] = [];
      for (let count = 0; count < AT_ONCE; count += 1) states.push(await newPaymentOf(shop));
      const answers = await Promise.all(
        states.map((state) => untilSettled(() => record(state, hold(state, 'the step'), CONTEXT))),
      );
      expect(new Set(answers)).toEqual(new Set(['applied']));
      const sum = AMOUNT * BigInt(AT_ONCE);
      expect(await accountsOf(database, shop)).toEqual([
        account('auth_hold:acquirer', sum, AT_ONCE),
        account('auth_hold:merchant', -sum, AT_ONCE),
      ]);
    },
  );

  /** A group of ten payments, of which the first is at fault. */
  async function tenOf(shop: Shop): Promise<{ bad: PaymentState; good: readonly PaymentState[] }> {
    const bad = await newPaymentOf(shop);
    const good: PaymentState[] = [];
    for (let count = 1; count < 10; count += 1) good.push(await newPaymentOf(shop));
    return { bad, good };
  }

  it.each([
    [
      'what its table forbids',
      { payment: { amountCaptured: 1n } },
      { constraint: 'captured_within_authorized' },
    ],
    [
      'an attempt that its worker moved first',
      { attemptMoves: [{ id: 'att_auth_1_1', from: 'planned', to: 'sending' }] },
      { code: 'serialization_failure' },
    ],
  ] as const)('in a group with one that is refused, for %s: it alone is', async (_, wrong, refusal) => {
    const record = createRecorder({ pool, lanes: 1, batch: AT_ONCE });
    const shop = await database.addShop();
    const { bad, good } = await tenOf(shop);
    const refused = refusalOf(record(bad, { ...hold(bad, 'the step'), ...wrong } as Change, CONTEXT));
    const answers = await Promise.all(good.map((state) => record(state, hold(state, 'the step'), CONTEXT)));
    expect(await refused).toMatchObject(refusal);
    expect(new Set(answers)).toEqual(new Set(['applied']));
    expect((await accountsOf(database, shop))[0]).toEqual(account('auth_hold:acquirer', AMOUNT * 9n, 9));
  });

  it('in a group with one that ran before and one that was decided on what is gone: each is told', async () => {
    const record = createRecorder({ pool, lanes: 1, batch: AT_ONCE });
    const shop = await database.addShop();
    const { bad: ran, good } = await tenOf(shop);
    const [late, ...others] = good;
    if (late === undefined) throw new Error('no payment was added');
    await record(ran, hold(ran, 'the step'), CONTEXT);
    await record(late, hold(late, 'another step'), CONTEXT);
    const answers = await Promise.all(
      [ran, late, ...others].map((state) => record(state, hold(state, 'the step'), CONTEXT)),
    );
    expect(answers).toEqual(['repeated', 'stale', ...others.map(() => 'applied')]);
    expect((await accountsOf(database, shop))[0]).toEqual(account('auth_hold:acquirer', AMOUNT * 10n, 10));
  });
});

describe('groups of several processes', () => {
  let database: MainDatabase;
  beforeAll(async () => {
    database = await openMainDatabase(stackRunFile());
  });
  afterAll(() => database.close());

  it('that share payments’ merchants never wait for each other in a circle', async () => {
    const shops = [
      database.shop,
      await database.addShop(),
      await database.addShop(),
      await database.addShop(),
    ];
    const states: PaymentState[] = [];
    for (let count = 0; count < 80; count += 1) {
      const shop = shops[count % shops.length] ?? database.shop;
      const id: PaymentId = await database.addPayment({ merchant_id: shop.merchant });
      const state = await loadPayment(database.worker, shop.merchant, id);
      if (state !== null) states.push(state);
    }
    // Each takes the payments in another order, and the accounts of all merchants at once. Not repeated on 40P01.
    const ends = ({ payment }: PaymentState): string => payment.id.slice(-4);
    const orders = [
      states,
      [...states].reverse(),
      [...states].sort((one, other) => (ends(one) < ends(other) ? -1 : 1)),
    ];
    const answers = await Promise.all(
      orders.flatMap((order, index) => {
        const record = createRecorder({ pool: database.worker, lanes: 1, batch: 8 });
        return order.map((state) => record(state, hold(state, `step ${index}`), CONTEXT));
      }),
    );
    expect(answers.filter((answer) => answer === 'applied')).toHaveLength(80);
    expect(answers.filter((answer) => answer === 'stale')).toHaveLength(160);
  });

  it('that try the same cards never wait for each other in a circle', async () => {
    const { merchant, testAccount: account } = database.shop;
    const planned = async (fingerprint: string): Promise<ChangeDocument> => {
      const id: PaymentId = await database.addPayment();
      const state = await loadPayment(database.worker, merchant, id);
      if (state === null) throw new Error(`payment ${id} was not added`);
      const operation = authorizationIdOf(id);
      const sendBy = Date.now() + 15_000;
      const made: Change = {
        ...change(`begin:${operation}`, 'authorization_started'),
        payment: { card: { ...CARD, fingerprint } },
        newAttempt: {
          id: attemptId(operation, 1),
          operation,
          number: 1,
          kind: 'authorization',
          amount: AMOUNT,
          original: null,
          sendBy,
        },
      };
      const placed = { acquirer: 'acquirer-1', account, wire: {}, onUnknown: 'reverse' } as const;
      return changeDocument(state, made, { ...CONTEXT, placed });
    };
    const [one, other] = ['1'.repeat(64), '2'.repeat(64)] as const;
    const groups = [
      [await planned(one), await planned(other)],
      [await planned(other), await planned(one)],
    ];
    // Both cards are taken until both groups have come to their first.
    const holder = await database.superuser.connect();
    try {
      await holder.query('begin');
      for (const fingerprint of [one, other])
        await holder.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
          `${merchant} ${fingerprint}`,
        ]);
      const answers = groups.map((group) => recordDocuments(database.worker, group));
      await waitUntil('both wait for a card', 10_000, async () => {
        const { rows } = await database.owner.query<{ waiting: bigint }>(
          `select count(*) as waiting from pg_locks l join pg_database d on d.oid = l.database
           where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`,
        );
        return rows[0]?.waiting === 2n;
      });
      await holder.query('commit');
      expect(await Promise.all(answers)).toEqual([
        ['applied', 'applied'],
        ['applied', 'applied'],
      ]);
    } finally {
      holder.release();
    }
  });
});
