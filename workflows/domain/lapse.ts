import { change, concluded, type Change } from './change.ts';
import { capturable, pendingOperations, type Operation, type PaymentState } from './payment.ts';
import { endedReview, refuseOtherReviews } from './refusals.ts';
import { CLEARING_MARGIN_MS } from './validity.ts';

/**
 * When what is held counts as gone although its release was never acknowledged (epoch ms): one clearing
 * margin after the authorization's end (payment-rules: authorization validity). Null for what releases
 * nothing, and while a message is on its way.
 */
export function lapsesAt({ payment }: PaymentState, { kind, phase }: Operation): number | null {
  const { captureBefore, authorizationState } = payment;
  if (authorizationState !== 'held' || captureBefore === null || !RELEASING.has(kind)) return null;
  if (phase !== 'unknown' && phase !== 'case' && phase !== 'ready') return null;
  // Capturing closes a margin before the end; the hold is given up a margin after it.
  return captureBefore + 2 * CLEARING_MARGIN_MS;
}

const RELEASING: ReadonlySet<Operation['kind']> = new Set(['release', 'void', 'expiry']);

/**
 * Gives up a release that nobody acknowledged: the issuer has let the money go by itself by now. The
 * memo goes; that it was never acknowledged stays with the operation and its case. Null while it is not
 * time, or nothing is being released.
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
    postings: [
      {
        event: 'expired',
        amount: capturable(payment),
        operation: operation.id,
        attempt: operation.currentAttempt,
      },
    ],
    events: [
      {
        type: operation.kind === 'release' ? 'payment.captured' : 'payment.expired',
        operation: operation.id,
      },
    ],
    refusals: [
      ...state.commands
        .filter((command) => command.operation === operation.id)
        .map(({ id }) => ({
          command: id,
          refusal: {
            code: 'void_refused' as const,
            detail: `the acquirer never acknowledged the release of ${payment.id}; its authorization has run out by itself`,
          },
        })),
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
