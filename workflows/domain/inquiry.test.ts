import { describe, expect, it } from 'vitest';
import { beginAuthorization } from './begin.ts';
import { concludeAttempt } from './conclude.ts';
import { beginReversal } from './reversal.ts';
import type { OutcomeClass } from './outcome.ts';
import type { Operation } from './payment.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { nextWork, viewOf } from './view.ts';

/** The promise: what can be asked about is asked about for a day, and undone only after that. */
const DAY_MS = 24 * 3_600_000;

function sent(inquiry: 'none' | 'by_reference', caseAfterMs = 900_000): RecordedPayment {
  const payment = new RecordedPayment(createdState(), { inquiry, caseAfterMs });
  const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
  const begun = beginAuthorization(payment.state, createCommand(payment.state.payment), plan, 0);
  if (begun === null) throw new Error('it did not begin');
  payment.record(begun, 0);
  payment.writeAttempt(current(payment).currentAttempt ?? ('' as never), { state: 'sending' });
  return payment;
}

function current(payment: RecordedPayment): Operation {
  const [operation] = payment.state.operations;
  if (operation === undefined) throw new Error('there is no operation');
  return operation;
}

function conclude(payment: RecordedPayment, outcome: OutcomeClass, now: number): void {
  const made = concludeAttempt(payment.state, current(payment), {
    outcome,
    reason: null,
    now,
    captureBefore: now + DAY_MS,
  });
  if (made === null) throw new Error('nothing was concluded');
  payment.record(made, now);
}

const stepAt = (payment: RecordedPayment, now: number) =>
  viewOf(payment.state, now).operations[0]?.attempt?.onUnknown;

describe('an unknown authorization', () => {
  it('at an acquirer that can be asked is asked about for a day, then undone', () => {
    const payment = sent('by_reference');
    conclude(payment, 'ambiguous', 0);
    expect(current(payment)).toMatchObject({ phase: 'unknown', dueAt: 1_000 });
    expect(stepAt(payment, DAY_MS - 1)).toBe('inquire');
    expect(beginReversal(payment.state, current(payment), DAY_MS - 1)).toBeNull();
    expect(stepAt(payment, DAY_MS)).toBe('reverse');
    expect(beginReversal(payment.state, current(payment), DAY_MS)?.event).toBe('reversal_started');
  });

  it('at one that cannot be asked is undone at once', () => {
    const payment = sent('none');
    conclude(payment, 'ambiguous', 0);
    expect(current(payment)).toMatchObject({ phase: 'unknown', dueAt: 0 });
    expect(stepAt(payment, 0)).toBe('reverse');
  });
});

describe('the case of what is unknown', () => {
  it.each([
    ['by_reference', 'inquire'],
    ['none', 'reverse'],
  ] as const)('at an acquirer that is asked %s is opened when its own time is over', (inquiry, step) => {
    const payment = sent(inquiry, 60_000);
    conclude(payment, 'ambiguous', 0);
    expect(stepAt(payment, 59_999)).toBe(step);
    if (step === 'reverse') {
      const begun = beginReversal(payment.state, current(payment), 0);
      if (begun === null) throw new Error('it is not reversed');
      payment.record(begun, 0);
    }
    conclude(payment, 'ambiguous', 59_999);
    expect(payment.cases).toEqual([]);
    conclude(payment, 'ambiguous', 60_000);
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long', detail: 'unknown for 1 min' }]);
  });
});

describe('what the acquirer holds', () => {
  it('is asked about after growing pauses, and stays held while it cannot be asked', () => {
    const payment = sent('by_reference');
    conclude(payment, 'pending', 0);
    expect(current(payment)).toMatchObject({ phase: 'waiting', dueAt: 5_000, inquiries: 1 });
    expect(nextWork(viewOf(payment.state, 4_999), 4_999).kind).toBe('wait');
    expect(nextWork(viewOf(payment.state, 5_000), 5_000)).toMatchObject({ kind: 'resolve' });
    expect(stepAt(payment, 5_000)).toBe('inquire');
    conclude(payment, 'ambiguous', 5_000);
    expect(current(payment)).toMatchObject({ phase: 'waiting', dueAt: 15_000, inquiries: 2 });
    expect(payment.cases).toEqual([]);
    conclude(payment, 'pending', DAY_MS);
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
  });
});
