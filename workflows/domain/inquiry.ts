import { waitingPauseMs } from './backoff.ts';
import { reasonOf, type Change } from './change.ts';
import type { Conclusion } from './conclude.ts';
import { overdue } from './overdue.ts';
import type { AttemptKind, UnknownPolicy } from './outcome.ts';
import { waitingVoid, type Attempt, type Operation, type PaymentState } from './payment.ts';

/**
 * How an acquirer can be asked what became of something.
 * - none: not at all; what is unknown is reversed, repeated, or left to a person
 * - by_reference: by the name it gave before it carried anything out; asking changes nothing
 * - same_key: by the same message with the same key, while the key lives
 */
export const INQUIRY_KINDS = ['none', 'by_reference', 'same_key'] as const;
export type InquiryKind = (typeof INQUIRY_KINDS)[number];

/**
 * What settles an attempt whose answer never came (payment-rules: ambiguity by operation). Chosen by
 * what the acquirer can do, committed with the attempt before its first byte.
 */
export const POLICIES = {
  none: {
    authorization: 'reverse',
    sale: 'reverse',
    increment: 'reverse',
    capture: 'repeat',
    void: 'repeat',
    partial_void: 'repeat',
    refund: 'case',
    reversal: 'repeat',
  },
  by_reference: {
    authorization: 'inquire',
    sale: 'inquire',
    increment: 'reverse',
    capture: 'repeat',
    void: 'repeat',
    partial_void: 'repeat',
    refund: 'repeat',
    reversal: 'repeat',
  },
  same_key: {
    authorization: 'repeat',
    sale: 'repeat',
    increment: 'repeat',
    capture: 'repeat',
    void: 'repeat',
    partial_void: 'repeat',
    refund: 'repeat',
    reversal: 'repeat',
  },
} as const satisfies Record<InquiryKind, Record<AttemptKind, UnknownPolicy>>;

/** After this long without an answer to any question an authorization is undone (ms). */
const INQUIRE_FOR_MS = 24 * 3_600_000;
/** An acquirer that reports by itself is given this long before a person has to look (ms). */
const WAITING_CASE_AFTER_MS = 24 * 3_600_000;

/**
 * What to do now about an attempt that is unknown, or that the acquirer holds. An authorization that
 * can be asked about is undone only if the merchant wants that, if its approval may not be kept, or
 * if asking for a day has told nothing.
 */
export function stepWhenUnknown(
  state: PaymentState,
  operation: Operation,
  attempt: Attempt,
  now: number,
): UnknownPolicy {
  const authorizing = attempt.kind === 'authorization' || attempt.kind === 'sale';
  const unwanted = authorizing && (operation.failureCode !== null || waitingVoid(state) !== null);
  if (operation.phase === 'waiting') return unwanted ? 'reverse' : 'inquire';
  // Repeating is how an authorization is asked about where there is no reading.
  const asked = attempt.onUnknown === 'inquire' || (authorizing && attempt.onUnknown === 'repeat');
  if (!asked) {
    // An approval that may not be kept is undone, however its silence would have been settled.
    return authorizing && operation.failureCode !== null ? 'reverse' : attempt.onUnknown;
  }
  if (unwanted) return 'reverse';
  return now - (operation.unknownSince ?? now) >= INQUIRE_FOR_MS ? 'reverse' : attempt.onUnknown;
}

/** The acquirer holds the request and will report: it is not sent again, only asked about, less and less often. */
export function concludeWaiting(
  base: Change,
  operation: Operation,
  attempt: Attempt,
  { now, reason }: Conclusion,
): Change {
  const since = operation.unknownSince ?? now;
  return {
    ...base,
    operations: [
      {
        ...operation,
        phase: 'waiting',
        dueAt: now + waitingPauseMs(operation.inquiries),
        unknownSince: since,
        reason: reasonOf(operation, reason),
        inquiries: operation.inquiries + 1,
      },
    ],
    cases: now - since < WAITING_CASE_AFTER_MS ? [] : overdue(operation, attempt, since, now),
  };
}
