import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginFollowUp } from './begin.ts';
import { concludeAttempt } from './conclude.ts';
import { POLICIES } from './inquiry.ts';
import { attemptOf, pendingOperations, refundable, type CommandBody } from './payment.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';

/** The promise: amounts add up step by step, the same money is given back once, and each end is told. By hand. */

function authorized(): RecordedPayment {
  const payment = new RecordedPayment(createdState({ amount: 9_000n }));
  const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
  payment.record(must(beginAuthorization(payment.state, createCommand(payment.state.payment), plan, 0)), 0);
  approve(payment, 9_000n);
  return payment;
}

function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('nothing happened');
  return value;
}

function ask(payment: RecordedPayment, body: CommandBody): void {
  payment.ask(body);
  payment.record(must(beginFollowUp(payment.state, must(payment.state.commands.at(-1)), 1)), 1);
}

function approve(payment: RecordedPayment, approvedAmount: bigint): void {
  const operation = must(pendingOperations(payment.state)[0]);
  const attempt = must(attemptOf(payment.state, operation.currentAttempt));
  payment.writeAttempt(attempt.id, {
    state: 'answered',
    outcome: 'approved',
    approvedAmount,
    responseCode: '00',
  });
  const ending = { outcome: 'approved', reason: null, now: 2, captureBefore: 1_000_000 } as const;
  payment.record(must(concludeAttempt(payment.state, operation, ending)), 2);
}

describe('amounts', () => {
  it('of captures add up, and what was refunded or is on its way is not refunded again', () => {
    const payment = authorized();
    for (const amount of [3_000n, 2_000n]) {
      ask(payment, { kind: 'capture', amount });
      approve(payment, amount);
    }
    expect(payment.state.payment).toMatchObject({ amountCaptured: 5_000n, status: 'partially_captured' });
    expect(payment.balance('merchant_payable:pending')).toBe(-5_000n);

    ask(payment, { kind: 'refund', amount: 1_000n, reason: null });
    expect(payment.state.payment).toMatchObject({ amountRefundPending: 1_000n, amountRefunded: 0n });
    expect(refundable(payment.state.payment)).toBe(4_000n);
    approve(payment, 1_000n);
    expect(payment.state.payment).toMatchObject({ amountRefundPending: 0n, amountRefunded: 1_000n });
    expect(payment.events.at(-1)).toBe('refund.succeeded');

    ask(payment, { kind: 'refund', amount: null, reason: null });
    approve(payment, 4_000n);
    expect(payment.state.payment).toMatchObject({ amountRefunded: 5_000n, status: 'refunded' });
    expect(payment.balance('refunds_in_flight')).toBe(0n);
    expect(payment.events.filter((type) => type === 'refund.succeeded')).toHaveLength(2);
  });
});

describe('an unknown refund', () => {
  it('is not sent again where nobody can be asked and no key protects it', () => {
    expect(POLICIES.none.refund).toBe('case');
  });
});
