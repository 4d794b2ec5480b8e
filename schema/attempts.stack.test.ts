import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { loadPayment } from './load-payment.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: what was committed before the first byte, and what came back, are facts; and money is asked for once. */

let database: MainDatabase;
let payment: PaymentId;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  payment = await database.addPayment();
});

const idOf = (name: string): string => `att_${payment.slice(4)}_${name}`;

const plan = (name: string, rest: Readonly<Record<string, unknown>> = {}): Promise<void> =>
  insert(database.owner, 'attempts', {
    merchant_id: database.shop.merchant,
    id: idOf(name),
    payment_id: payment,
    operation_id: `auth_${payment.slice(4)}`,
    number: 1,
    kind: 'authorization',
    acquirer_id: 'acquirer-1',
    account_id: database.shop.testAccount,
    on_unknown: 'reverse',
    amount: 9_000,
    currency: 'EUR',
    wire: { mti: '0100' },
    planned_at: new Date(),
    send_by: new Date(),
    ...rest,
  });

const change = (name: string, columns: string): Promise<unknown> =>
  database.owner.query(`update attempts set ${columns} where merchant_id = $1 and id = $2`, [
    database.shop.merchant,
    idOf(name),
  ]);
const ANSWERED =
  "state = 'answered', answered_at = now(), response_code = '00', approval_code = 'A1', approved_amount = 9000";
const answer = async (name: string, outcome: string): Promise<void> => {
  await change(name, "state = 'sending'");
  await change(name, `${ANSWERED}, outcome = '${outcome}'`);
};

describe('an attempt', () => {
  it('is loaded with how long its acquirer may be silent before a person looks: a quarter of an hour unless told', async () => {
    await plan('a1');
    const limits = async (): Promise<readonly number[] | undefined> =>
      (await loadPayment(database.worker, database.shop.merchant, payment))?.attempts.map(
        ({ caseAfterMs }) => caseAfterMs,
      );
    const set = (age: string): Promise<unknown> =>
      database.owner.query("update acquirers set case_after = $1::interval where id = 'acquirer-1'", [age]);
    expect(await limits()).toEqual([900_000]);
    await set('90 minutes');
    expect(await limits()).toEqual([5_400_000]);
    expect(await refusalOf(set('0'))).toMatchObject({ code: 'check_violation' });
    await set('15 minutes');
  });

  it.each([
    ['an account of the other mode', () => ({ account_id: database.shop.liveAccount })],
    ['another merchant’s account', async () => ({ account_id: (await database.addShop()).testAccount })],
    ['an account at another acquirer', () => ({ acquirer_id: 'acquirer-2' })],
    ['an account that nobody has', () => ({ account_id: 'aca_none' })],
    ['the payment of another merchant', () => ({ payment_id: 'pay_none' })],
  ])('cannot be planned with %s', async (_, rest) => {
    const { payment_id: of = payment, ...others }: Record<string, string> = await rest();
    const refused = await refusalOf(plan('1', { ...others, payment_id: of }));
    expect(refused.message).toContain(
      `attempt ${idOf('1')}: account ${others['account_id'] ?? database.shop.testAccount} is not one of ${database.shop.merchant}'s for the mode of ${of}`,
    );
  });

  it('starts as a plan', async () => {
    for (const forged of [
      { state: 'sending' },
      { sends: 1 },
      { outcome: 'approved', answered_at: new Date() },
    ]) {
      const refused = await refusalOf(plan('1', forged));
      expect(refused.message).toContain(`attempt ${idOf('1')} must start as a plan`);
    }
  });

  it('follows up on another exactly when its kind does', async () => {
    for (const rest of [{ kind: 'capture' }, { kind: 'reversal' }, { original_attempt_id: 'att_0' }])
      expect(await refusalOf(plan('1', rest))).toMatchObject({
        code: 'check_violation',
        constraint: 'attempts_check',
      });
  });

  it.each([
    'amount = 9001',
    "currency = 'USD'",
    `wire = '{"mti":"0200"}'`,
    "kind = 'sale'",
    'number = 2',
    "account_id = 'aca_other'",
    "acquirer_id = 'acquirer-2'",
    "payment_id = 'pay_other'",
    "operation_id = 'auth_other'",
    "on_unknown = 'case'",
    "send_by = send_by + interval '1 hour'",
    "kind = 'reversal', original_attempt_id = 'att_0'",
  ])('keeps its plan: %s is refused', async (columns) => {
    await plan('1');
    expect(await refusalOf(change('1', columns))).toMatchObject({
      code: 'check_violation',
      message: expect.stringContaining(`attempt ${idOf('1')}: its plan cannot change`) as string,
    });
  });

  it.each([
    "outcome = 'declined'",
    "response_code = '05'",
    'approval_code = null',
    'approved_amount = 1',
    "network_reference = 'N2'",
    "settlement_date = '0101'",
    "answered_at = now() + interval '1 s'",
    'answered_at = null, outcome = null',
  ])('keeps its recorded answer, also while it is undone: %s is refused', async (columns) => {
    await plan('1');
    await answer('1', 'approved');
    await change('1', "state = 'reversing'");
    expect(await refusalOf(change('1', columns))).toMatchObject({
      code: 'check_violation',
      message: expect.stringContaining(`attempt ${idOf('1')}: its answer cannot change`) as string,
    });
    await change('1', `late_answer = '{"outcome": "declined"}'`);
  });

  it('is not answered without an outcome, nor has one without being answered', async () => {
    await plan('1');
    await change('1', "state = 'sending'");
    for (const columns of [
      "state = 'answered', answered_at = now()",
      "state = 'answered'",
      "outcome = 'declined'",
    ])
      expect(await refusalOf(change('1', columns))).toMatchObject({ constraint: 'answered_has_outcome' });
  });
});

describe('a second authorization of a payment', () => {
  it.each([
    ['planned', async () => {}],
    ['on its way, or unknown', () => change('1', "state = 'sending'")],
    ['approved', () => answer('1', 'approved')],
    ['answered in a way that is not a no', () => answer('1', 'ambiguous')],
    [
      'being reversed',
      async () => {
        await change('1', "state = 'sending'");
        await change('1', "state = 'reversing'");
      },
    ],
  ])('cannot even be planned while the first is %s', async (_, play) => {
    await plan('1');
    await play();
    for (const kind of ['authorization', 'sale'])
      expect(await refusalOf(plan('2', { kind }))).toMatchObject({
        code: 'unique_violation',
        message: expect.stringContaining(
          `(merchant_id, payment_id)=(${database.shop.merchant}, ${payment})`,
        ) as string,
      });
  });

  it.each([
    ['fenced', () => change('1', "state = 'fenced'")],
    ['declined', () => answer('1', 'declined')],
    ['certainly not executed', () => answer('1', 'retryable')],
    [
      'reversed',
      async () => {
        await change('1', "state = 'sending'");
        await change('1', "state = 'reversing'");
        await change('1', "state = 'reversed'");
      },
    ],
  ])('can be planned once the first is %s', async (_, play) => {
    await plan('1');
    await play();
    await plan('2');
  });

  it('is refused to one of two that plan at the same moment', async () => {
    const results = await Promise.allSettled([plan('1'), plan('2')]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
