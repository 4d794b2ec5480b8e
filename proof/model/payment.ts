import type { Payment, ProblemCode } from '../../clients/typescript/index.ts';

/** A payment as a merchant who has read docs/api.md expects it to be. Minor units. */
export interface ModelPayment {
  readonly id: string;
  readonly currency: string;
  /** What was asked for. */
  readonly amount: number;
  readonly capture: 'automatic' | 'manual';
  readonly authorizationType: 'final' | 'pre';
  /** Why it never came to hold anything; null = it was approved. */
  readonly refused: RefusedPayment | null;
  /** What the issuer agreed to, increments included. */
  readonly authorized: number;
  /** What is still held and can be captured. */
  readonly held: number;
  readonly captures: readonly number[];
  readonly refunds: readonly number[];
  /** What its card says to every increment; null = yes. */
  readonly incrementDeclinedWith: string | null;
  /** Its authorization ends within two days, so that it can be renewed at once. */
  readonly endsSoon: boolean;
}

export type RefusedPayment =
  | { readonly status: 'declined'; readonly declineCode: string; readonly remedy: Payment['remedy'] }
  | { readonly status: 'declined'; readonly failureCode: 'partial_not_accepted' }
  | { readonly status: 'blocked' };

/** What a call is answered when nothing is done. */
export interface Refusal {
  readonly status: 400 | 409 | 422;
  readonly code: ProblemCode;
}

/** What a call comes to: refused, or the payment after it and what its answer shows beside. */
export type Step =
  | { readonly refusal: Refusal }
  | { readonly payment: ModelPayment; readonly answer: Record<string, unknown> };

/** Balances by account of one payment, each on its normal side; what is not named is zero. */
export type Books = Readonly<Record<string, number>>;

/** What is promised of payments: one function for each call, each without a world. */
export interface Rules {
  readonly capture: (payment: ModelPayment, amount: number | undefined, final: boolean) => Step;
  readonly void: (payment: ModelPayment) => Step;
  readonly refund: (payment: ModelPayment, amount: number | undefined) => Step;
  readonly increment: (payment: ModelPayment, amount: number) => Step;
  readonly reauthorize: (payment: ModelPayment) => Step;
  readonly status: (payment: ModelPayment) => Payment['status'];
  readonly books: (payment: ModelPayment) => Books;
}

/** As docs/api.md ("Holding, adding, taking, giving back"), docs/money.md and GET /problems promise it. */
export const RULES: Rules = {
  capture(payment, amount = payment.held, final) {
    if (payment.held === 0) return refusal(409, 'payment_not_capturable');
    if (amount > payment.held) return refusal(422, 'capture_exceeds_authorized');
    const captures = [...payment.captures, amount];
    return changed({ ...payment, captures, held: final ? 0 : payment.held - amount });
  },
  void(payment) {
    if (payment.held === 0) return refusal(409, 'payment_not_voidable');
    return changed({ ...payment, held: 0 });
  },
  refund(payment, amount = refundable(payment)) {
    if (captured(payment) === 0) return refusal(409, 'payment_not_refundable');
    if (amount > refundable(payment) || amount === 0) return refusal(422, 'refund_exceeds_captured');
    return {
      payment: { ...payment, refunds: [...payment.refunds, amount] },
      answer: { object: 'refund', payment: payment.id, amount, status: 'succeeded', failure_code: null },
    };
  },
  increment(payment, amount) {
    if (payment.capture !== 'manual' || payment.authorizationType !== 'pre' || payment.held === 0)
      return refusal(409, 'payment_not_incrementable');
    const code = payment.incrementDeclinedWith;
    const answer = { object: 'increment', payment: payment.id, amount, decline_code: code };
    if (code !== null) return { payment, answer: { ...answer, status: 'failed', failure_code: 'declined' } };
    return {
      payment: {
        ...payment,
        authorized: payment.authorized + amount,
        held: payment.held + amount,
      },
      answer: { ...answer, status: 'succeeded', failure_code: null },
    };
  },
  reauthorize(payment) {
    if (!payment.endsSoon || payment.held === 0 || payment.captures.length > 0)
      return refusal(409, 'payment_not_reauthorizable');
    return changed(payment);
  },
  status(payment) {
    if (payment.refused !== null) return payment.refused.status;
    if (captured(payment) === 0) return payment.held > 0 ? 'authorized' : 'voided';
    if (refunded(payment) > 0) return refundable(payment) > 0 ? 'partially_refunded' : 'refunded';
    return payment.held > 0 ? 'partially_captured' : 'captured';
  },
  books(payment) {
    const owed = refundable(payment);
    return {
      'auth_hold:acquirer': payment.held,
      'auth_hold:merchant': payment.held,
      'acquirer_receivable:acquirer-1': owed,
      'merchant_payable:pending': owed,
    };
  },
};

export const captured = ({ captures }: ModelPayment): number => sum(captures);
export const refunded = ({ refunds }: ModelPayment): number => sum(refunds);
export const refundable = (payment: ModelPayment): number => captured(payment) - refunded(payment);

/** What GET shows of it, and every answer that is a payment. */
export function shown(rules: Rules, payment: ModelPayment): Record<string, unknown> {
  return {
    id: payment.id,
    object: 'payment',
    amount: payment.amount,
    currency: payment.currency,
    capture: payment.capture,
    authorization_type: payment.authorizationType,
    status: rules.status(payment),
    amount_authorized: payment.authorized,
    amount_captured: captured(payment),
    amount_capturable: payment.held,
    amount_refunded: refunded(payment),
    amount_refund_pending: 0,
    amount_refundable: refundable(payment),
    amount_disputed: 0,
    captures: payment.captures.map((amount) => ({ amount, status: 'succeeded' })),
    refunds: payment.refunds.map((amount) => ({ amount, status: 'succeeded' })),
    ...reasonOf(payment.refused),
  };
}

function reasonOf(refused: RefusedPayment | null): Record<string, unknown> {
  if (refused === null) return { decline_code: null, failure_code: null };
  if ('declineCode' in refused) return { decline_code: refused.declineCode, remedy: refused.remedy };
  if ('failureCode' in refused) return { failure_code: refused.failureCode };
  return { risk: { decision: 'block' } };
}

function changed(payment: ModelPayment): Step {
  return { payment, answer: {} };
}

export function refusal(status: Refusal['status'], code: ProblemCode): { readonly refusal: Refusal } {
  return { refusal: { status, code } };
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
