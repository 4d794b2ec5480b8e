import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { testCard } from '../support/cards.ts';
import { routeTo } from '../support/routing.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what Adyen turned away and then reports as taken is given back, in its own accounts, wherever
 * the payment stands by then; and while a first request is under way, no refusal of its repeat is an answer.
 */
const [ADYEN, OTHER] = ['acquirer-4', 'acquirer-1'] as const;
let world: World;
let cards = 420_000;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: [ADYEN, OTHER], routing: 'by_value' });
  await routeTo(world, ADYEN, 'rule', { breaker: false, failoverAfterAnswer: true });
  await world.sql(
    "update merchant_acquirer_accounts set capabilities = capabilities || '{no_security_code}' where merchant_id = $1",
    [world.merchant],
  );
});
afterEach(async () => {
  await fetch(`${await controlOf()}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(5_000) });
});
afterAll(() => world.close());

async function controlOf(): Promise<string> {
  const found = (await world.run()).acquirers.find(({ id }) => id === ADYEN);
  if (found === undefined) throw new Error(`the stack has no ${ADYEN}`);
  return found.control;
}

async function fault(action: Record<string, unknown>, amount: number, times = 1): Promise<void> {
  const response = await fetch(`${await controlOf()}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ times, match: { request: 'pay', amount }, action }),
    signal: AbortSignal.timeout(5_000),
  });
  expect(response.status, await response.text()).toBe(201);
}

async function pay(amount: number, rest: Record<string, unknown> = {}): Promise<string> {
  cards += 1;
  return idOf(await world.post('/v1/payments', sale(testCard(cards), { amount, ...rest }), { wait: 0 }));
}

const attempts = (payment: string) =>
  world.sql<{ kind: string; acquirer_id: string; state: string; acquirer_reference: string | null }>(
    `select kind, acquirer_id, state, acquirer_reference from attempts where merchant_id = $1 and payment_id = $2
     order by planned_at, id`,
    [world.merchant, payment],
  );

/** What a payment left in the accounts of acquirers, and with nobody; those with nothing are there as well. */
async function books(payment: string): Promise<Record<string, number>> {
  const rows = await world.sql<{ code: string; amount: string }>(
    `select p.code, sum(p.amount)::text as amount from ledger_transactions t
     join ledger_postings p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
     where t.merchant_id = $1 and t.payment_id = $2 and (p.code like 'acquirer\\_receivable:%' or p.code = 'unallocated_receipts')
     group by 1 order by 1`,
    [world.merchant, payment],
  );
  return Object.fromEntries(rows.map(({ code, amount }) => [code, Number(amount)]));
}

const undone = (payment: string): Promise<unknown> =>
  until(
    `what nobody owns of ${payment} is undone`,
    () =>
      world.sql<{ state: string }>(
        "select state from operations where merchant_id = $1 and payment_id = $2 and kind = 'undo'",
        [world.merchant, payment],
      ),
    (rows) => rows.length === 1 && rows[0]?.state === 'succeeded',
  );

describe('a sale that Adyen turned away and made all the same', () => {
  it('is given back by its name, and the payment stays declined', async () => {
    await fault({ type: 'turned_away', code: '101', executed: true }, 4_201);
    const id = await pay(4_201);
    expect(await settled(world, id)).toMatchObject({ status: 'declined', decline_code: '101' });
    await undone(id);
    const [sold, reversal] = await attempts(id);
    expect(sold).toMatchObject({
      kind: 'sale',
      acquirer_reference: expect.stringMatching(/^SIMPAY/) as string,
    });
    expect(reversal).toMatchObject({ kind: 'reversal', acquirer_id: ADYEN, state: 'answered' });
    expect(await books(id)).toEqual({ [`acquirer_receivable:${ADYEN}`]: 0, unallocated_receipts: 0 });
    expect((await world.get(`/v1/payments/${id}`)).body).toMatchObject({ status: 'declined' });
  });

  it('is given back where it was made, though the payment was captured elsewhere', async () => {
    await fault({ type: 'turned_away', code: '905', executed: true }, 4_202);
    const id = await pay(4_202);
    expect(await settled(world, id)).toMatchObject({ status: 'captured', acquirer: { id: OTHER } });
    await undone(id);
    expect(await books(id)).toEqual({
      [`acquirer_receivable:${OTHER}`]: 4_202,
      [`acquirer_receivable:${ADYEN}`]: 0,
      unallocated_receipts: 0,
    });
  });
});

it('a repeat that is turned away is no answer: nothing is tried elsewhere, and the report tells', async () => {
  await fault({ type: 'hold', holdMs: 14_000 }, 4_203);
  await fault({ type: 'turned_away', code: '905' }, 4_203, 100);
  const id = await pay(4_203, { capture: 'manual' });
  await until(
    `the repeat of ${id} is turned away`,
    () =>
      world.sql<{ reason: string | null; phase: string }>(
        "select reason, phase from operations where merchant_id = $1 and payment_id = $2 and kind = 'authorize'",
        [world.merchant, id],
      ),
    ([row]) => row?.phase === 'unknown' && row.reason === 'the account does not take the card',
  );
  expect((await world.get(`/v1/payments/${id}`)).body).toMatchObject({ status: 'processing' });
  expect(await settled(world, id)).toMatchObject({ status: 'authorized', acquirer: { id: ADYEN } });
  expect(await attempts(id)).toMatchObject([{ kind: 'authorization', acquirer_id: ADYEN }]);
});

it('leaves three records that agree', async () => {
  await expectAgreement(world);
});
