import { z } from 'zod';
import { FAILURE_CODES } from '../../../workflows/domain/payment.ts';
import { anyMinor, currency, idOf, minor, orNull, text, time } from './common.ts';

const exchangeRate = z.object({
  from: currency,
  to: currency,
  rate: z.string().describe('Decimal: one unit of `from` in `to`.'),
  source: text,
  at: time,
});

const captureSettlement = z.object({
  currency,
  gross: anyMinor,
  fees: anyMinor,
  fee_details: z.object({ platform: anyMinor, recharged: anyMinor }),
  net: anyMinor.describe('What you are owed before refunds, the reserve included.'),
  fees_refunded: anyMinor,
  exchange_rate: orNull(exchangeRate),
  reserve: orNull(z.object({ amount: anyMinor, release_at: time, released: z.boolean() })),
  available_at: orNull(time),
  available: z.boolean(),
});

const refundSettlement = z.object({
  capture: idOf('cap'),
  currency,
  gross: anyMinor,
  fees_refunded: anyMinor,
  net: anyMinor,
  exchange_rate: orNull(exchangeRate),
});

const operation = {
  amount: minor,
  currency,
  status: z.enum(['pending', 'succeeded', 'failed']),
  failure_code: orNull(z.enum(FAILURE_CODES)),
  reason: orNull(text),
  origin: z.literal('acquirer').optional().describe('Only of what the acquirer began.'),
  resolution: z
    .enum(['executed', 'not_executed'])
    .optional()
    .describe('What a person said became of it, when no machine could.'),
  acquirer_reference: text.optional(),
  created: time,
};
const declined = { decline_code: orNull(text) };

export const capture = z.object({
  id: idOf('cap'),
  object: z.literal('capture'),
  ...operation,
  final: z.boolean().describe('Nothing more is captured; what is left of the hold is given back.'),
  settlement: captureSettlement.optional().describe('Only under terms.'),
});
export const refund = z.object({
  id: idOf('ref'),
  object: z.literal('refund'),
  ...operation,
  settlement: z.array(refundSettlement).optional().describe('Only under terms: one line for each capture.'),
});
export const increment = z.object({
  id: idOf('inc'),
  object: z.literal('increment'),
  ...operation,
  ...declined,
});
export const reauthorization = z.object({
  id: idOf('rea'),
  object: z.literal('reauthorization'),
  ...operation,
  ...declined,
});
export const voiding = z.object({ id: idOf('void'), object: z.literal('void'), ...operation });
export const dispute = z.object({
  id: idOf('dsp'),
  object: z.enum(['chargeback', 'chargeback_reversal']),
  ...operation,
});
const others = z.object({
  id: idOf('auth', 'rel', 'exp', 'und', 'wdr'),
  object: z.enum(['authorization', 'release', 'expiry', 'withdrawal', 'undo']),
  ...operation,
});

/** Of an event: whatever operation it tells of. */
export const anyOperation = z.union([capture, refund, increment, reauthorization, voiding, dispute, others]);

const ofPayment = { payment: idOf('pay') };
/** Where it stands alone it names its payment. */
export const captureOfPayment = capture.extend(ofPayment);
export const refundOfPayment = refund.extend(ofPayment);
export const incrementOfPayment = increment.extend(ofPayment);
