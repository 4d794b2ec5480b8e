import { change, type Change } from './change.ts';
import { formatMoney } from './money.ts';
import {
  capturable,
  pendingOperations,
  refundable,
  type Command,
  type PaymentState,
  type ReportBody,
} from './payment.ts';
import type { RefusalCode } from './problem.ts';

interface Refused {
  readonly code: RefusalCode;
  readonly detail: string;
}

export function refuse(command: Command, code: RefusalCode, detail: string): Change {
  return {
    ...change(`refuse:${command.id}`, `${command.body.kind}_refused`),
    refusals: [{ command: command.id, refusal: { code, detail } }],
  };
}

export function refusePending(state: PaymentState, asked: string): Refused | null {
  const [pending] = pendingOperations(state);
  if (pending === undefined) return null;
  return {
    code: 'operation_pending',
    detail: `${asked} of ${state.payment.id} must wait: ${pending.kind} ${pending.id} is not finished; ask again after its event`,
  };
}

export function refuseCapture(state: PaymentState, amount: bigint, now: number): Refused | null {
  const { payment } = state;
  const { id, currency, captureBefore } = payment;
  if (
    payment.authorizationState === 'expired' ||
    (payment.authorizationState === 'held' && captureBefore !== null && now >= captureBefore)
  ) {
    return {
      code: 'authorization_expired',
      detail: `the authorization of ${id} can no longer be captured; create a new payment`,
    };
  }
  const pending = refusePending(state, 'a capture');
  if (pending !== null) return pending;
  if (payment.authorizationState !== 'held') {
    return {
      code: 'payment_not_capturable',
      detail: `${id} is ${payment.status}: nothing is held that could be captured`,
    };
  }
  if (payment.review === 'open') {
    return {
      code: 'review_open',
      detail: `${id} is in review: it can be captured once the review is approved`,
    };
  }
  if (payment.review === 'rejected') {
    return { code: 'payment_not_capturable', detail: `the review of ${id} was rejected: void it instead` };
  }
  const left = capturable(payment);
  if (amount > left || left === 0n) {
    return {
      code: 'capture_exceeds_authorized',
      detail:
        `capture of ${formatMoney({ minor: amount, currency })} exceeds the ${formatMoney({ minor: left, currency })} still capturable on ${id} ` +
        `(authorized ${formatMoney({ minor: payment.amountAuthorized, currency })}, captured ${formatMoney({ minor: payment.amountCaptured, currency })})`,
    };
  }
  return null;
}

export function refuseRefund(state: PaymentState, amount: bigint): Refused | null {
  const { payment } = state;
  const { id, currency } = payment;
  const pending = refusePending(state, 'a refund');
  if (pending !== null) return pending;
  if (payment.amountCaptured === 0n) {
    return {
      code: 'payment_not_refundable',
      detail: `${id} is ${payment.status}: nothing was captured; void it instead`,
    };
  }
  const left = refundable(payment);
  if (amount > left || left === 0n) {
    return {
      code: 'refund_exceeds_captured',
      detail:
        `refund of ${formatMoney({ minor: amount, currency })} exceeds the ${formatMoney({ minor: left, currency })} still refundable on ${id} ` +
        `(captured ${formatMoney({ minor: payment.amountCaptured, currency })}, refunded ${formatMoney({ minor: payment.amountRefunded, currency })})`,
    };
  }
  return null;
}

/**
 * An acquirer reports what our record says cannot be. Nothing is posted that the amounts could not
 * say truly; the report is refused, and a person is given the facts.
 */
export function contradict(
  command: Command,
  { kind, acquirerReference, reason }: ReportBody,
  code: RefusalCode,
  facts: string,
): Change {
  const detail = `${facts}; nothing was posted: settle it with the acquirer`;
  const source = `${kind} ${acquirerReference} (${reason ?? 'no reason given'})`;
  return {
    ...refuse(command, code, detail),
    cases: [
      {
        kind: 'report_contradicts',
        operation: command.operation,
        attempt: null,
        detail: `${source}: ${detail}`,
      },
    ],
  };
}
