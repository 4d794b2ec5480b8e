import { change, concluded, type Change, type EventType } from './change.ts';
import {
  capturable,
  pendingOperations,
  type Operation,
  type OperationKind,
  type OperationPhase,
  type PaymentState,
} from './payment.ts';
import { endedReview, refuseAskers, refuseOtherReviews } from './refusals.ts';
import { CLEARING_MARGIN_MS } from './validity.ts';

/**
 * In which phases an operation ends with the hold that it is about: where nothing of it is on its way, and it may
 * never be acknowledged. A release for ever silent, refused, or received and never reported on; an authorization
 * that is being renewed, and whose reversal is; an increment, or its reversal. Nothing else can end these, and
 * while they last nothing can be captured, released or expired.
 */
const LAPSES_IN: Partial<Readonly<Record<OperationKind, readonly OperationPhase[]>>> = {
  release: ['unknown', 'case', 'ready', 'waiting'],
  void: ['unknown', 'case', 'ready', 'waiting'],
  expiry: ['unknown', 'case', 'ready', 'waiting'],
  reauthorize: ['reversing'],
  increment: ['unknown', 'reversing', 'waiting'],
};

/**
 * When what is held counts as gone although its release was never acknowledged (epoch ms): one clearing
 * margin after the authorization's end (payment-rules: authorization validity). Null for what keeps no hold,
 * and while a message is on its way.
 */
export function lapsesAt({ payment }: PaymentState, { kind, phase }: Operation): number | null {
  const { captureBefore, authorizationState } = payment;
  if (authorizationState !== 'held' || captureBefore === null) return null;
  if (LAPSES_IN[kind]?.includes(phase) !== true) return null;
  // Capturing closes a margin before the end; the hold is given up a margin after it.
  return captureBefore + 2 * CLEARING_MARGIN_MS;
}

/**
 * Gives up what nobody acknowledged: the issuer has let the money go by itself by now. The memo goes; that it
 * was never acknowledged stays with the operation and its case, and an attempt that is being reversed stays so.
 * Null while it is not time, or nothing keeps the hold.
 */
export function lapseHold(state: PaymentState, now: number): Change | null {
  const { payment } = state;
  const operation = pendingOperations(state).find((one) => {
    const at = lapsesAt(state, one);
    return at !== null && at <= now;
  });
  if (operation === undefined) return null;
  return {
    ...change(`lapse:${operation.id}`, 'hold_lapsed'),
    payment: {
      authorizationState: 'expired',
      ...endedReview(state),
    },
    operations: [concluded(operation, 'failed', now, { failureCode: 'not_acknowledged' })],
    // No machine has answered: what was put before a person stays there.
    answers: [],
    postings: [
      {
        event: 'expired',
        amount: capturable(payment),
        operation: operation.id,
        attempt: operation.currentAttempt,
      },
    ],
    events: eventsOf(operation).map((type) => ({ type, operation: operation.id })),
    refusals: [
      // Whoever asked for one of the others is answered with what it came to.
      ...refuseAskers(state, operation.kind === 'void' ? operation : null, {
        code: 'void_refused',
        detail: `the acquirer never acknowledged the release of ${payment.id}; its authorization has run out by itself`,
      }),
      ...refuseOtherReviews(state, 'ended by the end of its authorization', null),
    ],
    // Of one that was refused there is a case already.
    cases:
      operation.phase === 'case'
        ? []
        : [
            {
              kind: 'unknown_too_long',
              operation: operation.id,
              attempt: operation.currentAttempt,
              detail:
                'never acknowledged; the authorization has run out meanwhile and nothing counts as held',
            },
          ],
  };
}

function eventsOf({ kind }: Operation): readonly EventType[] {
  switch (kind) {
    case 'release':
      return ['payment.captured'];
    case 'reauthorize':
      return ['payment.reauthorization_failed', 'payment.expired'];
    case 'increment':
      return ['payment.increment_failed', 'payment.expired'];
    case 'authorize':
    case 'capture':
    case 'void':
    case 'expiry':
    case 'refund':
    case 'undo':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return ['payment.expired'];
  }
}
