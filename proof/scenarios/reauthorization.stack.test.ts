import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { addFault, clearFaults, type AcquirerFault } from '../support/faults.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type Answer, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a hold is renewed by giving it back first; there are never two at the acquirer, and what
 * is not held is not called held, in our record, the books and the journal.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile());
});
afterEach(async () => {
  await clearFaults(world);
  await expectAgreement(world);
  await world.close();
});

const WAIT = { wait: 30 };
/** The acquirer holds it for two days: it can be renewed from its first moment. */
const SHORT = { number: '4012888888881881', expiry_month: 12, expiry_year: 2030, cvv: '123' };

async function held(rest: Record<string, unknown> = {}): Promise<string> {
  const asked = { ...sale(GOOD_CARD), card: SHORT, capture: 'manual', authorization_type: 'pre', ...rest };
  const created = await world.post('/v1/payments', asked, WAIT);
  expect(created.body['status'], created.text).toBe('authorized');
  return idOf(created);
}
const reauthorize = (id: string): Promise<Answer> => world.post(`/v1/payments/${id}/reauthorize`, {}, WAIT);
const payment = async (id: string): Promise<Record<string, unknown>> =>
  (await world.get(`/v1/payments/${id}`)).body;
const journal = async (): Promise<readonly string[]> => (await world.journal()).map(({ kind }) => kind);
const once = (match: AcquirerFault['match'], action: AcquirerFault['action']): Promise<void> =>
  addFault(world, { match, action });
const ended = (id: string): Promise<Record<string, unknown>> =>
  until(
    'the reauthorization is concluded',
    () => payment(id),
    ({ reauthorizations }) =>
      (reauthorizations as { status: string }[]).every(({ status }) => status !== 'pending'),
  );

describe('a reauthorization', () => {
  it('gives back what is held, increments included, holds it anew, and it can be captured', async () => {
    const id = await held();
    await world.post(`/v1/payments/${id}/increments`, { amount: 1_000 }, WAIT);
    const before = await payment(id);
    const renewed = await reauthorize(id);
    expect([renewed.status, renewed.body], renewed.text).toMatchObject([
      200,
      { status: 'authorized', amount_authorized: 6_000, reauthorizations: [{ status: 'succeeded' }] },
    ]);
    expect(Date.parse(String(renewed.body['capture_before']))).toBeGreaterThanOrEqual(
      Date.parse(String(before['capture_before'])),
    );
    expect((renewed.body['acquirer'] as { reference: string }).reference).not.toBe(
      (before['acquirer'] as { reference: string }).reference,
    );
    const captured = await world.post(`/v1/payments/${id}/captures`, { amount: 5_500 }, WAIT);
    expect(captured.body, captured.text).toMatchObject({ status: 'captured', amount_captured: 5_500 });
    expect(await journal()).toEqual([
      'approved',
      'incremented',
      'reversed',
      'approved',
      'captured',
      'partially_voided',
    ]);
  });

  it('that is declined leaves nothing held; asked again it has nothing to give back', async () => {
    const id = await held();
    await once({ kind: 'authorization' }, { type: 'decline', code: '51' });
    const refused = await reauthorize(id);
    expect([refused.status, refused.body], refused.text).toMatchObject([
      200,
      {
        status: 'expired',
        amount_capturable: 0,
        reauthorizations: [{ status: 'failed', failure_code: 'declined', decline_code: '51' }],
      },
    ]);
    expect((await reauthorize(id)).body).toMatchObject({ status: 'authorized' });
    expect(await journal()).toEqual(['approved', 'reversed', 'declined', 'approved']);
  });

  it.each([
    ['reversal is executed and not answered', 'reversal', 'lose_answer', { status: 'authorized' }],
    ['reversal is thrown away', 'reversal', 'no_answer_not_executed', { status: 'authorized' }],
    ['new authorization is executed and not answered', 'authorization', 'lose_answer', { status: 'expired' }],
    ['new authorization is thrown away', 'authorization', 'no_answer_not_executed', { status: 'expired' }],
  ] as const)('whose %s ends in one truth', async (_, kind, type, expected) => {
    const id = await held();
    await once({ kind }, { type });
    await world.post(`/v1/payments/${id}/reauthorize`, {}, { wait: 0 });
    const { body } = await world.post(`/v1/payments/${id}/capture`, {}, WAIT);
    // On a slow machine it may come when nothing is held any more; it never captures anything.
    expect(['operation_pending', 'authorization_expired']).toContain(body['code']);
    expect(await ended(id)).toMatchObject(expected);
  });

  it('renews what has expired', async () => {
    const id = await held();
    // Its time is over: the next command finds it so, and the run releases what is left.
    await world.sql(
      "update payments set version = version + 1, capture_before = now() - interval '1 s' where id = $1",
      [id],
    );
    expect((await world.post(`/v1/payments/${id}/capture`, {}, WAIT)).body).toMatchObject({
      code: 'authorization_expired',
    });
    await until(
      'it has expired',
      () => payment(id),
      ({ status }) => status === 'expired',
    );
    const renewed = await reauthorize(id);
    expect(renewed.body, renewed.text).toMatchObject({ status: 'authorized', amount_capturable: 5_000 });
    expect(await journal()).toEqual(['approved', 'voided', 'nothing_to_reverse', 'approved']);
  });

  it('asked 20 times at once happens once, or one after the other, and never twice at once', async () => {
    const id = await held();
    const answers = await Promise.all(Array.from({ length: 20 }, () => reauthorize(id)));
    const renewed = answers.filter(({ status }) => status === 200);
    for (const { status, body, text } of answers)
      if (status !== 200) expect([status, body['code']], text).toEqual([409, 'operation_pending']);
    expect(renewed.length).toBeGreaterThan(0);
    expect(await journal()).toEqual(['approved', ...renewed.flatMap(() => ['reversed', 'approved'])]);
  });

  it('is refused while it has days left, and once something was captured', async () => {
    const early = await held({ card: { ...SHORT, number: GOOD_CARD } });
    expect(await reauthorize(early)).toMatchObject({
      status: 409,
      body: { code: 'payment_not_reauthorizable' },
    });
    const id = await held();
    await world.post(`/v1/payments/${id}/capture`, { amount: 1 }, WAIT);
    expect((await reauthorize(id)).body).toMatchObject({ code: 'payment_not_reauthorizable' });
  });
});
