import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { operationRow, recordParts, twoLegs, type ChangeParts } from './testing/change-document.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: a step is written whole, once, on what it was decided on, and on no other payment. */

let database: MainDatabase;
let payment: PaymentId;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  payment = await database.addPayment();
});

const record = (parts: ChangeParts = {}, of: PaymentId = payment): Promise<string> =>
  recordParts(database.worker, database.shop.merchant, of, parts);

const operationId = (of: PaymentId = payment): string => `auth_${of.slice(4)}`;
const attemptId = (of: PaymentId = payment): string => `att_${operationId(of)}_1`;

/** Begins the authorization: one operation, one planned attempt. */
const begun = (of: PaymentId = payment): ChangeParts => ({
  cause: 'begin',
  operations: [operationRow(operationId(of))],
  new_attempts: [
    {
      id: attemptId(of),
      operation_id: operationId(of),
      number: 1,
      kind: 'authorization',
      acquirer_id: 'acquirer-1',
      account_id: database.shop.testAccount,
      on_unknown: 'reverse',
      amount: 9_000,
      currency: 'EUR',
      wire: {},
      send_by: '2026-03-01T12:00:15Z',
    },
  ],
});

/** Everything that a change can leave behind, counted. */
async function traces(): Promise<Record<string, unknown>> {
  const { rows } = await database.owner.query<Record<string, unknown>>(
    `select p.version,
       (select count(*)::integer from payment_history h where h.payment_id = p.id) as history,
       (select count(*)::integer from operations o where o.payment_id = p.id) as operations,
       (select count(*)::integer from attempts a where a.payment_id = p.id) as attempts,
       (select count(*)::integer from ledger_transactions t where t.payment_id = p.id) as transactions,
       (select count(*)::integer from events e where e.payment_id = p.id) as events,
       (select count(*)::integer from cases c where c.payment_id = p.id) as cases
     from payments p where p.id = $1`,
    [payment],
  );
  return rows[0] ?? {};
}
const NOTHING = { version: 0, history: 0, operations: 0, attempts: 0, transactions: 0, events: 0, cases: 0 };

const whole = (): ChangeParts => ({
  ...begun(),
  transactions: [twoLegs(`${operationId()}:authorized`, 500)],
  events: [{ id: `evt_${payment.slice(4)}`, mode: 'test', type: 'payment.authorized', body: '{}' }],
  cases: [{ id: `case_${payment.slice(4)}`, operation_id: operationId(), kind: 'late_answer', detail: {} }],
});
const WHOLE = { version: 1, history: 1, operations: 1, attempts: 1, transactions: 1, events: 1, cases: 1 };

describe('record_change', () => {
  it('writes state, history, operations, attempts, ledger, events and cases together', async () => {
    expect(await record(whole())).toBe('applied');
    expect(await traces()).toEqual(WHOLE);
  });

  it('answers repeated to the same cause and changes nothing, whatever the second one says', async () => {
    await record(whole());
    expect(await record(whole())).toBe('repeated');
    expect(await record({ ...whole(), expected_version: 1, payment: { amount_authorized: 1 } })).toBe(
      'repeated',
    );
    expect(await traces()).toEqual(WHOLE);
  });

  it('answers stale to a change that was decided on another version, and changes nothing', async () => {
    await record({ cause: 'first' });
    expect(await record({ ...whole(), cause: 'second', expected_version: 0 })).toBe('stale');
    expect(await record({ ...whole(), cause: 'second', expected_version: 2 })).toBe('stale');
    expect(await traces()).toEqual({ ...NOTHING, version: 1, history: 1 });
  });

  it('applies one of two that were decided on the same version at the same moment', async () => {
    const answers = await Promise.all([
      record({ ...whole(), cause: 'one' }),
      record({ ...whole(), cause: 'other' }),
    ]);
    expect(answers.sort()).toEqual(['applied', 'stale']);
    expect(await traces()).toEqual(WHOLE);
  });

  it.each([
    ['its ledger transaction does not balance', { transactions: [twoLegs('key', 500, -499)] }],
    [
      'its attempt is not what it moves from',
      { attempt_moves: [{ id: 'att_none', from: 'planned', to: 'sending' }] },
    ],
    [
      'it answers a command that is not there',
      { answers: [{ command_id: 'cmd_none', status: 200, body: '{}' }] },
    ],
    ['its state is not possible', { payment: { amount_captured: 1 } }],
    ['its move is not legal', { payment: { authorization_state: 'expired' } }],
    ['its event has no body', { events: [{ id: 'evt_x', mode: 'test', type: 'payment.failed' }] }],
  ] satisfies [string, ChangeParts][])('writes nothing at all when %s', async (_, wrong) => {
    await refusalOf(record({ ...whole(), ...wrong }));
    expect(await traces()).toEqual(NOTHING);
  });

  it('posts a fact once, though two steps claim it', async () => {
    await record(whole());
    const again = {
      cause: 'claims it too',
      expected_version: 1,
      transactions: [twoLegs(`${operationId()}:authorized`, 500)],
    };
    expect(await refusalOf(record(again))).toMatchObject({
      code: 'unique_violation',
      message: expect.stringContaining(`${operationId()}:authorized`) as string,
    });
  });

  it('opens one case per operation and kind, however often the step runs', async () => {
    await record(whole());
    const [first] = whole().cases ?? [];
    await record({ cause: 'again', expected_version: 1, cases: [{ ...first, id: 'case_second' }] });
    expect(await traces()).toMatchObject({ version: 2, cases: 1 });
  });

  it('makes one delivery of an event for each endpoint of its mode that is enabled', async () => {
    const endpoint = (id: string, mode: string, enabled: boolean): Promise<void> =>
      insert(database.owner, 'webhook_endpoints', {
        merchant_id: database.shop.merchant,
        id,
        mode,
        url: 'https://shop.example/hook',
        sealed_secret: {},
        enabled,
      });
    await endpoint('whe_test', 'test', true);
    await endpoint('whe_off', 'test', false);
    await endpoint('whe_live', 'live', true);
    await record(whole());
    const { rows } = await database.owner.query(
      'select endpoint_id, state from deliveries where event_id = $1',
      [`evt_${payment.slice(4)}`],
    );
    expect(rows).toEqual([{ endpoint_id: 'whe_test', state: 'pending' }]);
  });

  it('refuses a payment that does not exist, and one of another merchant', async () => {
    const { merchant } = await database.addShop();
    const call = (of: string): Promise<unknown> =>
      database.worker.query('select record_change($1)', [{ merchant_id: merchant, payment_id: of }]);
    for (const of of ['pay_none', payment])
      expect(await refusalOf(call(of))).toMatchObject({
        code: 'no_data_found',
        message: expect.stringContaining(`payment ${of} of ${merchant} does not exist`) as string,
      });
  });
});

describe('record_changes', () => {
  it('takes a payment once: of two changes of it, none is written', async () => {
    const one = { merchant_id: database.shop.merchant, payment_id: payment, expected_version: 0, cause: 'x' };
    const call = database.worker.query('select record_changes($1)', [
      JSON.stringify([one, { ...one, cause: 'y' }]),
    ]);
    expect((await refusalOf(call)).message).toContain(`payment ${payment} is in it twice`);
    expect(await traces()).toEqual(NOTHING);
  });

  it('answers nothing when nothing is asked', async () => {
    const { rows } = await database.worker.query("select record_changes('[]') as answers");
    expect(rows).toEqual([{ answers: [] }]);
  });

  it('refuses a change that moves one attempt twice', async () => {
    await record(begun());
    const move = { id: attemptId(), from: 'planned', to: 'sending' };
    const twice = { cause: 'twice', expected_version: 1, attempt_moves: [move, move] };
    expect(await refusalOf(record(twice))).toMatchObject({
      code: 'serialization_failure',
      message: expect.stringContaining(`attempt ${attemptId()} is not planned any more`) as string,
    });
  });
});

describe('a step of one payment', () => {
  let other: PaymentId;
  beforeEach(async () => {
    other = await database.addPayment();
    await record(begun(other), other);
  });

  it('cannot take over an operation of another', async () => {
    const refused = await refusalOf(
      record({ operations: [operationRow(operationId(other), { phase: 'case' })] }),
    );
    expect(refused.message).toContain(`operation ${operationId(other)}: what was asked cannot change`);
  });

  it('cannot move an attempt of another', async () => {
    const move = { id: attemptId(other), from: 'planned', to: 'fenced' };
    expect(await refusalOf(record({ attempt_moves: [move] }))).toMatchObject({
      code: 'serialization_failure',
      message: expect.stringContaining(`attempt ${attemptId(other)} is not planned any more`) as string,
    });
  });

  it('cannot answer a command of another', async () => {
    const id = `cmd_${other.slice(4)}`;
    await insert(database.api, 'commands', {
      merchant_id: database.shop.merchant,
      id,
      payment_id: other,
      kind: 'create',
      origin: 'merchant',
      operation_id: operationId(other),
      body: {},
    });
    const refused = await refusalOf(record({ answers: [{ command_id: id, status: 201, body: '{}' }] }));
    expect(refused.message).toContain(`command ${id} is not pending`);
  });
});

describe('fence_attempt', () => {
  const fence = async (): Promise<string | undefined> => {
    const { rows } = await database.worker.query<{ state: string }>(
      'select fence_attempt(merchant_id, id) as state from attempts where id = $1',
      [attemptId()],
    );
    return rows[0]?.state;
  };
  const stateAfter = async (): Promise<unknown> =>
    (await database.owner.query<{ state: string }>('select state from attempts where id = $1', [attemptId()]))
      .rows[0]?.state;

  it('fences an attempt that was never begun, and then nobody can begin it', async () => {
    await record(begun());
    expect(await fence()).toBe('fenced');
    const begin = database.worker.query("update attempts set state = 'sending' where id = $1", [attemptId()]);
    expect((await refusalOf(begin)).message).toContain(
      `attempt of ${attemptId()} cannot go from fenced to sending`,
    );
  });

  it('leaves an attempt that may have been sent as it is', async () => {
    await record(begun());
    await database.worker.query("update attempts set state = 'sending' where id = $1", [attemptId()]);
    expect(await fence()).toBe('sending');
  });

  it('never fences a reversal: it must go out in the end', async () => {
    const [attempt] = begun().new_attempts ?? [];
    await record({
      ...begun(),
      new_attempts: [{ ...attempt, kind: 'reversal', original_attempt_id: 'att_0', on_unknown: 'repeat' }],
    });
    expect(await fence()).toBe('planned');
    expect(await stateAfter()).toBe('planned');
  });
});
