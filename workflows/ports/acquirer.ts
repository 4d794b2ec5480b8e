import type { AttemptId, MerchantId, PaymentId } from '../domain/ids.ts';
import type { OutcomeClass } from '../domain/outcome.ts';

/** Names an attempt row; everything that goes on the wire is in that row and the vault. */
export interface AttemptRef {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly attempt: AttemptId;
}

/** A call of an attempt. */
export interface AttemptCall extends AttemptRef {
  /** Its right to have the card's number; histories from before there were grants have none. No secret by itself. */
  readonly grant?: string;
}

/**
 * How a call at an acquirer ended. The answer itself is in the attempt row, written by the adapter
 * in the same transaction that made the attempt `answered`; this is only what the workflow decides by.
 */
export interface CallResult {
  readonly outcome: OutcomeClass;
  /** The acquirer's response code where there is one, for the reader of the history. */
  readonly responseCode: string | null;
  /** Why there was no answer, or what was odd about it. */
  readonly reason: string | null;
  /** What failed is ours (the vault, the worker): it says nothing about the acquirer. */
  readonly ours?: boolean;
}

/** Type of the failure of a call for which the database did not say where its attempt stands: nothing was written. */
export const ATTEMPT_STATE_UNKNOWN = 'AttemptStateUnknown';

/**
 * What a payment asks of an acquirer. Each call is one attempt, each activity runs at most once per
 * schedule (`maximumAttempts: 1`): only the workflow decides to send again.
 *
 * A call never fails for reasons of the world: those are outcomes. It throws only on a bug.
 */
export interface AcquirerActivities {
  /** Authorization (0100) or sale (0200), whichever the attempt row says. */
  authorize(attempt: AttemptCall): Promise<CallResult>;
  capture(attempt: AttemptCall): Promise<CallResult>;
  /** Void of an authorization, whole or what is left of it. */
  void(attempt: AttemptCall): Promise<CallResult>;
  refund(attempt: AttemptCall): Promise<CallResult>;
  /** Undo an attempt whose answer never came. Approved = the acquirer acknowledged the reversal. */
  reverse(attempt: AttemptCall): Promise<CallResult>;
  /**
   * Asks what became of an attempt that was sent; changes nothing at the acquirer. Retryable = proven
   * not executed: "not found" is that only once nothing that was sent can still be under way.
   */
  inquire(attempt: AttemptRef): Promise<CallResult>;
}
