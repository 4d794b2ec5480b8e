import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import pg from 'pg';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a card is not tried again by a merchant after it was declined for good, nor more often
 * than the limits say, whichever payments and acquirers the declines came from, and however many are
 * asked for at once. Nothing is planned, so nothing can be sent.
 */
let database: MainDatabase;
let card: string;
let cards = 0;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  // This merchant's own, stricter than the general ones.
  await database.owner.query(
    `insert into retry_limits (mode, merchant_id, after_never, declines, within_hours, valid_from, source)
     values ('test', $1, false, 3, 24, '2025-01-01', 'this test'), ('test', $1, false, 5, 720, '2025-01-01', 'this test'),
            ('test', $1, true, null, null, '2025-01-01', 'this test'),
            ('test', $1, false, 1, 24, '2999-01-01', 'not yet'), ('live', $1, false, 1, 24, '2025-01-01', 'other mode'),
            ('test', $1, false, 1, 24, '2025-01-01', 'over')`,
    [database.shop.merchant],
  );
  await database.owner.query("update retry_limits set valid_to = '2025-01-02' where source = 'over'");
});
afterAll(() => database.close());
beforeEach(() => {
  cards += 1;
  card = `fingerprint ${cards}`;
});

async function paymentWith(fingerprint: string | null): Promise<PaymentId> {
  const payment = await database.addPayment();
  await database.superuser.query(
    `update payments set version = version + 1, card_fingerprint = $2, card_brand = 'visa' where id = $1`,
    [payment, fingerprint],
  );
  return payment;
}

interface Tried {
  readonly payment: PaymentId;
  readonly id: string;
}

/** Plans an authorization of a new payment with the card. @throws DatabaseError QT001, QT002 */
async function plan(fingerprint: string | null = card): Promise<Tried> {
  const payment = await paymentWith(fingerprint);
  const id = `att_${payment.slice(4)}`;
  await insert(database.owner, 'attempts', {
    merchant_id: database.shop.merchant,
    id,
    payment_id: payment,
    operation_id: `auth_${payment.slice(4)}`,
    number: 1,
    kind: 'authorization',
    acquirer_id: 'acquirer-1',
    account_id: database.shop.testAccount,
    on_unknown: 'reverse',
    amount: 9_000,
    currency: 'EUR',
    wire: {},
    planned_at: new Date(),
    send_by: new Date(),
  });
  return { payment, id };
}

async function end({ id }: Tried, columns: string): Promise<void> {
  await database.worker.query("update attempts set state = 'sending' where id = $1", [id]);
  await database.worker.query(`update attempts set ${columns} where id = $1`, [id]);
}
const answer = (tried: Tried, outcome: string, remedy: string | null = null): Promise<void> =>
  end(
    tried,
    `state = 'answered', answered_at = now(), outcome = '${outcome}', response_code = '05'${remedy === null ? '' : `, remedy = '${remedy}'`}`,
  );

/** The SQLSTATE that the plan was refused with; null when it was taken. */
async function refused(planned: Promise<unknown>): Promise<string | null> {
  try {
    await planned;
    return null;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code?.startsWith('QT') === true) return error.code;
    throw error;
  }
}

/** Brings the declines of this card forward by so many hours. */
async function age(hours: number): Promise<void> {
  await database.superuser.query(
    'update card_tries set declined_at = declined_at - make_interval(hours => $2) where card_fingerprint = $1',
    [card, hours],
  );
}

describe('a card', () => {
  it('that was declined as often as the limit allows is not tried again, until it is out of the window', async () => {
    for (let n = 0; n < 3; n += 1) await answer(await plan(), 'declined');
    expect(await refused(plan())).toBe('QT001');
    await age(25);
    // The long window still counts them: two more.
    await answer(await plan(), 'declined');
    await answer(await plan(), 'declined');
    expect(await refused(plan())).toBe('QT001');
    await age(25);
    expect(await refused(plan())).toBe('QT001');
    await age(30 * 24);
    expect(await refused(plan())).toBeNull();
  });

  it('that was declined for good is never tried again', async () => {
    await answer(await plan(), 'declined', 'never');
    await age(24 * 365);
    expect(await refused(plan())).toBe('QT002');
  });

  it('is not held against another card, another merchant, or a payment without one', async () => {
    for (let n = 0; n < 3; n += 1) await answer(await plan(), 'declined');
    expect(await refused(plan('another card'))).toBeNull();
    expect(await refused(plan(null))).toBeNull();
  });

  it('may be approved, fenced and reversed as often as it likes', async () => {
    for (let n = 0; n < 5; n += 1) {
      await answer(await plan(), 'approved');
      const { id } = await plan();
      await database.worker.query("update attempts set state = 'fenced' where id = $1", [id]);
      await end(await plan(), "state = 'reversing'");
      await database.worker.query(
        "update attempts set state = 'reversed' where merchant_id = $1 and state = 'reversing'",
        [database.shop.merchant],
      );
    }
    const { rows } = await database.worker.query('select from card_tries where card_fingerprint = $1', [
      card,
    ]);
    expect(rows).toEqual([]);
  });

  it('that is being tried as often as declines are left is not tried again until one of them ended well', async () => {
    await answer(await plan(), 'declined');
    const [first] = [await plan(), await plan()];
    expect(await refused(plan())).toBe('QT001');
    await answer(first, 'approved');
    expect(await refused(plan())).toBeNull();
  });
});

it('of twenty payments at once exactly as many pass as there are tries left', async () => {
  await answer(await plan(), 'declined');
  const payments = await Promise.all(Array.from({ length: 20 }, () => refused(plan())));
  expect(payments.filter((code) => code === null)).toHaveLength(2);
  expect(payments.filter((code) => code === 'QT001')).toHaveLength(18);
});

it('the count is one look at an index', async () => {
  const { rows } = await database.worker.query<{ 'QUERY PLAN': string }>(
    `explain select count(*) from card_tries where merchant_id = 'mer_1' and card_fingerprint = 'f' and mode = 'test'`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index.*card_tries_p\d+/);
});

it('the limits of a new database say where they are from, and hold in live as the schemes say', async () => {
  const { rows } = await database.worker.query(
    `select after_never, declines, within_hours from retry_limits
     where merchant_id is null and (mode is null or mode = 'live') and source ~ '(Visa|Mastercard)' order by declines`,
  );
  expect(rows).toEqual([
    { after_never: false, declines: 10, within_hours: 24 },
    { after_never: false, declines: 15, within_hours: 720 },
    { after_never: true, declines: null, within_hours: null },
  ]);
});
