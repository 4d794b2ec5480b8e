import { ApplicationFailure } from '@temporalio/common';
import type { AttemptKind } from '../../domain/outcome.ts';
import type { AcquirerActivities, AttemptRef, CallResult } from '../../ports/acquirer.ts';
import type { PaymentRef } from '../../ports/ledger.ts';
import type { BenchPayment } from './bench-payment.ts';

/**
 * The acquirer port as the adapters keep it: an attempt is sent when it is planned, or when it is
 * `sending` and its policy is to repeat; its row is written before the call ends. What the
 * acquirer does with what is sent, the payment's script says.
 */
export function createScriptedAcquirer(find: (ref: PaymentRef) => BenchPayment): AcquirerActivities {
  async function call(ref: AttemptRef): Promise<CallResult> {
    const payment = find(ref);
    const { state, kind, onUnknown, outcome, responseCode } = payment.attempt(ref.attempt);
    switch (state) {
      case 'answered':
        return { outcome: outcome ?? 'ambiguous', responseCode, reason: null };
      case 'fenced':
        return result('retryable', 'the attempt was fenced before it was sent');
      case 'reversing':
      case 'reversed':
        return result('ambiguous', `the attempt is ${state}`);
      case 'planned':
        return send(payment, ref, kind, false);
      case 'sending':
        return onUnknown === 'repeat'
          ? send(payment, ref, kind, true)
          : result('ambiguous', 'never sent twice');
    }
  }

  /** What became of a sent attempt, as the script knows it; nothing is sent. */
  async function inquire(ref: AttemptRef): Promise<CallResult> {
    const payment = find(ref);
    const { state, outcome, responseCode } = payment.attempt(ref.attempt);
    if (state !== 'sending') return call(ref);
    payment.inquiries.push(ref.attempt);
    const found = await payment.inquiring(ref.attempt);
    switch (found.as) {
      case 'approved':
      case 'declined':
      case 'not_executed':
        payment.writeAttempt(ref.attempt, {
          state: 'answered',
          outcome: found.as === 'not_executed' ? 'retryable' : found.as,
          responseCode: found.as === 'declined' ? found.code : responseCode,
          ...(found.as === 'approved' ? { approvedAmount: payment.attempt(ref.attempt).amount } : {}),
        });
        return result(found.as === 'not_executed' ? 'retryable' : found.as, 'found');
      case 'pending':
        return result('pending', 'the acquirer holds it');
      case 'unknown':
        return result(outcome ?? 'ambiguous', 'no answer to the question');
    }
  }

  return { authorize: call, capture: call, void: call, refund: call, reverse: call, inquire };
}

async function send(
  payment: BenchPayment,
  { attempt: id }: AttemptRef,
  kind: AttemptKind,
  repeated: boolean,
): Promise<CallResult> {
  const made = { kind, attempt: id, time: payment.calls.filter(({ attempt }) => attempt === id).length + 1 };
  payment.calls.push(made);
  const reply = await payment.answering(made);
  switch (reply.as) {
    case 'approved':
    case 'declined': {
      const responseCode = reply.as === 'approved' ? '00' : reply.code;
      // "Not found" to a reversal is no end: the same reversal must be able to ask again.
      const open = kind === 'reversal' && reply.as === 'declined';
      payment.writeAttempt(id, {
        responseCode,
        ...(open ? { state: 'sending' } : { state: 'answered', outcome: reply.as }),
        ...(reply.as === 'declined' ? { remedy: reply.remedy ?? null } : {}),
        ...(reply.as === 'approved' ? { approvedAmount: reply.amount ?? payment.attempt(id).amount } : {}),
      });
      return { outcome: reply.as, responseCode, reason: null };
    }
    case 'pending':
      payment.writeAttempt(id, { state: 'sending' });
      return result('pending', 'the acquirer holds it');
    case 'not_sent':
      return result(repeated ? 'ambiguous' : 'retryable', 'no connection');
    case 'lost':
      payment.writeAttempt(id, { state: 'sending' });
      return result('ambiguous', 'no answer');
    case 'moved':
      payment.writeAttempt(id, { state: 'fenced' });
      return result('ambiguous', 'its row was moved on');
    case 'thrown':
      if (reply.sent) payment.writeAttempt(id, { state: 'sending' });
      throw ApplicationFailure.nonRetryable(`attempt ${id} met a bug`, 'AttemptBug');
  }
}

const result = (outcome: CallResult['outcome'], reason: string): CallResult => ({
  outcome,
  responseCode: null,
  reason,
});
