import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProcessing, type PaymentDetails, type Quittance } from '../../clients/typescript/index.ts';
import { ISO8583_TEST_CARDS, STRIPE_TEST_CARDS, type TestCard } from '../../platform/test-cards.ts';
import { expectAgreement } from '../support/agreement.ts';
import { openWorld, type JournalEntry, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

// The promise: the published table of test cards is true, row by row, and the acquirer's journal agrees
// with each. Rows are played at the same time, each by a merchant of its own: some take eight seconds.

const PATIENCE_MS = 90_000;

/** Takes down the one connection on which others may wait for their answers: played when those are there. */
const RESETS_ITS_LINK = '4000000000005126';

type NewPayment = Parameters<Quittance['payments']['create']>[0];
function saleOf(number: string, rest: Partial<NewPayment> = {}): NewPayment {
  const cvv = number.startsWith('37') ? '1234' : '123';
  return {
    amount: 5_000,
    currency: 'EUR',
    card: { number, expiry_month: 12, expiry_year: 2030, cvv },
    ...rest,
  };
}

/** The payment when it is known. */
async function paid({ client }: World, body: NewPayment): Promise<PaymentDetails> {
  const made = await client.payments.create(body, { wait: 0 });
  return client.payments.wait(isProcessing(made) ? made : made.id, {
    deadlineMs: PATIENCE_MS,
    pauseMs: 100,
    longestPauseMs: 500,
  });
}

interface Played {
  readonly payment: PaymentDetails;
  readonly journal: readonly JournalEntry[];
}

async function play({ number }: TestCard, acquirers: readonly string[]): Promise<Played> {
  const world = await openWorld(stackRunFile(), { acquirers });
  try {
    const payment = await paid(world, saleOf(number));
    const journal = await world.journal();
    await expectAgreement(world);
    return { payment, journal };
  } finally {
    await world.close();
  }
}

describe.each([
  ['at the first acquirer', ISO8583_TEST_CARDS, ['acquirer-1']],
  ['at the Stripe simulator', STRIPE_TEST_CARDS, ['acquirer-3']],
])('the test cards %s', (_, cards, acquirers) => {
  let played: ReadonlyMap<string, Promise<Played>>;
  beforeAll(async () => {
    const together = cards.filter(({ number }) => number !== RESETS_ITS_LINK);
    const others = together.map((card) => [card.number, play(card, acquirers)] as const);
    await Promise.allSettled(others.map(([, ends]) => ends));
    const apart = cards.filter((card) => !together.includes(card));
    played = new Map([...others, ...apart.map((card) => [card.number, play(card, acquirers)] as const)]);
    await Promise.allSettled(played.values());
  });

  it.each(cards)('$number ends as documented', async ({ number, payment: expected, journal: written }) => {
    const { payment, journal } = (await played.get(number)) ?? {};
    expect(payment).toMatchObject(expected);
    if (written !== undefined) expect(journal?.map(({ kind }) => kind)).toEqual(written);
  });
});

describe('what a table says beside the payment', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
  });
  afterAll(async () => {
    await expectAgreement(world);
    await world.close();
  });

  it('4000000000000010 keeps the half when the merchant allows partial approval', async () => {
    const payment = await paid(world, saleOf('4000000000000010', { partial_approval: 'allow' }));
    expect(payment).toMatchObject({ status: 'captured', amount: 5_000, amount_captured: 2_500 });
  });

  it('4012888888881881 can be reauthorized at once', async () => {
    const { id, capture_before: before } = await paid(
      world,
      saleOf('4012888888881881', { capture: 'manual' }),
    );
    expect(Date.parse(before ?? '') - Date.now()).toBeLessThan(2 * 24 * 3_600_000);
    const renewed = await world.client.payments.reauthorize(id);
    expect(renewed).toMatchObject({ status: 'authorized', reauthorizations: [{ status: 'succeeded' }] });
  });

  it('5105105105105100 declines an increment', async () => {
    const { id } = await paid(
      world,
      saleOf('5105105105105100', { capture: 'manual', authorization_type: 'pre' }),
    );
    const increment = await world.client.payments.increment(id, { amount: 100 });
    expect(increment).toMatchObject({ status: 'failed', decline_code: '51' });
  });

  it('4000000000007726 has refunds that are pending, then succeed', async () => {
    const stripe = await openWorld(stackRunFile(), { acquirers: ['acquirer-3'] });
    try {
      const { id } = await paid(stripe, saleOf('4000000000007726'));
      const refund = await stripe.client.payments.refund(id, {}, { wait: 0 });
      expect(isProcessing(refund)).toBe(true);
      if (!isProcessing(refund)) return;
      const { refunds } = await stripe.client.payments.wait(refund, {
        deadlineMs: PATIENCE_MS,
        pauseMs: 200,
        longestPauseMs: 500,
      });
      expect(refunds).toMatchObject([{ id: refund.pending.id, status: 'succeeded' }]);
      await expectAgreement(stripe);
    } finally {
      await stripe.close();
    }
  });
});
