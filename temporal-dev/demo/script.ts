import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import type { Answer, MerchantClient, PaymentDetail } from './merchant-client.ts';

/** One line of the demo's table. */
export interface Outcome {
  readonly payment: string;
  readonly asked: string;
  readonly outcome: string;
}

/** A scripted payment: what is asked, and how it must end. Throws when it ends otherwise. */
export interface Scene {
  readonly title: string;
  play(merchant: MerchantClient): Promise<Outcome>;
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

function request(card: string, rest: Record<string, unknown>): Record<string, unknown> {
  // American Express prints a code of four digits.
  const cvv = card === CARDS.amex ? '1234' : '123';
  return { currency: 'EUR', card: { number: card, expiry_month: 12, expiry_year: 2030, cvv }, ...rest };
}

function idOf({ body }: Answer): string {
  assert.equal(typeof body['id'], 'string', `no id in ${JSON.stringify(body)}`);
  return body['id'] as string;
}

function expectStatus(payment: Pick<PaymentDetail, 'id' | 'status'>, status: string): void {
  assert.equal(payment.status, status, `${payment.id} should be ${status} and is ${payment.status}`);
}

export const SCENES: readonly Scene[] = [
  {
    title: 'approved and captured at once',
    async play(merchant) {
      const created = await merchant.post('/v1/payments', request(CARDS.approved, { amount: 4_200 }));
      assert.equal(created.status, 201, created.text);
      const payment = await merchant.payment(idOf(created));
      expectStatus(payment, 'captured');
      return { payment: payment.id, asked: 'sale 42', outcome: 'captured' };
    },
  },
  {
    title: 'authorized, captured in part, refunded in parts',
    async play(merchant) {
      const created = await merchant.post(
        '/v1/payments',
        request(CARDS.mastercard, { amount: 9_000, capture: 'manual' }),
      );
      assert.equal(created.body['status'], 'authorized', created.text);
      const id = idOf(created);
      const captured = await merchant.post(`/v1/payments/${id}/capture`, { amount: 6_000 });
      assert.equal(captured.body['status'], 'partially_captured', captured.text);
      for (const amount of [1_000, 2_500]) {
        const refund = await merchant.post(`/v1/payments/${id}/refunds`, { amount });
        assert.deepEqual([refund.status, refund.body['status']], [201, 'succeeded'], refund.text);
      }
      const tooMuch = await merchant.post(`/v1/payments/${id}/refunds`, { amount: 3_000 });
      assert.deepEqual(
        [tooMuch.status, tooMuch.body['code']],
        [422, 'refund_exceeds_captured'],
        tooMuch.text,
      );
      const payment = await merchant.payment(id);
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
    async play(merchant) {
      const created = await merchant.post(
        '/v1/payments',
        request(CARDS.insufficientFunds, { amount: 1_500 }),
      );
      assert.equal(created.status, 201, created.text);
      const payment = await merchant.payment(idOf(created));
      expectStatus(payment, 'declined');
      assert.equal(payment.decline_code, '51');
      return { payment: payment.id, asked: 'sale 15, no funds', outcome: 'declined 51' };
    },
  },
  {
    title: 'blocked: the same card too often',
    async play(merchant) {
      let last: Answer | null = null;
      for (let count = 0; count < 7; count += 1) {
        last = await merchant.post('/v1/payments', request(CARDS.amex, { amount: 100 + count }));
      }
      assert.ok(last !== null);
      const payment = await merchant.payment(idOf(last));
      expectStatus(payment, 'blocked');
      return { payment: payment.id, asked: '7th sale of a card in a minute', outcome: 'blocked by velocity' };
    },
  },
  {
    title: 'authorized, then voided',
    async play(merchant) {
      const created = await merchant.post(
        '/v1/payments',
        request(CARDS.approved, { amount: 3_300, capture: 'manual' }),
      );
      const id = idOf(created);
      const voided = await merchant.post(`/v1/payments/${id}/void`, {});
      assert.deepEqual([voided.status, voided.body['status']], [200, 'voided'], voided.text);
      return { payment: id, asked: 'hold 33, void', outcome: 'voided' };
    },
  },
  {
    title: 'approved, but the answer was lost',
    async play(merchant) {
      const created = await merchant.post('/v1/payments', request(CARDS.answerLost, { amount: 2_500 }));
      const payment = await merchant.settled(idOf(created), PATIENCE_MS);
      expectStatus(payment, 'failed');
      assert.equal(payment.failure_code, 'reversed_unknown');
      return { payment: payment.id, asked: 'sale 25, the answer is lost', outcome: 'reversed, not charged' };
    },
  },
  {
    title: 'the same idempotency key twice',
    async play(merchant) {
      const key = randomUUID();
      const first = await merchant.post('/v1/payments', request(CARDS.mastercard, { amount: 1_999 }), key);
      const again = await merchant.post('/v1/payments', request(CARDS.mastercard, { amount: 1_999 }), key);
      assert.equal(again.text, first.text, 'a repeat must answer the same bytes');
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      const other = await merchant.post('/v1/payments', request(CARDS.mastercard, { amount: 2_000 }), key);
      assert.deepEqual([other.status, other.body['code']], [422, 'idempotency_key_reused'], other.text);
      const payment = await merchant.payment(idOf(first));
      expectStatus(payment, 'captured');
      return {
        payment: payment.id,
        asked: 'one key twice, then another body',
        outcome: 'one charge, same bytes; 422',
      };
    },
  },
];
