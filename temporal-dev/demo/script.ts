import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { isProblem, isProcessing, type Payment, type Quittance } from '../../clients/typescript/index.ts';

/** One line of the demo's table. */
export interface Outcome {
  readonly payment: string;
  readonly asked: string;
  readonly outcome: string;
}

/** A scripted payment: what is asked, and how it must end. Throws when it ends otherwise. */
export interface Scene {
  readonly title: string;
  play(merchant: Quittance): Promise<Outcome>;
}

/** Test numbers of the card schemes' and processors' documentation; the simulator gives each its outcome. */
const CARDS = {
  approved: '4242424242424242',
  mastercard: '5555555555554444',
  amex: '378282246310005',
  insufficientFunds: '4000000000009995',
  answerLost: '4000000000000119',
} as const;

/** How long a scene may wait for an unknown outcome to become known (ms). */
const PATIENCE_MS = 30_000;

type NewPayment = Parameters<Quittance['payments']['create']>[0];

function request(card: string, amount: number, rest: Partial<NewPayment> = {}): NewPayment {
  // American Express prints a code of four digits.
  const cvv = card === CARDS.amex ? '1234' : '123';
  return {
    amount,
    currency: 'EUR',
    card: { number: card, expiry_month: 12, expiry_year: 2030, cvv },
    ...rest,
  };
}

function expectStatus(payment: Pick<Payment, 'id' | 'status'>, status: Payment['status']): void {
  assert.equal(payment.status, status, `${payment.id} should be ${status} and is ${payment.status}`);
}

export const SCENES: readonly Scene[] = [
  {
    title: 'approved and captured at once',
    async play({ payments }) {
      const payment = await payments.create(request(CARDS.approved, 4_200));
      expectStatus(payment, 'captured');
      return { payment: payment.id, asked: 'sale 42', outcome: 'captured' };
    },
  },
  {
    title: 'authorized, captured in part, refunded in parts',
    async play({ payments }) {
      const held = await payments.create(request(CARDS.mastercard, 9_000, { capture: 'manual' }));
      expectStatus(held, 'authorized');
      const { id } = held;
      expectStatus(await payments.capturePart(id, { amount: 6_000 }), 'partially_captured');
      for (const amount of [1_000, 2_500]) {
        const refund = await payments.refund(id, { amount });
        assert.equal(refund.status, 'succeeded', `${refund.id} should have succeeded: ${refund.status}`);
      }
      await assert.rejects(payments.refund(id, { amount: 3_000 }), (error) =>
        isProblem(error, 'refund_exceeds_captured'),
      );
      const payment = await payments.get(id);
      expectStatus(payment, 'partially_refunded');
      assert.deepEqual([payment.amount_captured, payment.amount_refunded], [6_000, 3_500]);
      return {
        payment: id,
        asked: 'hold 90, capture 60, refund 10+25+30',
        outcome: 'refunded 35; 30 refused, 25 left',
      };
    },
  },
  {
    title: 'declined for insufficient funds',
    async play({ payments }) {
      const payment = await payments.create(request(CARDS.insufficientFunds, 1_500));
      expectStatus(payment, 'declined');
      assert.equal(payment.decline_code, '51');
      return { payment: payment.id, asked: 'sale 15, no funds', outcome: 'declined 51' };
    },
  },
  {
    title: 'blocked: the same card too often',
    async play({ payments }) {
      let payment = await payments.create(request(CARDS.amex, 100));
      for (let count = 1; count < 7; count += 1)
        payment = await payments.create(request(CARDS.amex, 100 + count));
      expectStatus(payment, 'blocked');
      return { payment: payment.id, asked: '7th sale of a card in a minute', outcome: 'blocked by velocity' };
    },
  },
  {
    title: 'authorized, then voided',
    async play({ payments }) {
      const { id } = await payments.create(request(CARDS.approved, 3_300, { capture: 'manual' }));
      expectStatus(await payments.void(id), 'voided');
      return { payment: id, asked: 'hold 33, void', outcome: 'voided' };
    },
  },
  {
    title: 'approved, but the answer was lost',
    async play({ payments }) {
      const created = await payments.create(request(CARDS.answerLost, 2_500));
      const payment = await payments.wait(isProcessing(created) ? created : created.id, {
        deadlineMs: PATIENCE_MS,
      });
      expectStatus(payment, 'failed');
      assert.equal(payment.failure_code, 'reversed_unknown');
      return { payment: payment.id, asked: 'sale 25, the answer is lost', outcome: 'reversed, not charged' };
    },
  },
  {
    title: 'the same idempotency key twice',
    async play(merchant) {
      const ask = (amount: number) =>
        merchant.request<Payment>({
          method: 'POST',
          path: '/v1/payments',
          body: request(CARDS.mastercard, amount),
          idempotencyKey,
        });
      const idempotencyKey = randomUUID();
      const first = await ask(1_999);
      const again = await ask(1_999);
      assert.equal(again.text, first.text, 'a repeat must answer the same bytes');
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      await assert.rejects(ask(2_000), (error) => isProblem(error, 'idempotency_key_reused'));
      const payment = await merchant.payments.get(first.body.id);
      expectStatus(payment, 'captured');
      return {
        payment: payment.id,
        asked: 'one key twice, then another body',
        outcome: 'one charge, same bytes; 422',
      };
    },
  },
];
