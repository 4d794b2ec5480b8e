import { change, newOperation, type Change } from './change.ts';
import { automaticCaptureIdOf, reviewVoidIdOf } from './ids.ts';
import { waitsBesideHold } from './pause.ts';
import { capturable, pendingOperations, type Command, type PaymentState } from './payment.ts';
import { refuse, refuseOtherReviews, refusePending } from './refusals.ts';

export function decideReview(
  state: PaymentState,
  command: Command,
  decision: 'approve' | 'reject',
  now: number,
): Change {
  const { payment } = state;
  if (payment.review !== 'open') {
    return refuse(
      command,
      'review_not_open',
      `${payment.id} is ${payment.status}: there is no review to decide`,
    );
  }
  // It has ended by then, though nobody has written it yet.
  if (decision === 'approve' && payment.reviewBy !== null && now >= payment.reviewBy) {
    return refuse(
      command,
      'review_not_open',
      `the review of ${payment.id} ended at ${new Date(payment.reviewBy).toISOString()}: what it held is released`,
    );
  }
  const pending = refusePending(state, 'the review');
  if (pending !== null) return refuse(command, pending.code, pending.detail);
  return endReview(
    state,
    `begin:${command.operation}:${command.id}`,
    decision === 'approve' ? 'approved' : 'rejected',
    command,
    now,
  );
}

function endReview(
  state: PaymentState,
  cause: string,
  review: 'approved' | 'rejected',
  decidedBy: Command | null,
  now: number,
): Change {
  const { payment } = state;
  const begun = {
    ...change(cause, `review_${review}`),
    payment: { review, reviewBy: null },
    refusals: refuseOtherReviews(state, review, decidedBy),
  };
  if (review === 'rejected') {
    return {
      ...begun,
      operations: [newOperation(reviewVoidIdOf(payment.id), 'void', capturable(payment), now)],
    };
  }
  // With automatic capture the capture is what is told.
  if (payment.captureMethod === 'manual')
    return { ...begun, events: [{ type: 'payment.authorized', operation: null }] };
  return {
    ...begun,
    operations: [newOperation(automaticCaptureIdOf(payment.id), 'capture', capturable(payment), now)],
  };
}

/** A review that nobody decided in time ends as a rejection: the hold is released. */
export function lapseReview(state: PaymentState, now: number): Change | null {
  const { payment } = state;
  if (payment.authorizationState !== 'held' || payment.review !== 'open') return null;
  if (payment.reviewBy === null || now < payment.reviewBy) return null;
  if (pendingOperations(state).some((one) => !waitsBesideHold(state, one))) return null;
  return endReview(state, 'review_lapsed', 'rejected', null, now);
}
