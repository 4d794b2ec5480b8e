import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: whoever writes, only an estimate grows, one addition at a time, and only a capture is a last one. */

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const change = (id: PaymentId, columns: string): Promise<unknown> =>
  database.owner.query(
    `update payments set version = version + 1, ${columns} where merchant_id = $1 and id = $2`,
    [database.shop.merchant, id],
  );

async function held(authorization_type: string): Promise<PaymentId> {
  const id = await database.addPayment({ authorization_type });
  await change(id, "authorization_state = 'held', amount_authorized = 9000, status = 'authorized'");
  return id;
}

describe('what is authorized', () => {
  it('grows where it was an estimate, and never shrinks', async () => {
    const id = await held('pre');
    await change(id, 'amount_authorized = 11500');
    expect(await refusalOf(change(id, 'amount_authorized = 9000'))).toMatchObject({
      code: 'check_violation',
      constraint: 'authorized_only_grows',
      message: expect.stringContaining(
        `payment ${id}: what is authorized cannot go from 11500 to 9000`,
      ) as string,
    });
  });

  it('does not grow where it was final, nor when nothing is held any more', async () => {
    const final = await held('final');
    const gone = await held('pre');
    await change(gone, "authorization_state = 'expired', status = 'expired'");
    for (const id of [final, gone])
      expect(await refusalOf(change(id, 'amount_authorized = 9001'))).toMatchObject({
        constraint: 'authorized_only_grows',
      });
  });

  it('does not become an estimate afterwards', async () => {
    const refused = await refusalOf(change(await held('final'), "authorization_type = 'pre'"));
    expect(refused.message).toContain('what was asked cannot change');
  });

  it('cannot be an estimate that is taken by itself', async () => {
    const asked = { authorization_type: 'pre', capture_method: 'automatic' };
    expect(await refusalOf(database.addPayment(asked))).toMatchObject({
      constraint: 'pre_is_captured_by_hand',
    });
    expect(await refusalOf(database.addPayment({ authorization_type: 'some' }))).toMatchObject({
      constraint: 'payments_authorization_type_check',
    });
  });
});

describe('an increment', () => {
  const plan = (id: PaymentId, number: number): Promise<void> =>
    insert(database.owner, 'attempts', {
      merchant_id: database.shop.merchant,
      id: `att_${id}_${number}`,
      payment_id: id,
      operation_id: `inc_${id.slice(4)}`,
      number,
      kind: 'increment',
      acquirer_id: 'acquirer-1',
      account_id: database.shop.testAccount,
      on_unknown: 'reverse',
      amount: 1_000,
      currency: 'EUR',
      wire: { mti: '0100' },
      original_attempt_id: `att_auth_${id.slice(4)}_1`,
      planned_at: new Date(),
      send_by: new Date(),
    });
  const move = (id: PaymentId, number: number, columns: string): Promise<unknown> =>
    database.owner.query(`update attempts set ${columns} where id = $1`, [`att_${id}_${number}`]);

  it('cannot be planned while another one may be on its way, or is being undone', async () => {
    const id = await held('pre');
    await plan(id, 1);
    const refused = async (): Promise<unknown> =>
      expect(await refusalOf(plan(id, 2))).toMatchObject({ code: 'unique_violation' });
    await refused();
    await move(id, 1, "state = 'sending'");
    await refused();
    await move(id, 1, "state = 'reversing'");
    await refused();
    await move(id, 1, "state = 'reversed'");
    await plan(id, 2);
    await move(id, 2, "state = 'fenced'");
    await plan(id, 3);
  });

  it('adds to something', async () => {
    const refused = refusalOf(
      database.owner.query(
        `insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, on_unknown,
                               amount, currency, wire, planned_at, send_by)
         select merchant_id, 'att_alone', id, 'inc_1', 1, 'increment', 'acquirer-1', $1, 'reverse', 1, 'EUR', '{}', now(), now()
         from payments where id = $2`,
        [database.shop.testAccount, await held('pre')],
      ),
    );
    expect(await refused).toMatchObject({ constraint: 'attempts_check' });
  });
});

describe('a last one', () => {
  const operation = (id: string, kind: string, final: boolean): Promise<void> =>
    insert(database.owner, 'operations', {
      merchant_id: database.shop.merchant,
      id,
      payment_id: 'pay_1',
      kind,
      amount: 1,
      state: 'pending',
      phase: 'ready',
      created_at: new Date(),
      final,
    });

  it('is a capture, and stays what it was asked as', async () => {
    expect(await refusalOf(operation('ref_last', 'refund', true))).toMatchObject({
      constraint: 'final_is_a_capture',
    });
    await operation('cap_last', 'capture', true);
    const refused = await refusalOf(
      database.owner.query("update operations set final = false where id = 'cap_last'"),
    );
    expect(refused.message).toContain('operation cap_last: what was asked cannot change');
  });
});
