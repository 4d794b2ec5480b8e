import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginFollowUp } from '../../workflows/domain/begin.ts';
import { change, type Change } from '../../workflows/domain/change.ts';
import { concludeAttempt } from '../../workflows/domain/conclude.ts';
import type { AttemptId } from '../../workflows/domain/ids.ts';
import { attemptOf, pendingOperations, type PaymentState } from '../../workflows/domain/payment.ts';
import {
  ACCEPTED,
  ACCOUNT,
  CARD,
  createCommand,
  createdState,
} from '../../workflows/domain/testing/payments.ts';
import { RecordedPayment } from '../../workflows/domain/testing/recorded-payment.ts';
import { changeDocument, type RecordContext } from './record.ts';

/** The promise: what is posted lies in the accounts of the acquirer that has the money, and in nobody's else. */
const NOW = 1_000;
const ANSWER = { reason: null, now: NOW, captureBefore: 1_000_000 };

/** The accounts of acquirers that a change moves, with amounts. */
function receivables(before: PaymentState, made: Change, acquirer: string | null): readonly string[] {
  const placed =
    acquirer === null ? null : { acquirer, account: ACCOUNT, wire: {}, onUnknown: 'repeat' as const };
  const context: RecordContext = {
    at: NOW,
    workflowRunId: 'run',
    activity: null,
    placed,
    route: null,
  };
  const document = changeDocument(before, made, context) as unknown as {
    transactions: readonly { legs: readonly { code: string; amount: string }[] }[];
  };
  return document.transactions
    .flatMap(({ legs }) => legs)
    .filter(({ code }) => code.startsWith('acquirer_'))
    .map(({ code, amount }) => `${code} ${amount}`);
}

function made(change: Change | null): Change {
  if (change === null) throw new Error('nothing was decided');
  return change;
}

/** A sale that acquirer-1 declined. */
function declined(): { readonly payment: RecordedPayment; readonly attempt: AttemptId } {
  const payment = new RecordedPayment(createdState({ captureMethod: 'automatic' }));
  const command = createCommand(payment.state.payment);
  const plan = { card: CARD, risk: ACCEPTED, singleMessage: true };
  payment.record(made(beginAuthorization(payment.state, command, plan, NOW)), NOW);
  const [operation] = pendingOperations(payment.state);
  const attempt = attemptOf(payment.state, operation?.currentAttempt ?? null);
  if (operation === undefined || attempt === null) throw new Error('nothing is under way');
  payment.writeAttempt(attempt.id, { state: 'answered', outcome: 'declined' });
  payment.record(made(concludeAttempt(payment.state, operation, { ...ANSWER, outcome: 'declined' })), NOW);
  return { payment, attempt: attempt.id };
}

describe('a sale that nobody owns', () => {
  it('is taken and given back where its attempt was, though the payment stands nowhere', () => {
    const { payment, attempt } = declined();
    const command = payment.ask({
      kind: 'late_answer',
      attempt,
      outcome: 'approved',
      approvedAmount: 9_000n,
      acquirerReference: `${attempt}:approved`,
      reason: null,
    });
    const undoing = made(beginFollowUp(payment.state, command, NOW));
    expect(receivables(payment.state, undoing, 'acquirer-1')).toEqual([
      'acquirer_receivable:acquirer-1 9000',
    ]);
    payment.record(undoing, NOW);
    const [operation] = pendingOperations(payment.state);
    if (operation?.currentAttempt == null) throw new Error('nothing is being undone');
    payment.writeAttempt(operation.currentAttempt, { state: 'answered', outcome: 'approved' });
    const undone = made(concludeAttempt(payment.state, operation, { ...ANSWER, outcome: 'approved' }));
    expect(receivables(payment.state, undone, null)).toEqual(['acquirer_receivable:acquirer-1 -9000']);
  });
});

it('what is nobody’s is not posted to an account of no acquirer', () => {
  const { payment } = declined();
  const [operation] = payment.state.operations;
  if (operation === undefined) throw new Error('there is no operation');
  const posting = { amount: 1n, operation: operation.id, attempt: null };
  const orphan = { ...change('test', 'test'), postings: [{ event: 'charged_back' as const, ...posting }] };
  expect(() => receivables(payment.state, orphan, null)).toThrow(RangeError);
});
