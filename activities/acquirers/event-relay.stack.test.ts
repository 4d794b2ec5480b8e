import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../../temporal-dev/testing/database.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import {
  attemptId,
  authorizationIdOf,
  type AttemptId,
  type MerchantId,
  type PaymentId,
} from '../../workflows/domain/ids.ts';
import { approved } from './answers.ts';
import { createAttemptStore } from './attempts.ts';
import { claimEvents } from './event-inbox.ts';
import { createEventRelay, type EventRelayOptions, type EventTurn } from './event-relay.ts';
import type { EventReader } from './events.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what an acquirer told is delivered once, whichever process dies between storing it and
 * its effect, and however many work the inbox off at once; and what died is delivered soon.
 */
const ACQUIRER = 'told';
/** Whose items have another shape. */
const ELSEWHERE = 'told_elsewhere';
const merchant: MerchantId = newId('mer');
const account = newId('aca');

/** An adapter whose items name an attempt that was approved. */
const reader: EventReader = {
  subjectOf: (item) => ({ account: 'MID1', references: [], attempts: [String(item['attempt'])] }),
  tell: (_, { attempts }) =>
    attempts.map(({ id, amount }) => ({
      type: 'answer',
      attempt: id,
      answer: approved({ responseCode: '00', approvedAmount: amount }).answer,
    })),
};

let database: TestDatabase;
let owner: pg.Pool;
let pool: pg.Pool;
let knocks: PaymentId[];
const logger: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

beforeAll(async () => {
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'main' });
  owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  await owner.query("insert into merchants (id, name, country, mcc) values ($1, 'Test', 'NL', '5732')", [
    merchant,
  ]);
  await owner.query(
    `insert into acquirers (id, wire, task_queue, fences_by_reversal)
     values ($1, 'iso8583', 'acquirer:told', true), ($2, 'iso8583', 'acquirer:told_elsewhere', true)`,
    [ACQUIRER, ELSEWHERE],
  );
  await owner.query(
    `insert into merchant_acquirer_accounts
       (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc, acceptor_name, single_message, currencies, brands)
     values ($1, $2, $3, 'test', '400123', 'MID1', '{TERM0001}', '5732', 'SHOP', false, '{EUR}', '{visa}')`,
    [merchant, account, ACQUIRER],
  );
  pool = createPool(
    { url: database.workerUrl, poolSize: 8, statementTimeoutMs: 5_000, role: 'test' },
    logger,
  );
});
afterAll(async () => {
  await pool.end();
  await owner.end();
  await database.drop();
});
beforeEach(() => {
  knocks = [];
});

/** A payment whose authorization was sent a minute ago and got no answer. */
async function unanswered(): Promise<{ payment: PaymentId; attempt: AttemptId }> {
  const payment: PaymentId = newId('pay');
  const operation = authorizationIdOf(payment);
  const attempt = attemptId(operation, 1);
  await owner.query(
    `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
     values ($1, $2, 'test', 9000, 'EUR', 'manual', 'stg_1', now() + interval '10 minutes')`,
    [merchant, payment],
  );
  await owner.query(
    `insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, on_unknown, amount, currency, wire, planned_at, send_by)
     values ($1, $2, $3, $4, 1, 'authorization', $5, $6, 'reverse', 9000, 'EUR', '{}', now(), now() + interval '15 seconds')`,
    [merchant, attempt, payment, operation, ACQUIRER, account],
  );
  await owner.query(
    "update attempts set state = 'sending', sending_at = now() - interval '1 minute', sends = 1 where merchant_id = $1 and id = $2",
    [merchant, attempt],
  );
  return { payment, attempt };
}

async function tell(attempt: AttemptId, acquirer = ACQUIRER): Promise<string> {
  const id = newId('aev');
  await owner.query(
    "insert into acquirer_events (id, acquirer_id, dedupe_key, type, item) values ($1, $2, $3, 'approved', $4)",
    [id, acquirer, randomUUID(), { attempt }],
  );
  return id;
}

function relay(other: Partial<EventRelayOptions> = {}): () => Promise<EventTurn> {
  const turn = createEventRelay({
    pool,
    readers: { iso8583: reader },
    store: createAttemptStore(pool),
    take: () => Promise.resolve(),
    knock: ({ payment }) => {
      knocks.push(payment);
      return Promise.resolve();
    },
    logger,
    adoptAfterMs: 900_000,
    page: 10,
    concurrency: 4,
    leaseMs: 30_000,
    ...other,
  });
  return () => turn(new AbortController().signal);
}

function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

interface EventRow {
  readonly state: string;
  readonly tries: number;
  readonly note: string | null;
}

async function eventOf(id: string): Promise<EventRow | undefined> {
  const { rows } = await owner.query<EventRow>(
    'select state, tries, note from acquirer_events where id = $1',
    [id],
  );
  return rows[0];
}

/** The lease of an event is over. */
async function endLease(id: string): Promise<void> {
  await owner.query('update acquirer_events set leased_until = clock_timestamp() where id = $1', [id]);
}

async function commandsOf(payment: PaymentId): Promise<readonly string[]> {
  const { rows } = await owner.query<{ kind: string }>(
    'select kind from commands where merchant_id = $1 and payment_id = $2',
    [merchant, payment],
  );
  return rows.map(({ kind }) => kind);
}

describe('a process that is gone between the store and the effect', () => {
  it('after it took the lease: nobody else touches the event before the lease ends, then it is delivered once', async () => {
    const { payment, attempt } = await unanswered();
    const id = await tell(attempt);
    // The process that dies: it has the lease and comes no further.
    const taken = await claimEvents(pool, { page: 10, leaseMs: 600_000 });
    expect(taken.map((row) => row.id)).toContain(id);
    expect(await relay()()).toEqual({ claimed: 0, delivered: 0 });
    expect(await commandsOf(payment)).toEqual([]);
    await endLease(id);
    expect(await relay()()).toEqual({ claimed: 1, delivered: 1 });
    expect(await eventOf(id)).toMatchObject({ state: 'delivered', tries: 2 });
    expect(await commandsOf(payment)).toEqual(['late_answer']);
    expect(knocks).toEqual([payment]);
  });

  it('after the effect: what it did is known, and is not done again', async () => {
    const { payment, attempt } = await unanswered();
    const id = await tell(attempt);
    // The process that dies: its answer is committed, the end of the event is not.
    await claimEvents(pool, { page: 10, leaseMs: 1 });
    const ref = { merchant, payment, attempt };
    const { answer } = approved({ responseCode: '00', approvedAmount: 9_000n });
    expect(await createAttemptStore(pool).takeLate(ref, answer)).toBe('recorded');
    await waitUntil('it is delivered', 20_000, async () => (await relay()()).delivered === 1);
    expect(await eventOf(id)).toMatchObject({ state: 'delivered', note: `${attempt} approved: known` });
    expect(await commandsOf(payment)).toEqual(['late_answer']);
  });
});

it('shows an adapter what its own acquirer told of the payment, and nothing that another one did', async () => {
  const { payment, attempt } = await unanswered();
  const told: unknown[] = [];
  const turn = relay({
    readers: {
      iso8583: {
        ...reader,
        tell: (_, standing) => {
          told.push(standing.told);
          return [];
        },
      },
    },
  });
  const elsewhere = await tell(attempt, ELSEWHERE);
  await owner.query(
    "update acquirer_events set state = 'delivered', done_at = now(), merchant_id = $2, payment_id = $3 where id = $1",
    [elsewhere, merchant, payment],
  );
  await tell(attempt);
  await turn();
  await tell(attempt);
  await turn();
  expect(told).toEqual([[], [{ attempt }]]);
});

it('keeps what fails each time due, so that it is seen to be late, and leaves it alone meanwhile', async () => {
  const { attempt } = await unanswered();
  const broken: EventReader = {
    ...reader,
    tell: () => {
      throw new RangeError('no item of this adapter');
    },
  };
  const turn = relay({ readers: { iso8583: broken } });
  const id = await tell(attempt);
  const dueAt = async (): Promise<unknown> =>
    (await owner.query('select due_at from acquirer_events where id = $1', [id])).rows[0];
  const due = await dueAt();
  await expect(turn()).rejects.toThrow(AggregateError);
  expect(await eventOf(id)).toMatchObject({ state: 'waiting', tries: 1 });
  expect(await dueAt()).toEqual(due);
  await turn();
  expect(await eventOf(id)).toMatchObject({ tries: 1 });
  await endLease(id);
  await relay()();
  expect(await eventOf(id)).toMatchObject({ state: 'delivered' });
});

it('adopts nothing while what was told late is not decided: it may be what that becomes', async () => {
  const { payment, attempt } = await unanswered();
  const id = await tell(attempt);
  const adopted: string[] = [];
  const turn = relay({
    adoptAfterMs: 0,
    readers: {
      iso8583: {
        ...reader,
        tell: (item, standing) => [
          ...reader.tell(item, standing),
          {
            type: 'adoption',
            what: 'capture',
            amount: 500n,
            of: null,
            reference: 'pi_1:received:500',
            reason: null,
          },
        ],
      },
    },
    take: (_, { type }) => Promise.resolve(adopted.push(type)),
  });
  const again = async (): Promise<void> => {
    await owner.query('update acquirer_events set due_at = clock_timestamp() where id = $1', [id]);
    await turn();
  };
  await turn();
  expect(await commandsOf(payment)).toEqual(['late_answer']);
  await again();
  expect(adopted).toEqual([]);
  expect(await eventOf(id)).toMatchObject({ state: 'waiting' });
  await owner.query(
    "update commands set state = 'done', done_at = now(), answer_status = 200, answer_body = '{}' where payment_id = $1",
    [payment],
  );
  await again();
  expect(adopted).toEqual(['adoption']);
  expect(await eventOf(id)).toMatchObject({ state: 'delivered' });
});

describe('two relays at once', () => {
  it('share the inbox: each event is worked off by one of them', async () => {
    const told = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const one = await unanswered();
        return { ...one, id: await tell(one.attempt) };
      }),
    );
    const turns = await Promise.all([relay({ page: 5 })(), relay({ page: 5 })(), relay({ page: 5 })()]);
    expect(turns.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(told.length);
    expect(knocks).toHaveLength(told.length);
    for (const { id, payment } of told) {
      expect(await eventOf(id)).toMatchObject({ state: 'delivered', tries: 1 });
      expect(await commandsOf(payment)).toEqual(['late_answer']);
    }
  });

  it('of which one is slower than its lease: delivered once, and the slow one undoes nothing', async () => {
    const { payment, attempt } = await unanswered();
    const id = await tell(attempt);
    const store = createAttemptStore(pool);
    const [held, reached] = [createGate(), createGate()];
    // It has the event and its lease, and fails only when another has delivered.
    const slow = relay({
      leaseMs: 1,
      store: {
        load: (ref) => store.load(ref),
        takeLate: async () => {
          reached.open();
          await held.opened;
          throw new Error('the slow one fails at last');
        },
      },
    })();
    await reached.opened;
    expect((await relay()()).delivered).toBe(1);
    held.open();
    await expect(slow).rejects.toThrow('1 acquirer events could not be worked off');
    expect(await eventOf(id)).toMatchObject({ state: 'delivered' });
    expect(await commandsOf(payment)).toEqual(['late_answer']);
    expect(knocks).toEqual([payment]);
  });
});
