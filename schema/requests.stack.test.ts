import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { recordParts } from './testing/change-document.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: a request is taken once, answered once, and its answer never changes. */

let database: MainDatabase;
let payment: PaymentId;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  payment = await database.addPayment();
});

const commandId = (name: string): string => `cmd_${payment.slice(4)}_${name}`;

const ask = (name: string, rest: Readonly<Record<string, unknown>> = {}): Promise<void> =>
  insert(database.api, 'commands', {
    merchant_id: database.shop.merchant,
    id: commandId(name),
    payment_id: payment,
    kind: 'capture',
    origin: 'merchant',
    operation_id: `cap_${payment.slice(4)}`,
    body: { amount: 100 },
    ...rest,
  });

const change = (columns: string): Promise<unknown> =>
  database.owner.query(`update commands set ${columns} where merchant_id = $1 and id = $2`, [
    database.shop.merchant,
    commandId('1'),
  ]);

const answer = (cause: string, body: string, expected: number): Promise<string> =>
  recordParts(database.worker, database.shop.merchant, payment, {
    cause,
    expected_version: expected,
    answers: [{ command_id: commandId('1'), status: 200, body }],
  });

describe('a command', () => {
  it('asks for an operation once: the same operation cannot be asked for twice', async () => {
    await ask('1');
    expect(await refusalOf(ask('2'))).toMatchObject({
      code: 'unique_violation',
      constraint: expect.stringMatching(
        /^commands_p\d_merchant_id_payment_id_operation_id_kind_key$/,
      ) as string,
    });
    await ask('2', { operation_id: `cap_${payment.slice(4)}_2` });
  });

  it('is answered once: a second answer is refused, and the first one stays', async () => {
    await ask('1');
    expect(await answer('a', '{"answer":1}', 0)).toBe('applied');
    expect(await refusalOf(answer('b', '{"answer":2}', 1))).toMatchObject({
      code: 'serialization_failure',
      message: expect.stringContaining(`command ${commandId('1')} is not pending`) as string,
    });
    const { rows } = await database.api.query(
      'select state, answer_status, answer_body from commands where id = $1',
      [commandId('1')],
    );
    expect(rows).toEqual([{ state: 'done', answer_status: 200, answer_body: '{"answer":1}' }]);
  });

  it.each([
    "answer_body = '{}'",
    'answer_status = 409',
    "state = 'pending', answer_status = null, answer_body = null",
  ])('that is answered is final, also for the owner: %s is refused', async (columns) => {
    await ask('1');
    await answer('a', '{"answer":1}', 0);
    expect(await refusalOf(change(columns))).toMatchObject({
      code: 'check_violation',
      message: expect.stringContaining(`command ${commandId('1')} is done: its answer is final`) as string,
    });
  });

  it.each([
    "state = 'done'",
    "state = 'done', answer_status = 200",
    "state = 'done', answer_body = '{}'",
    "answer_status = 200, answer_body = '{}'",
  ])('is done exactly when it has an answer: %s is refused', async (columns) => {
    await ask('1');
    expect(await refusalOf(change(columns))).toMatchObject({
      code: 'check_violation',
      constraint: 'commands_check',
    });
  });

  it.each([199, 500, 503])('is not answered with status %i: a fault of ours is no answer', async (status) => {
    await ask('1');
    expect(
      await refusalOf(change(`state = 'done', answer_status = ${status}, answer_body = '{}'`)),
    ).toMatchObject({
      constraint: 'commands_answer_status_check',
    });
  });
});

describe('an idempotency key', () => {
  const use = (rest: Readonly<Record<string, unknown>> = {}): Promise<void> =>
    insert(database.api, 'idempotency_keys', {
      merchant_id: database.shop.merchant,
      mode: 'test',
      key: `key-${payment}`,
      fingerprint: Buffer.alloc(32),
      payment_id: payment,
      command_id: commandId('1'),
      ...rest,
    });

  it('is taken once, also by two at the same moment', async () => {
    const results = await Promise.allSettled([use(), use(), use()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await refusalOf(use())).toMatchObject({
      code: 'unique_violation',
      constraint: expect.stringMatching(/^idempotency_keys_p\d_pkey$/) as string,
    });
  });

  it('is another key in the other mode, and for another merchant', async () => {
    const { merchant } = await database.addShop();
    await use();
    await use({ mode: 'live' });
    await use({ merchant_id: merchant });
  });

  it('is bound to its request: a fingerprint of another length is refused', async () => {
    expect(await refusalOf(use({ fingerprint: Buffer.alloc(31) }))).toMatchObject({
      constraint: 'idempotency_keys_fingerprint_check',
    });
  });
});
