import type { AttemptId, CommandId, MerchantId, OperationId, PaymentId } from '../domain/ids.ts';
import type { OutcomeClass } from '../domain/outcome.ts';
import type { PaymentCard, Risk } from '../domain/payment.ts';
import type { PaymentView } from '../domain/view.ts';
import type { Route, RouteRecord } from '../domain/route/types.ts';

/** Names a payment and where its rows are. */
export interface PaymentRef {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
}

/** A step of a payment; `at` is the workflow's time (epoch ms), so that what is due there is due here. */
export interface Step extends PaymentRef {
  readonly at: number;
}

/**
 * The payment's record: state, attempts, double-entry ledger, answers and events, written together.
 * Every step names what it is about and is written at most once: run again, it changes nothing and
 * answers the view as it is now.
 */
export interface LedgerActivities {
  load(ref: PaymentRef): Promise<PaymentView>;
  /** Starts the authorization: card, risk, route and the first attempt in one transaction. */
  beginAuthorization(
    step: Step & {
      readonly command: CommandId;
      readonly card: PaymentCard;
      readonly risk: Risk;
      readonly route: Route;
    },
  ): Promise<PaymentView>;
  /** Puts off an authorization that no account can take just now, until then (epoch ms). */
  deferAuthorization(
    step: Step & {
      readonly card: PaymentCard;
      readonly risk: Risk | null;
      readonly until: number;
      readonly decision: RouteRecord;
    },
  ): Promise<PaymentView>;
  /** Starts a capture, void or refund or decides a review, or refuses it with the answer why. */
  beginFollowUp(step: Step & { readonly command: CommandId }): Promise<PaymentView>;
  /** Plans the next attempt of an operation that was certainly not executed. */
  planNext(
    step: Step & { readonly operation: OperationId; readonly route: Route | null },
  ): Promise<PaymentView>;
  /** Ends a payment that was never sent. */
  concludeUnsent(
    step: Step & {
      readonly code: 'not_attempted' | 'no_route' | 'blocked';
      readonly known: { readonly card: PaymentCard; readonly risk: Risk } | null;
      /** Why no account could take it, for the record. */
      readonly decision: RouteRecord | null;
    },
  ): Promise<PaymentView>;
  /** Records how a call ended. `inquiries` tells one asking about the same attempt from the next. */
  conclude(
    step: Step & {
      readonly operation: OperationId;
      readonly attempt: AttemptId;
      readonly inquiries: number;
      readonly outcome: OutcomeClass;
      readonly reason: string | null;
      /** When the acquirer was asked, at the latest (epoch ms); null, or absent in older runs, where nobody knows. */
      readonly askedAt?: number | null;
      /** What failed is ours, not the acquirer's; absent in older runs. */
      readonly ours?: boolean;
    },
  ): Promise<PaymentView>;
  /** Commits the undoing of an attempt whose answer never came, and plans its reversal. */
  beginReversal(step: Step & { readonly operation: OperationId }): Promise<PaymentView>;
  beginExpiry(step: Step): Promise<PaymentView>;
  lapseReview(step: Step): Promise<PaymentView>;
  /** Gives up a release that was never acknowledged and whose authorization has run out by itself. */
  lapseHold(step: Step): Promise<PaymentView>;
  /**
   * After a lost call: makes sure that an attempt which was never begun never will be, and tells
   * what is known of it. `sent` false proves that nothing was or will be sent; with `answered` its answer
   * is recorded, and its security code was destroyed.
   */
  fence(input: PaymentRef & { readonly attempt: AttemptId }): Promise<{
    readonly outcome: OutcomeClass;
    readonly reason: string;
    readonly sent: boolean;
    readonly answered?: true;
  }>;
  /** A cancelled run is an operator's wish to void: it becomes a command like any other. */
  requestVoid(input: PaymentRef & { readonly workflowRunId: string }): Promise<PaymentView>;
}
