import type { AttemptId, MerchantId, PaymentId } from '../../domain/ids.ts';
import type { AttemptKind, Remedy } from '../../domain/outcome.ts';
import type { PaymentCard, Risk } from '../../domain/payment.ts';
import type { RouteAnswer } from '../../domain/route/types.ts';
import { ACCEPTED, ACCOUNT, CARD } from '../../domain/testing/payments.ts';
import { RecordedPayment } from '../../domain/testing/recorded-payment.ts';
import type { PaymentRef } from '../../ports/ledger.ts';

/** A message that reached the acquirer, or would have. */
export interface AcquirerCall {
  readonly kind: AttemptKind;
  readonly attempt: AttemptId;
  /** From 1: which call of this attempt it is. */
  readonly time: number;
}

/**
 * How the acquirer takes a call.
 * - pending: the acquirer holds it and will report
 * - not_sent: certainly not executed (no connection, say)
 * - lost: written to the wire, and no answer
 * - moved: given up as lost, and then fenced by its own sender, who had not written anything
 * - thrown: the activity fails for good, before or after the message was written
 */
export type Reply =
  | { readonly as: 'approved'; readonly amount?: bigint }
  | { readonly as: 'declined'; readonly code: string; readonly remedy?: Remedy }
  | { readonly as: 'pending' }
  | { readonly as: 'not_sent' }
  | { readonly as: 'lost' }
  | { readonly as: 'moved' }
  | { readonly as: 'thrown'; readonly sent: boolean };

/** What the acquirer says when it is asked about an attempt. */
export type Found =
  | { readonly as: 'approved' }
  | { readonly as: 'declined'; readonly code: string }
  | { readonly as: 'not_executed' }
  | { readonly as: 'pending' }
  | { readonly as: 'unknown' };

export const APPROVED: Reply = { as: 'approved' };
export const NOT_SENT: Reply = { as: 'not_sent' };
export const LOST: Reply = { as: 'lost' };

/** A step of the payment, by the name of its activity, and whether it is about to run or has run. */
export type Moment = `${'before' | 'after'} ${string}`;

/** A payment on the bench: its record, and what its surroundings do to it. */
export class BenchPayment extends RecordedPayment {
  readonly calls: AcquirerCall[] = [];
  /** The attempts that were asked about, in order. */
  readonly inquiries: AttemptId[] = [];
  readonly steps: string[] = [];
  readonly released: AttemptId[] = [];
  /** Attempts that failed for reasons of ours, as far as anybody learns of it. */
  readonly ours: AttemptId[] = [];
  burnt = 0;
  card: PaymentCard = CARD;
  risk: Risk = ACCEPTED;
  singleMessage = false;
  /** No account can take it. */
  unroutable = false;
  /** What routing answers, each time it is asked. */
  routing: () => RouteAnswer | Promise<RouteAnswer> = () => {
    const decision = { left: { unsent: [], answered: [], probe: false } };
    if (this.unroutable) return { kind: 'none', decision };
    const { singleMessage } = this;
    return {
      kind: 'account',
      acquirer: 'acquirer-1',
      account: ACCOUNT,
      singleMessage,
      elsewhere: false,
      decision,
    };
  };
  answering: (call: AcquirerCall) => Reply | Promise<Reply> = () => APPROVED;
  inquiring: (attempt: AttemptId) => Found | Promise<Found> = () => ({ as: 'unknown' });
  /** Called around every step; what it throws, the step throws. */
  atMoment: (moment: Moment) => void | Promise<void> = () => undefined;

  get id(): PaymentId {
    return this.state.payment.id;
  }

  get ref(): PaymentRef {
    const { merchant, id }: { merchant: MerchantId; id: PaymentId } = this.state.payment;
    return { merchant, payment: id };
  }

  callsOf(...kinds: readonly AttemptKind[]): readonly AcquirerCall[] {
    return this.calls.filter(({ kind }) => kinds.includes(kind));
  }

  /** When each change of that name was written (epoch ms). */
  timesOf(event: string): readonly number[] {
    return this.history.filter((line) => line.event === event).map(({ at }) => at);
  }
}
