import {
  authorizationIdOf,
  type AcquirerAccountId,
  type CardToken,
  type CommandId,
  type MerchantId,
  type PaymentId,
  type StagingId,
} from '../ids.ts';
import type { Command, Payment, PaymentCard, PaymentState, Risk } from '../payment.ts';

/** Fixtures of the domain's tests: a payment as it is right after it was accepted. */
const SUFFIX = '01k9zzzzzzzzzzzzzzzzzzzzzz';

export const CARD: PaymentCard = {
  token: `card_${SUFFIX}` as CardToken,
  brand: 'visa',
  bin: '42424242',
  lastFour: '4242',
  expiryMonth: 12,
  expiryYear: 2030,
  fingerprint: 'f'.repeat(64),
};

export const ACCEPTED: Risk = { score: 0, decision: 'accept', reasons: [] };
export const IN_REVIEW: Risk = { score: 65, decision: 'review', reasons: ['amount_above_5000'] };

export const ACCOUNT = `aca_${SUFFIX}` as AcquirerAccountId;

export function createdPayment(asked: Partial<Payment> = {}): Payment {
  return {
    merchant: `mer_${SUFFIX}` as MerchantId,
    id: `pay_${SUFFIX}` as PaymentId,
    mode: 'test',
    version: 0,
    createdAt: 0,
    amount: 9_000n,
    currency: 'EUR',
    captureMethod: 'manual',
    authorizationType: 'final',
    partialApproval: 'refuse',
    staging: `stg_${SUFFIX}` as StagingId,
    authorizeBy: 600_000,
    description: null,
    orderReference: null,
    customerReference: null,
    customer: null,
    ipAddress: null,
    metadata: {},
    card: null,
    authorizationState: 'none',
    conclusion: 'open',
    review: 'none',
    amountAuthorized: 0n,
    amountCaptured: 0n,
    amountRefunded: 0n,
    amountRefundPending: 0n,
    amountDisputed: 0n,
    status: 'processing',
    failureCode: null,
    declineCode: null,
    remedy: null,
    captureBefore: null,
    reviewBy: null,
    authorizationAttempt: null,
    pausedAt: null,
    ...asked,
  };
}

export function createCommand(payment: Payment): Command {
  return {
    id: 'cmd_create' as CommandId,
    operation: authorizationIdOf(payment.id),
    body: { kind: 'create' },
  };
}

export function createdState(asked: Partial<Payment> = {}): PaymentState {
  const payment = createdPayment(asked);
  return {
    payment,
    operations: [],
    attempts: [],
    commands: [createCommand(payment)],
    risk: null,
    route: null,
    openCase: null,
  };
}
