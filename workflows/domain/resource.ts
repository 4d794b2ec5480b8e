import { capturable, refundable, type Operation, type PaymentState } from './payment.ts';
import type { EventType } from './change.ts';
import { REFUSALS, type Refusal } from './problem.ts';
import { settlementResource } from './settlement-resource.ts';

/**
 * How the outside sees a payment: the one rendering that answers, events and GET share, so that they
 * can never tell different stories. Amounts are JSON integers of minor units (an operation's limit
 * is far below 2^53); times are ISO 8601 in UTC.
 */
export function paymentResource(state: PaymentState): Record<string, unknown> {
  const { payment, risk } = state;
  const of = (...kinds: Operation['kind'][]): Record<string, unknown>[] =>
    state.operations
      .filter(({ kind }) => kinds.includes(kind))
      .map((operation) => operationResource(operation, payment.currency));
  const authorization = state.attempts.find(({ id }) => id === payment.authorizationAttempt) ?? null;
  return {
    id: payment.id,
    object: 'payment',
    mode: payment.mode,
    created: iso(payment.createdAt),
    amount: Number(payment.amount),
    currency: payment.currency,
    capture: payment.captureMethod,
    authorization_type: payment.authorizationType,
    status: payment.status,
    amount_authorized: Number(payment.amountAuthorized),
    amount_captured: Number(payment.amountCaptured),
    amount_capturable: Number(capturable(payment)),
    amount_refunded: Number(payment.amountRefunded),
    amount_refund_pending: Number(payment.amountRefundPending),
    amount_refundable: Number(refundable(payment)),
    amount_disputed: Number(payment.amountDisputed),
    card:
      payment.card === null
        ? null
        : {
            token: payment.card.token,
            fingerprint: payment.card.fingerprint,
            brand: payment.card.brand,
            bin: payment.card.bin,
            last_four: payment.card.lastFour,
            expiry_month: payment.card.expiryMonth,
            expiry_year: payment.card.expiryYear,
          },
    decline_code: payment.declineCode,
    failure_code: payment.failureCode,
    remedy: payment.remedy,
    risk: risk === null ? null : { score: risk.score, decision: risk.decision, reasons: risk.reasons },
    acquirer:
      authorization === null
        ? null
        : {
            id: authorization.acquirer,
            reference: authorization.wire['rrn'] ?? null,
            approval_code: authorization.approvalCode,
            avs_result: authorization.avsResult,
            cvv_result: authorization.cvvResult,
          },
    reauthorizations: of('reauthorize'),
    increments: of('increment'),
    captures: of('capture'),
    refunds: of('refund'),
    voids: of('void'),
    disputes: of('chargeback', 'chargeback_reversal'),
    description: payment.description,
    order_reference: payment.orderReference,
    customer_reference: payment.customerReference,
    customer: payment.customer,
    metadata: payment.metadata,
    authorize_by: iso(payment.authorizeBy),
    capture_before: payment.captureBefore === null ? null : iso(payment.captureBefore),
    version: payment.version,
  };
}

const OBJECTS = {
  authorize: 'authorization',
  reauthorize: 'reauthorization',
  increment: 'increment',
  capture: 'capture',
  release: 'release',
  void: 'void',
  expiry: 'expiry',
  refund: 'refund',
  chargeback: 'chargeback',
  chargeback_reversal: 'chargeback_reversal',
  withdrawal: 'withdrawal',
  undo: 'undo',
} as const satisfies Record<Operation['kind'], string>;

export function operationResource(operation: Operation, currency: string): Record<string, unknown> {
  return {
    id: operation.id,
    object: OBJECTS[operation.kind],
    amount: Number(operation.amount),
    currency,
    status: operation.state,
    ...(operation.kind === 'capture' ? { final: operation.final } : {}),
    failure_code: operation.failureCode,
    ...(operation.kind === 'increment' || operation.kind === 'reauthorize'
      ? { decline_code: operation.failureCode === 'declined' ? operation.reason : null }
      : {}),
    reason: operation.reason,
    ...(operation.origin === 'acquirer' ? { origin: operation.origin } : {}),
    ...(operation.resolution === null ? {} : { resolution: operation.resolution }),
    ...(operation.acquirerReference === null ? {} : { acquirer_reference: operation.acquirerReference }),
    created: iso(operation.createdAt),
    ...settlementResource(operation),
  };
}

/** A refund or an increment answers with itself and its payment's id; everything else with the payment. */
export function answerBody(state: PaymentState, operation: Operation | null): string {
  if (operation?.kind !== 'refund' && operation?.kind !== 'increment')
    return JSON.stringify(paymentResource(state));
  return JSON.stringify({
    ...operationResource(operation, state.payment.currency),
    payment: state.payment.id,
  });
}

/** RFC 9457 problem document of a refusal. `instance` names what it is about. */
export function refusalBody(refusal: Refusal, payment: string): string {
  const { status, title } = REFUSALS[refusal.code];
  return JSON.stringify({
    type: `/problems/${refusal.code}`,
    title,
    status,
    code: refusal.code,
    detail: refusal.detail,
    instance: `/v1/payments/${payment}`,
  });
}

/** The bytes of a webhook: what happened and the resource as it was then. */
export function eventBody(event: {
  readonly id: string;
  readonly type: EventType;
  readonly at: number;
  readonly state: PaymentState;
  readonly operation: Operation | null;
}): string {
  return JSON.stringify({
    id: event.id,
    object: 'event',
    type: event.type,
    created: iso(event.at),
    data: {
      payment: paymentResource(event.state),
      ...(event.operation === null
        ? {}
        : { operation: operationResource(event.operation, event.state.payment.currency) }),
    },
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
