import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a payment in the review band holds the money and takes it only when a person says so,
 * by the row that docs/operating.md shows; the relay finds it without anybody ringing.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile());
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

/** 25 000.00 EUR: 35 points for the amount, 30 more above 20 000.00. */
async function inReview(capture: 'automatic' | 'manual' = 'automatic'): Promise<string> {
  const created = await world.post('/v1/payments', { ...sale(GOOD_CARD), amount: 2_500_000, capture });
  expect([created.status, created.body['status']], created.text).toEqual([201, 'in_review']);
  expect(created.body['risk']).toMatchObject({ score: 65, decision: 'review' });
  expect(await kinds()).toEqual(['approved']);
  return idOf(created);
}

async function decide(payment: string, decision: 'approve' | 'reject'): Promise<void> {
  await world.sql(
    `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
     values ($1, $2, $3, 'review', 'operator', $4, $5)`,
    [
      world.merchant,
      payment.replace('pay_', 'cmd_'),
      payment,
      payment.replace('pay_', 'review_'),
      JSON.stringify({ decision }),
    ],
  );
}

async function becomes(payment: string, status: string): Promise<Record<string, unknown>> {
  const { body } = await until(
    `${payment} is ${status}`,
    () => world.get(`/v1/payments/${payment}`),
    (answer) => answer.body['status'] === status,
  );
  return body;
}

/** As the merchant reads it; whatever is null is not there. */
async function reviewOf(payment: string): Promise<Record<string, unknown>> {
  const id = payment.replace('pay_', 'rev_');
  const { body } = await world.get(`/v1/reviews/${id}`);
  expect(body).toMatchObject({ id, object: 'review', payment });
  const { body: list } = await world.get(`/v1/reviews?status=${body['status'] as string}&limit=1`);
  expect(list['data']).toEqual([body]);
  return body;
}

const kinds = async (): Promise<string[]> => (await world.journal()).map(({ kind }) => kind);

const events = async (payment: string): Promise<string[]> =>
  (
    await world.sql<{ type: string }>('select type from events where payment_id = $1 order by version', [
      payment,
    ])
  ).map(({ type }) => type);

describe('a payment in review', () => {
  it('is captured when a person approves', async () => {
    const id = await inReview();
    const open = await reviewOf(id);
    expect(open).toMatchObject({ status: 'open', outcome: null, decided: null });
    expect(Date.parse(open['due'] as string)).toBeGreaterThan(Date.parse(open['opened'] as string));
    await decide(id, 'approve');
    expect(await becomes(id, 'captured')).toMatchObject({ amount_captured: 2_500_000 });
    expect(await kinds()).toEqual(['approved', 'captured']);
    expect(await events(id)).toEqual(['payment.in_review', 'payment.captured']);
    const ended = await reviewOf(id);
    expect(ended).toMatchObject({
      status: 'approved',
      outcome: 'approved',
      due: null,
      opened: open['opened'],
    });
    expect(Date.parse(ended['decided'] as string)).toBeGreaterThanOrEqual(
      Date.parse(open['opened'] as string),
    );
    const never = await world.post('/v1/payments', sale(GOOD_CARD));
    const none = await world.get(`/v1/reviews/${idOf(never).replace('pay_', 'rev_')}`);
    expect([none.status, none.body['code']]).toEqual([404, 'review_not_found']);
  });

  it('is voided when a person rejects', async () => {
    const id = await inReview();
    await decide(id, 'reject');
    expect(await becomes(id, 'voided')).toMatchObject({ amount_captured: 0, amount_capturable: 0 });
    expect(await kinds()).toEqual(['approved', 'voided']);
    expect(await events(id)).toEqual(['payment.in_review', 'payment.voided']);
    expect(await reviewOf(id)).toMatchObject({ status: 'rejected', outcome: 'rejected' });
  });

  it('cannot be captured by the merchant before, and can be after', async () => {
    const id = await inReview('manual');
    const early = await world.post(`/v1/payments/${id}/capture`, {});
    expect([early.status, early.body['code']]).toEqual([409, 'review_open']);
    await decide(id, 'approve');
    await becomes(id, 'authorized');
    expect(await events(id)).toEqual(['payment.in_review', 'payment.authorized']);
    const capture = await world.post(`/v1/payments/${id}/capture`, {});
    expect([capture.status, capture.body['status']], capture.text).toEqual([200, 'captured']);
  });

  it('can be voided by the merchant, and nothing is left to decide', async () => {
    const id = await inReview();
    const voided = await world.post(`/v1/payments/${id}/void`, {});
    expect([voided.status, voided.body['status']], voided.text).toEqual([200, 'voided']);
    expect(await reviewOf(id)).toMatchObject({ status: 'rejected', outcome: 'nothing_held' });
    await decide(id, 'approve');
    const [command] = await until(
      'the decision is answered',
      () =>
        world.sql<{ answer_status: number; answer_body: string }>(
          `select answer_status, answer_body from commands where payment_id = $1 and kind = 'review' and state = 'done'`,
          [id],
        ),
      (rows) => rows.length === 1,
    );
    expect(command?.answer_status).toBe(409);
    expect(command?.answer_body).toContain('review_not_open');
    expect(await kinds()).toEqual(['approved', 'voided']);
  });
});
