import type { IncomingHttpHeaders } from 'node:http';
import type { AttemptId, OperationId } from '../../workflows/domain/ids.ts';
import type { Operation } from '../../workflows/domain/payment.ts';
import type { AttemptAnswer, AttemptRecord } from './attempts.ts';

/** What of an item is signed and read by us, as JSON. What is not signed never gets in here. */
export type EventItem = Readonly<Record<string, unknown>>;

/** One thing that an acquirer tells by itself, proven to come from it. */
export interface SignedItem {
  /** The acquirer's own name of this telling (1 to 255 characters): under it, it is stored once. */
  readonly dedupeKey: string;
  /** For people and logs, 1 to 100 characters. */
  readonly type: string;
  readonly occurredAt: Date | null;
  readonly item: EventItem;
}

export type Verification =
  | { readonly type: 'verified'; readonly items: readonly SignedItem[] }
  /** Nothing of it is kept. `unsigned` = nobody knows who sent it; `unreadable` = signed, and no event. */
  | { readonly type: 'refused'; readonly because: 'unsigned' | 'unreadable' };

/**
 * Proves that a request comes from the acquirer, in constant time, and takes it apart. Pure.
 * @param rawBody the very bytes that came.
 * @param secrets those that may have signed it, one of them while they are changed.
 * @param now epoch ms.
 */
export type VerifyEvents = (
  rawBody: Buffer,
  headers: IncomingHttpHeaders,
  secrets: readonly string[],
  now: number,
) => Verification;

/** What an item is about, by names: the payment is found by any of them, on that account. */
export interface EventSubject {
  /** The merchant account at the acquirer (merchant_acquirer_accounts.merchant_account). */
  readonly account: string;
  /** Names that the acquirer gave. */
  readonly references: readonly string[];
  /** Names of ours that the acquirer repeats: attempts. */
  readonly attempts: readonly string[];
}

/** An attempt of the payment, as its adapter knows attempts. */
export interface KnownAttempt extends AttemptRecord {
  readonly id: AttemptId;
  readonly operation: OperationId;
}

/** The payment that an item is about, as far as reading it takes. */
export interface Standing {
  /** At this acquirer, in the order in which they were planned. */
  readonly attempts: readonly KnownAttempt[];
  readonly operations: readonly Operation[];
  readonly currency: string;
  /** The attempt whose approval holds the money now; null when none does. */
  readonly holding: AttemptId | null;
  /** Minor units. */
  readonly captured: bigint;
  /** Taken as well with what holds the money now, and given back because nobody owned it. Minor units. */
  readonly undone: bigint;
  /** What this acquirer told about the same payment in other items, in no order that means anything. */
  readonly told: readonly EventItem[];
}

/** What an item says of a payment, in this system's words. Amounts in minor units of the payment's currency. */
export type Told =
  /** How a message of ours ended. Only what is an end: approved, declined, or certainly not executed. */
  | { readonly type: 'answer'; readonly attempt: AttemptId; readonly answer: AttemptAnswer }
  /** A capture or refund that had succeeded has failed. */
  | {
      readonly type: 'withdrawal';
      readonly withdraws: OperationId;
      readonly reference: string;
      readonly reason: string | null;
    }
  /** Something that is no attempt of ours. */
  | {
      readonly type: 'adoption';
      readonly what: 'capture' | 'refund' | 'void';
      readonly amount: bigint | null;
      /** The authorization that it was done to; null where it is not said. */
      readonly of: AttemptId | null;
      readonly reference: string;
      readonly reason: string | null;
    }
  | {
      readonly type: 'chargeback' | 'chargeback_reversal';
      readonly amount: bigint;
      /** What the acquirer takes for it; null when it says nothing. */
      readonly fee: bigint | null;
      readonly reference: string;
      readonly reason: string | null;
    }
  /** It cannot be, or is not understood: somebody should look. */
  | { readonly type: 'alarm'; readonly reason: string };

/**
 * How an adapter reads what was stored: two pure functions. Arrival order means nothing to them: what
 * they tell follows from what the item says and from where the payment stands.
 */
export interface EventReader {
  /** Null when it tells nothing that we keep. @throws RangeError when it is not an item of this adapter. */
  subjectOf(item: EventItem): EventSubject | null;
  tell(item: EventItem, standing: Standing): readonly Told[];
}
