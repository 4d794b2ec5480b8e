import { describe, expect, it } from 'vitest';
import { beginAuthorization } from './begin.ts';
import { concludeAttempt } from './conclude.ts';
import { endedAttempt, type EndedAttempt } from './ended-attempt.ts';
import type { OutcomeClass } from './outcome.ts';
import { pendingOperations } from './payment.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';

/** The promise: each call counts once, however often it is asked about and however often a step runs. */
function authorizing(): RecordedPayment {
  const made = new RecordedPayment(createdState(), { inquiry: 'by_reference' });
  const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
  const begun = beginAuthorization(made.state, createCommand(made.state.payment), plan, 0);
  if (begun !== null) made.record(begun, 0);
  return made;
}

function conclude(made: RecordedPayment, outcome: OutcomeClass): EndedAttempt | null {
  const [operation] = made.state.operations;
  if (operation?.currentAttempt == null) throw new Error('nothing is authorized');
  const answered = outcome === 'approved';
  made.writeAttempt(operation.currentAttempt, {
    state: answered ? 'answered' : 'sending',
    ...(answered ? { outcome, approvedAmount: operation.amount } : {}),
  });
  const ended = endedAttempt(made.state, operation, outcome, false);
  const change = concludeAttempt(made.state, operation, { outcome, reason: null, now: 0, captureBefore: 1 });
  if (change !== null) made.record(change, 0);
  return ended;
}

describe('what others learn from a call', () => {
  it('is that it ended, and once; what is learned by asking is told as such', () => {
    const made = authorizing();
    const told = (['ambiguous', 'ambiguous', 'ambiguous', 'approved'] as const).map((outcome) =>
      conclude(made, outcome),
    );
    expect(told.map((ended) => [ended?.outcome, ended?.asked])).toEqual([
      ['ambiguous', false],
      ['ambiguous', true],
      ['ambiguous', true],
      ['approved', true],
    ]);
  });

  it('is nothing when the step that wrote its end runs again', () => {
    const made = authorizing();
    expect(conclude(made, 'approved')).not.toBeNull();
    expect(pendingOperations(made.state)).toEqual([]);
    expect(conclude(made, 'approved')).toBeNull();
  });
});
