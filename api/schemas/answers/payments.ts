import { z } from 'zod';
import { CARD_BRANDS } from '../../../workflows/domain/card.ts';
import { ATTEMPT_KINDS, OUTCOME_CLASSES, REMEDIES } from '../../../workflows/domain/outcome.ts';
import { ATTEMPT_STATES, FAILURE_CODES } from '../../../workflows/domain/payment.ts';
import { PAYMENT_STATUSES } from '../../../workflows/domain/status.ts';
import { anyMinor, currency, idOf, listOf, minor, mode, orNull, text, time } from './common.ts';
import {
  capture,
  captureOfPayment,
  dispute,
  increment,
  reauthorization,
  refund,
  refundOfPayment,
  voiding,
} from './operations.ts';

export const risk = z.object({
  score: z.int().min(0).max(100),
  decision: z.enum(['accept', 'review', 'block']),
  reasons: z.array(text),
});

/** What may be known of a card. */
export const knownCard = z.object({
  token: idOf('card'),
  fingerprint: z.string().describe('The same for the same card number, for you alone.'),
  brand: z.enum(CARD_BRANDS),
  bin: z.string().regex(/^[0-9]{6,8}$/),
  last_four: z.string().regex(/^[0-9]{4}$/),
  expiry_month: z.int(),
  expiry_year: z.int(),
});

/** A payment (workflows/domain/resource.ts: the one rendering that answers, events and GET share). */
export const payment = z.object({
  id: idOf('pay'),
  object: z.literal('payment'),
  mode,
  created: time,
  amount: minor,
  currency,
  capture: z.enum(['automatic', 'manual']),
  authorization_type: z.enum(['final', 'pre']),
  status: z
    .enum(PAYMENT_STATUSES)
    .describe('`processing` means that the outcome is not known yet. It is neither yes nor no.'),
  amount_authorized: minor,
  amount_captured: minor,
  amount_capturable: minor,
  amount_refunded: minor,
  amount_refund_pending: minor,
  amount_refundable: minor,
  amount_disputed: minor,
  card: orNull(knownCard),
  decline_code: orNull(text),
  failure_code: orNull(z.enum(FAILURE_CODES)),
  remedy: orNull(z.enum(REMEDIES)).describe('What could help after a decline.'),
  risk: orNull(risk),
  acquirer: orNull(
    z.object({
      id: text,
      reference: orNull(text),
      approval_code: orNull(text),
      avs_result: orNull(text),
      cvv_result: orNull(text),
    }),
  ),
  reauthorizations: z.array(reauthorization),
  increments: z.array(increment),
  captures: z.array(capture),
  refunds: z.array(refund),
  voids: z.array(voiding),
  disputes: z.array(dispute),
  description: orNull(text),
  order_reference: orNull(text),
  customer_reference: orNull(text),
  customer: orNull(idOf('cus')),
  metadata: z.record(z.string(), z.string()),
  authorize_by: time,
  capture_before: orNull(time),
  version: z.int().min(0).describe('Counts the changes of this payment.'),
});

export const entry = z.object({
  account_id: text,
  account: text,
  side: z.enum(['debit', 'credit']),
  amount: anyMinor,
  currency,
});

const detail = {
  history_archived: z.int().min(0),
  history: z.array(
    z.object({
      version: z.int(),
      at: time,
      event: text,
      status: z.enum(PAYMENT_STATUSES),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  attempts: z.array(
    z.object({
      id: idOf('att'),
      operation: text,
      kind: z.enum(ATTEMPT_KINDS),
      state: z.enum(ATTEMPT_STATES),
      outcome: orNull(z.enum(OUTCOME_CLASSES)),
      response_code: orNull(text),
      acquirer: text,
      rrn: orNull(text),
      planned: time,
      sent: orNull(time),
      answered: orNull(time),
    }),
  ),
  routing: z.array(
    z.looseObject({
      attempt: z.int(),
      at: time,
      chosen: orNull(text),
      candidates: z.array(z.looseObject({ acquirer: text, account: text, chosen: z.boolean() })),
    }),
  ),
  ledger: z.array(
    z.object({
      id: text,
      event: text,
      at: time,
      operation: orNull(text),
      attempt: orNull(text),
      entries: z.array(entry),
    }),
  ),
};
/** A payment with what was expanded. */
export const paymentDetails = payment.extend(z.object(detail).partial().shape);

/** The body of a 202: where the payment stands, what was asked of it, and when to ask again. */
export const processingPayment = payment.extend({
  pending: z
    .object({ id: text, object: text })
    .describe('What is not known yet, under the id that it keeps.'),
  next_poll_after: time,
});

const step = z.object({
  at: time,
  step: z.enum(['created', 'scored', 'routed', 'attempted', 'answered', 'changed']),
  summary: text.describe('A sentence.'),
  details: z.record(z.string(), z.unknown()),
});
/** Why it went as it went. */
export const explanation = z.object({
  object: z.literal('payment_explanation'),
  payment: idOf('pay'),
  status: z.enum(PAYMENT_STATUSES),
  summary: text,
  steps: z.array(step),
});

export const paymentList = listOf(payment);
export const refundList = listOf(refundOfPayment);
export const captureList = listOf(captureOfPayment);
