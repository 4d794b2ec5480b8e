import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../platform/database.ts';
import { newId } from '../../platform/new-id.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../../temporal-dev/testing/database.ts';
import { attemptId, authorizationIdOf, type PaymentId } from '../../workflows/domain/ids.ts';
import type { AttemptRef } from '../../workflows/ports/acquirer.ts';
import { createAttemptStore, type AttemptAnswer, type AttemptStore } from './attempts.ts';
import { createBlockLeases, createNumberBlocks } from './iso8583/index.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

const merchant = newId('mer');
const account = newId('aca');
const approval: AttemptAnswer = {
  outcome: 'approved',
  responseCode: '00',
  approvalCode: 'A12345',
  networkReference: 'NET1',
  acquirerReference: null,
  approvedAmount: 9_000n,
  settlementDate: '1121',
  remedy: null,
  avsResult: 'U',
  cvvResult: 'M',
  reason: null,
};

let database: TestDatabase;
let owner: pg.Client;
let pool: pg.Pool;
let store: AttemptStore;
let ref: AttemptRef;

beforeAll(async () => {
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'main' });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query("insert into merchants (id, name, country, mcc) values ($1, 'Test', 'NL', '5732')", [
    merchant,
  ]);
  await owner.query(
    `insert into acquirers (id, wire, task_queue, fences_by_reversal) values ('sim', 'iso8583', 'acquirer:sim', true)`,
  );
  await owner.query(
    `insert into merchant_acquirer_accounts
       (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc, acceptor_name, single_message, currencies, brands)
     values ($1, $2, 'sim', 'test', '400123', 'MID1', '{TERM0001,TERM0002}', '5732', 'SHOP', false, '{EUR}', '{visa}')`,
    [merchant, account],
  );
  await owner.query(
    "insert into number_blocks (acquirer_id, institution_id, terminal_id) values ('sim', '400123', 'TERM0001')",
  );
  const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  pool = createPool(
    { url: database.workerUrl, poolSize: 4, statementTimeoutMs: 5_000, role: 'test' },
    silent,
  );
  store = createAttemptStore(pool);
});
afterAll(async () => {
  await pool.end();
  await owner.end();
  await database.drop();
});

beforeEach(async () => {
  const payment: PaymentId = newId('pay');
  const operation = authorizationIdOf(payment);
  ref = { merchant, payment, attempt: attemptId(operation, 1) };
  await owner.query(
    `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
     values ($1, $2, 'test', 9000, 'EUR', 'manual', 'stg_1', now() + interval '10 minutes')`,
    [merchant, payment],
  );
  await owner.query(
    `insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, on_unknown, amount, currency, wire, planned_at, send_by)
     values ($1, $2, $3, $4, 1, 'authorization', 'sim', $5, 'reverse', 9000, 'EUR', '{"mti":"0100"}', now(), now() + interval '15 seconds')`,
    [merchant, ref.attempt, payment, operation, account],
  );
});

const row = async (): Promise<Record<string, unknown>> => {
  const { rows } = await owner.query<Record<string, unknown>>(
    'select * from attempts where merchant_id = $1 and id = $2',
    [merchant, ref.attempt],
  );
  return rows[0] ?? {};
};
const setState = (state: string): Promise<unknown> =>
  owner.query('update attempts set state = $3 where merchant_id = $1 and id = $2', [
    merchant,
    ref.attempt,
    state,
  ]);

describe('the attempt store', () => {
  it('reads an attempt with its account, its card and the time that is left', async () => {
    const bare = await store.load(ref);
    expect(bare).toMatchObject({
      kind: 'authorization',
      state: 'planned',
      amount: 9_000n,
      currency: 'EUR',
      wire: { mti: '0100' },
      fencesByReversal: true,
      card: null,
      outcome: null,
      account: {
        id: account,
        acquirer: 'sim',
        merchantAccount: 'MID1',
        mcc: '5732',
        iso8583: { institution: '400123', terminals: ['TERM0001', 'TERM0002'], acceptorName: 'SHOP' },
      },
    });
    expect(bare?.sendWithinMs).toBeGreaterThan(0);
    expect(bare?.sendWithinMs).toBeLessThanOrEqual(15_000);
    await owner.query(
      `update payments set version = 1, card_token = 'card_1', card_expiry_month = 12, card_expiry_year = 2034 where merchant_id = $1 and id = $2`,
      [merchant, ref.payment],
    );
    expect(await store.load(ref)).toMatchObject({
      card: { token: 'card_1', expiryMonth: 12, expiryYear: 2034 },
    });
    expect(await store.load({ ...ref, payment: newId('pay') })).toBeNull();
  });

  it('lets one of many mark it as sending', async () => {
    const won = await Promise.all([1, 2, 3, 4].map(() => store.markSending(ref)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await row()).toMatchObject({ state: 'sending', sends: 1 });
  });

  it('writes an answer once, and calls the same answer again recorded', async () => {
    await store.markSending(ref);
    expect(await store.recordAnswer(ref, approval)).toBe('recorded');
    expect(await store.recordAnswer(ref, approval)).toBe('recorded');
    expect(await row()).toMatchObject({
      state: 'answered',
      outcome: 'approved',
      response_code: '00',
      approval_code: 'A12345',
      approved_amount: '9000',
      settlement_date: '1121',
      late_answer: null,
    });
    expect(await store.recordRepeat(ref)).toBe(false);
  });

  it('keeps an answer that comes while the attempt is undone as late, and leaves the rest as it is', async () => {
    await store.markSending(ref);
    await setState('reversing');
    expect(await store.recordAnswer(ref, approval)).toBe('late');
    expect(await row()).toMatchObject({
      state: 'reversing',
      outcome: null,
      late_answer: {
        outcome: 'approved',
        approvalCode: 'A12345',
        approvedAmount: '9000',
        at: expect.any(String) as string,
      },
    });
  });

  it('keeps the name in an answer that came too late: what was called declined can be undone by it', async () => {
    await store.markSending(ref);
    await store.recordAnswer(ref, { ...approval, outcome: 'declined', approvedAmount: null });
    const late = { ...approval, acquirerReference: 'psp_1' };
    expect(await store.takeLate(ref, late)).toBe('late');
    expect(await row()).toMatchObject({ outcome: 'declined', acquirer_reference: 'psp_1' });
    expect(await store.takeLate(ref, { ...late, acquirerReference: 'psp_2' })).toBe('late');
    expect(await row()).toMatchObject({ acquirer_reference: 'psp_1' });
  });

  it('fences only what is sending, and only once it is so', async () => {
    expect(await store.fenceUnsent(ref, 'send-by passed')).toBe(false);
    await store.markSending(ref);
    expect(await store.fenceUnsent(ref, 'send-by passed')).toBe(true);
    expect(await store.fenceUnsent(ref, 'send-by passed')).toBe(true);
    expect(await store.markSending(ref)).toBe(false);
    expect(await row()).toMatchObject({ state: 'fenced', reason: 'send-by passed' });
  });

  it('never fences what another call has repeated meanwhile: its bytes may be under way', async () => {
    await store.markSending(ref);
    expect(await store.recordRepeat(ref)).toBe(true);
    expect(await store.fenceUnsent(ref, 'send-by passed')).toBe(false);
    expect(await row()).toMatchObject({ state: 'sending' });
  });

  it('keeps the name that the acquirer gave, before and after sending, and never another', async () => {
    expect(await store.noteReference(ref, 'pi_1')).toBe(true);
    expect(await store.noteReference(ref, 'pi_1')).toBe(true);
    expect(await store.noteReference(ref, 'pi_2')).toBe(false);
    await store.markSending(ref);
    expect(await store.noteReference(ref, 'pi_1')).toBe(true);
    await store.recordAnswer(ref, { ...approval, acquirerReference: 'pi_9' });
    expect(await store.load(ref)).toMatchObject({ state: 'answered', acquirerReference: 'pi_1' });
    expect(await store.noteReference(ref, 'pi_1')).toBe(false);
    await expect(
      pool.query('update attempts set acquirer_reference = $2 where id = $1', [ref.attempt, 'pi_2']),
    ).rejects.toThrow('its name at the acquirer cannot change');
  });

  it('notes what is known of an attempt that stays unknown, and takes its answer afterwards', async () => {
    await store.markSending(ref);
    await store.noteUnknown(ref, {
      responseCode: '96',
      reason: 'system malfunction',
      acquirerReference: null,
    });
    expect(await store.recordRepeat(ref)).toBe(true);
    expect(await store.load(ref)).toMatchObject({
      state: 'sending',
      responseCode: '96',
      reason: 'system malfunction',
    });
    expect(await store.recordAnswer(ref, approval)).toBe('recorded');
    expect(await row()).toMatchObject({ response_code: '00', reason: null, sends: 2 });
  });
});

describe('number blocks in the database', () => {
  it('gives two processes different numbers', async () => {
    const place = {
      id: account,
      acquirer: 'sim',
      institution: '400123',
      merchantAccount: 'MID1',
      terminals: [],
      mcc: '5732',
      acceptorName: 'SHOP',
    };
    const processes = [
      createNumberBlocks(createBlockLeases(pool)),
      createNumberBlocks(createBlockLeases(pool)),
    ];
    const stans = await Promise.all(
      processes.flatMap((numbers) => Array.from({ length: 700 }, () => numbers.stan(place, 'TERM0001'))),
    );
    expect(new Set(stans).size).toBe(1_400);
  });
});
