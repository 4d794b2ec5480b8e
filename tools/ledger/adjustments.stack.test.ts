import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import { recordParts, twoLegs } from '../../schema/testing/change-document.ts';
import { openMainDatabase, type MainDatabase } from '../../schema/testing/main-database.ts';
import type { AdjustmentId } from '../../workflows/domain/ids.ts';
import { verifyLedger } from './verify.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { untilSealable } from '../../temporal-dev/testing/until-sealable.ts';

/** The promise: an adjustment that two people did not agree on is found, whoever put it there. */

let database: MainDatabase;
let id: AdjustmentId;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

beforeEach(async () => {
  id = newId('adj');
  const shop = await database.addShop();
  const payment = newId('pay');
  await database.owner.query(
    `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
     values ($1, $2, 'test', 9000, 'EUR', 'manual', 'stg_1', now())`,
    [shop.merchant, payment],
  );
  await recordParts(database.worker, shop.merchant, payment, {
    payment: { amount_authorized: 500, authorization_state: 'held' },
    transactions: [twoLegs(`${payment}:authorized`, 500)],
  });
  const asked = {
    id,
    merchant_id: shop.merchant,
    mode: 'test',
    debit_code: 'merchant_payable:available',
    credit_code: 'fee_revenue',
    amount: 1_250,
    currency: 'EUR',
    reason: 'a fee that was forgotten',
    evidence: 'ticket 7',
    payment_id: payment,
  };
  await database.operator.query('select request_adjustment($1, $2)', [JSON.stringify(asked), 'anna']);
});

const approve = (): Promise<unknown> =>
  database.operator.query("select decide_adjustment($1, 'approve', 'ben', null)", [id]);

/** What verification says after somebody with all rights did that. */
async function after(...statements: string[]): Promise<readonly string[]> {
  const url = database.superuser.options.connectionString ?? '';
  const client = await database.superuser.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const statement of statements) await client.query(statement, [id]);
    const { problems } = await verifyLedger({ url, headFile: null, lanes: 1 });
    return problems.map(({ kind, text }) => `${kind}: ${text}`);
  } finally {
    await client.query('set session_replication_role = origin');
    client.release();
  }
}

describe('ledger:verify', () => {
  it('passes an adjustment that one asked for and another approved, also about a payment', async () => {
    await approve();
    // Also when it is sealed: the hash has a place for a payment that is not there.
    await untilSealable(database.superuser);
    expect((await database.worker.query('select from seal_ledger(1000)')).rowCount).toBe(1);
    expect(await after()).toEqual([]);
  });

  it('finds one that was posted and not approved', async () => {
    await approve();
    const problems = await after("update adjustments set state = 'rejected' where id = $1");
    expect(problems).toEqual([
      expect.stringMatching(`^adjustment: adjustment ${id} of mer_\\w+ is posted and nobody approved it$`),
    ]);
    await after("update adjustments set state = 'approved' where id = $1");
  });

  it('finds one that was approved and is not posted', async () => {
    const problems = await after(
      "update adjustments set state = 'approved', decided_by = 'ben', decided_at = now() where id = $1",
    );
    expect(problems).toEqual([
      expect.stringMatching(
        `^adjustment: adjustment ${id} of mer_\\w+ was approved by ben and is not posted$`,
      ),
    ]);
    await after(
      "update adjustments set state = 'requested', decided_by = null, decided_at = null where id = $1",
    );
  });

  it('finds one that was posted otherwise than it was approved', async () => {
    await approve();
    const problems = await after(
      "update adjustments set amount = 1251, debit_code = 'fee_expense:dispute' where id = $1",
    );
    expect(problems).toEqual([
      expect.stringContaining(
        'was approved as 1251 EUR from fee_revenue to fee_expense:dispute (pay_',
      ) as string,
    ]);
    expect(problems[0]).toContain('posted as 1250 EUR from fee_revenue to merchant_payable:available (pay_');
    await after(
      "update adjustments set amount = 1250, debit_code = 'merchant_payable:available' where id = $1",
    );
  });
});
