import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: no hand, not even the owner's, can write a payment that could not be. */

let database: MainDatabase;
let id: PaymentId;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  id = await database.addPayment();
});

/** The next version of the payment, as its owner writes it by hand. */
const change = (columns: string): Promise<unknown> =>
  database.owner.query(
    `update payments set version = version + 1, ${columns} where merchant_id = $1 and id = $2`,
    [database.shop.merchant, id],
  );

describe('a payment', () => {
  it.each([
    ['version', 1],
    ['authorization_state', 'unknown'],
    ['review', 'approved'],
    ['amount_authorized', 1],
    ['amount_disputed', 1],
    ['authorization_attempt_id', 'att_1'],
    ['pending', false],
  ])('cannot be inserted with %s %s', async (column, value) => {
    const refused = await refusalOf(
      database.owner.query(
        `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by, ${column})
         values ($1, 'pay_forged', 'test', 100, 'EUR', 'manual', 'stg_1', now(), $2)`,
        [database.shop.merchant, value],
      ),
    );
    expect(refused).toMatchObject({
      code: 'check_violation',
      message: expect.stringContaining('payment pay_forged must start without state') as string,
    });
  });

  it('cannot be inserted as declined, nor with a card', async () => {
    for (const [columns, values] of [
      ['conclusion, status', "'declined', 'declined'"],
      ['card_token, card_expiry_month, card_expiry_year', "'card_1', 12, 2030"],
    ] as const) {
      const refused = await refusalOf(
        database.owner.query(
          `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by, ${columns})
           values ($1, 'pay_forged', 'test', 100, 'EUR', 'manual', 'stg_1', now(), ${values})`,
          [database.shop.merchant],
        ),
      );
      expect(refused.message).toContain('payment pay_forged must start without state');
    }
  });

  it.each([
    ['its status is not the function of its parts', "status = 'authorized'", 'status_is_its_function'],
    [
      'its status stays behind when a part moves',
      "authorization_state = 'held', amount_authorized = 9000",
      'status_is_its_function',
    ],
    [
      'more is captured than was authorized',
      "authorization_state = 'held', amount_authorized = 9000, amount_captured = 9001, status = 'captured'",
      'captured_within_authorized',
    ],
    [
      'refunded and pending together exceed what was captured',
      `authorization_state = 'held', amount_authorized = 9000, amount_captured = 5000, amount_refunded = 3000,
       amount_refund_pending = 2001, status = 'partially_refunded'`,
      'refunded_within_captured',
    ],
    [
      'it is declined and has money',
      "conclusion = 'declined', amount_authorized = 9000, status = 'declined'",
      'concluded_moved_nothing',
    ],
    [
      'it is called failed while its authorization is unknown',
      "authorization_state = 'unknown', conclusion = 'failed', status = 'failed'",
      'concluded_is_known',
    ],
    ['an amount is negative', 'amount_refund_pending = -1', 'payments_amount_refund_pending_check'],
    ['an expiry date stands without a token', 'card_expiry_month = 12', 'payments_check'],
  ])('cannot be written when %s', async (_, columns, constraint) => {
    const refused = await refusalOf(change(columns));
    expect(refused).toMatchObject({ code: 'check_violation', constraint });
  });

  it('can be written with the amounts that those limits allow', async () => {
    await change(
      "authorization_state = 'held', amount_authorized = 9000, amount_captured = 9000, status = 'captured'",
    );
    await change("amount_refunded = 4000, amount_refund_pending = 5000, status = 'partially_refunded'");
    await change("amount_refunded = 9000, amount_refund_pending = 0, status = 'refunded'");
  });

  it.each([
    'amount = 9001',
    "currency = 'USD'",
    "mode = 'live'",
    "capture_method = 'automatic'",
    "partial_approval = 'allow'",
    "staging_id = 'stg_2'",
    "authorize_by = authorize_by + interval '1 hour'",
    "created_at = created_at - interval '1 hour'",
    "id = 'pay_other'",
  ])('keeps what was asked: %s is refused', async (columns) => {
    const refused = await refusalOf(change(columns));
    expect(refused).toMatchObject({
      code: 'check_violation',
      message: expect.stringContaining(`payment ${id}: what was asked cannot change`) as string,
    });
  });

  it('keeps its card once it has one, and can only forget it', async () => {
    await change("card_token = 'card_1', card_expiry_month = 12, card_expiry_year = 2030");
    const refused = await refusalOf(change("card_token = 'card_2'"));
    expect(refused.message).toContain(`payment ${id}: its card cannot become another`);
    await change('card_token = null, card_expiry_month = null, card_expiry_year = null');
  });

  it.each(['version', 'version - 1', 'version + 2'])('cannot go from its version to %s', async (version) => {
    const refused = await refusalOf(
      database.owner.query(`update payments set version = ${version}, description = 'x' where id = $1`, [id]),
    );
    expect(refused.message).toMatch(new RegExp(`payment ${id}: version must go from 0 to 1, not to -?[0-9]`));
  });
});

describe('an operation', () => {
  beforeEach(async () => {
    await database.owner.query(
      `insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at)
       values ($1, 'cap_' || substr($2, 5), $2, 'capture', 4000, 'pending', 'ready', now())`,
      [database.shop.merchant, id],
    );
  });

  it.each(['amount = 4001', "kind = 'refund'", "payment_id = 'pay_other'", "created_at = '2020-01-01'"])(
    'keeps what was asked: %s is refused',
    async (columns) => {
      const refused = await refusalOf(
        database.owner.query(`update operations set ${columns} where payment_id = $1`, [id]),
      );
      expect(refused.message).toContain(`operation cap_${id.slice(4)}: what was asked cannot change`);
    },
  );

  it('that is a void learns what it releases while it is pending, and never afterwards', async () => {
    const release = (columns: string): Promise<unknown> =>
      database.owner.query(`update operations set ${columns} where payment_id = $1 and kind = 'void'`, [id]);
    await database.owner.query(
      `insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at)
       values ($1, 'void_' || substr($2, 5), $2, 'void', 9000, 'pending', 'waiting', now())`,
      [database.shop.merchant, id],
    );
    await release("amount = 4500, phase = 'ready'");
    await release("state = 'succeeded', phase = 'concluded', concluded_at = now()");
    expect((await refusalOf(release('amount = 9000'))).message).toContain(
      `operation void_${id.slice(4)}: what was asked cannot change`,
    );
  });

  it.each(["state = 'succeeded'", "phase = 'concluded'", 'concluded_at = now()'])(
    'ends in state, phase and time together: %s alone is refused',
    async (columns) => {
      const refused = await refusalOf(
        database.owner.query(`update operations set ${columns} where payment_id = $1`, [id]),
      );
      expect(refused).toMatchObject({
        code: 'check_violation',
        constraint: expect.stringMatching(/^operations_check1?$/) as string,
      });
    },
  );

  it('is the only authorization of its payment', async () => {
    const add = (name: string): Promise<unknown> =>
      database.owner.query(
        `insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at)
         values ($1, $3 || substr($2, 5), $2, 'authorize', 9000, 'pending', 'ready', now())`,
        [database.shop.merchant, id, name],
      );
    await add('auth_first_');
    expect(await refusalOf(add('auth_second_'))).toMatchObject({
      code: 'unique_violation',
      message: expect.stringContaining(`(${database.shop.merchant}, ${id}, authorize)`) as string,
    });
  });
});
