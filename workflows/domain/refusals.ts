import { change, type Change } from './change.ts';
import { formatMoney } from './money.ts';
import {
  attemptOf,
  capturable,
  pendingOperations,
  refundable,
  undoesAnother,
  type AdoptionBody,
  type Command,
  type Operation,
  type PaymentState,
  type ReportBody,
} from './payment.ts';
import type { Refusal, RefusalCode } from './problem.ts';

export function refuse(command: Command, code: RefusalCode, detail: string): Change {
  return {
    ...change(`refuse:${command.id}`, `${command.body.kind}_refused`),
    refusals: [{ command: command.id, refusal: { code, detail } }],
  };
}

/** Whoever asked for an operation is answered so. */
export function refuseAskers(
  { commands }: PaymentState,
  operation: Pick<Operation, 'id'> | null,
  refusal: Refusal,
): Change['refusals'] {
  return commands
    .filter((one) => one.operation === operation?.id)
    .map(({ id }) => ({ command: id, refusal }));
}

/**
 * A review ends without a person, or by another one's word: a decision that comes after must not be told that it
 * was carried out. `decidedBy`: the command that ended it.
 */
export function refuseOtherReviews(
  { payment, commands }: PaymentState,
  how: string,
  decidedBy: Command | null,
): Change['refusals'] {
  if (payment.review !== 'open') return [];
  return commands
    .filter(({ id, body }) => body.kind === 'review' && id !== decidedBy?.id)
    .map(({ id }) => ({
      command: id,
      refusal: {
        code: 'review_not_open' as const,
        detail: `the review of ${payment.id} was ${how} before this decision was reached`,
      },
    }));
}

/** What a review is when the hold that it is about is gone: there is nothing left to decide. */
export function endedReview({ payment }: PaymentState): Partial<Change['payment']> {
  return payment.review === 'open' ? { review: 'rejected', reviewBy: null } : {};
}

/** @param operations that it waits for: all but what undoes the approval of another authorization. */
export function refusePending(
  state: PaymentState,
  asked: string,
  operations: readonly Operation[] = pendingOperations(state).filter((one) => !undoesAnother(state, one)),
): Refusal | null {
  const [pending] = operations;
  if (pending === undefined) return refuseUnproven(state, asked);
  return {
    code: 'operation_pending',
    detail: `${asked} of ${state.payment.id} must wait: ${pending.kind} ${pending.id} is not finished; ask again after its event`,
  };
}

/** A person said that something was not executed, and its acquirer has not: until then nothing else moves money. */
function refuseUnproven(state: PaymentState, asked: string): Refusal | null {
  const unproven = state.operations.find(({ resolution, currentAttempt }) => {
    const attempt = attemptOf(state, currentAttempt)?.state;
    return resolution === 'not_executed' && (attempt === 'sending' || attempt === 'reversing');
  });
  if (unproven === undefined) return null;
  return {
    code: 'operation_pending',
    detail: `${asked} of ${state.payment.id} must wait: ${unproven.kind} ${unproven.id} was called not executed by a person, and its acquirer has not said so`,
  };
}

/** Why what is held can be neither captured nor increased now; null when it can. */
export function refuseHeld(
  state: PaymentState,
  now: number,
  words: {
    /** As in "a capture of pay_1 must wait". */
    readonly asked: string;
    readonly code: RefusalCode;
    /** As in "nothing is held that could be captured". */
    readonly done: string;
  },
): Refusal | null {
  const { payment } = state;
  const { id, captureBefore } = payment;
  if (
    payment.authorizationState === 'expired' ||
    (payment.authorizationState === 'held' && captureBefore !== null && now >= captureBefore)
  ) {
    return {
      code: 'authorization_expired',
      detail: `the authorization of ${id} can no longer be ${words.done}; create a new payment`,
    };
  }
  // Not "later": once the rest is given back there is nothing to ask again for.
  if (pendingOperations(state).some(({ kind }) => kind === 'release')) {
    return {
      code: words.code,
      detail: `the last capture of ${id} was made: what it left is being released and can no longer be ${words.done}`,
    };
  }
  const pending = refusePending(state, words.asked);
  if (pending !== null) return pending;
  if (payment.authorizationState !== 'held') {
    return {
      code: words.code,
      detail: `${id} is ${payment.status}: nothing is held that could be ${words.done}`,
    };
  }
  if (payment.review === 'open') {
    return {
      code: 'review_open',
      detail: `${id} is in review: it can be ${words.done} once the review is approved`,
    };
  }
  if (payment.review === 'rejected') {
    return { code: words.code, detail: `the review of ${id} was rejected: void it instead` };
  }
  return null;
}

export function refuseCapture(state: PaymentState, amount: bigint, now: number): Refusal | null {
  const { payment } = state;
  const { id, currency } = payment;
  const refused = refuseHeld(state, now, {
    asked: 'a capture',
    code: 'payment_not_capturable',
    done: 'captured',
  });
  if (refused !== null) return refused;
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

export function refuseRefund(state: PaymentState, amount: bigint): Refusal | null {
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
  { kind, acquirerReference, reason }: ReportBody | AdoptionBody,
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
