import { expect, it } from 'vitest';
import { beginAuthorization, beginFollowUp } from './begin.ts';
import { concludeAttempt } from './conclude.ts';
import type { OutcomeClass } from './outcome.ts';
import { operationOf, type Operation } from './payment.ts';
import { beginReversal } from './reversal.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { nextWork, viewOf } from './view.ts';

/** The promise: no word of a person ends what machines must go on with. */
const EVIDENCE = 'report of 21 Nov, line 7';

function current({ state }: RecordedPayment): Operation {
  const [operation] = state.operations;
  if (operation === undefined) throw new Error('there is no operation');
  return operation;
}

function conclude(payment: RecordedPayment, outcome: OutcomeClass, now: number): void {
  const conclusion = { outcome, reason: null, now, captureBefore: 1_000_000 };
  const made = concludeAttempt(payment.state, current(payment), conclusion);
  if (made === null) throw new Error('nothing was concluded');
  payment.record(made, now);
}

function send(payment: RecordedPayment): void {
  const { currentAttempt } = current(payment);
  if (currentAttempt === null) throw new Error('nothing is planned');
  payment.writeAttempt(currentAttempt, { state: 'sending' });
}

/** An authorization whose first reversal got no answer either. */
function reversing(): RecordedPayment {
  const payment = new RecordedPayment(createdState());
  const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
  const begun = beginAuthorization(payment.state, createCommand(payment.state.payment), plan, 0);
  if (begun === null) throw new Error('it did not begin');
  payment.record(begun, 0);
  send(payment);
  conclude(payment, 'ambiguous', 0);
  const undone = beginReversal(payment.state, current(payment), 0);
  if (undone === null) throw new Error('it is not reversed');
  payment.record(undone, 0);
  send(payment);
  conclude(payment, 'ambiguous', 1_000);
  return payment;
}

it.each(['not_executed', 'executed'] as const)(
  'an authorization that is being reversed cannot be called %s: its reversal is repeated until it is acknowledged',
  (outcome) => {
    const payment = reversing();
    const { id, currentAttempt } = current(payment);
    if (currentAttempt === null) throw new Error('it has no reversal');
    const command = payment.ask({
      kind: 'resolution',
      resolves: id,
      attempt: currentAttempt,
      outcome,
      evidence: EVIDENCE,
    });
    const made = beginFollowUp(payment.state, command, 2_000);
    if (made === null) throw new Error('the resolution was not taken');
    payment.record(made, 2_000);
    expect(payment.refusals.get(command.id)).toMatchObject({ code: 'operation_not_unknown' });
    expect(operationOf(payment.state, id)).toMatchObject({ state: 'pending', phase: 'reversing' });

    const { dueAt } = current(payment);
    if (dueAt === null) throw new Error('nobody asks again');
    expect(nextWork(viewOf(payment.state, dueAt), dueAt)).toMatchObject({
      kind: 'resolve',
      attempt: { id: currentAttempt, kind: 'reversal' },
    });
    payment.writeAttempt(currentAttempt, { state: 'answered', outcome: 'approved', responseCode: '00' });
    conclude(payment, 'approved', dueAt);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'reversed_unknown' });
    expect(payment.liveAuthorizations).toEqual([]);
  },
);
