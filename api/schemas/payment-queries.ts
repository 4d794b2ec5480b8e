import { z } from 'zod';
import { OPERATION_LIMIT } from '../../workflows/domain/money.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { PAYMENT_STATUSES } from '../../workflows/domain/status.ts';
import { line, text } from './payments.ts';
import {
  currency,
  instant,
  isOneDirection,
  once,
  ONE_DIRECTION,
  pages,
  parsed,
  rangeOf,
} from './query-parts.ts';

// Query parameters of payments. Messages complete the sentence "<parameter> …" and never quote what was sent.

/** What can stand beside a payment. */
export const EXPANSIONS = ['history', 'attempts', 'routing', 'ledger'] as const;
export type Expansion = (typeof EXPANSIONS)[number];

/** GET /v1/payments/{id}. Without a wish: everything. */
export const expandPayment = z.strictObject({
  expand: z
    .array(z.enum(EXPANSIONS, `must be one of ${EXPANSIONS.join(', ')}`), 'must be written expand[]=…')
    .max(EXPANSIONS.length, `must be given at most ${EXPANSIONS.length} times`)
    .default([...EXPANSIONS])
    .describe('What stands beside the payment; all of it where this is not said.'),
});

const amount = parsed<bigint>((text) => {
  const value = /^\d{1,12}$/.test(text) ? BigInt(text) : null;
  return value !== null && value <= OPERATION_LIMIT ? value : null;
}, `must be a whole number of minor units, at most ${OPERATION_LIMIT}`).meta({
  type: 'integer',
  minimum: 0,
  maximum: Number(OPERATION_LIMIT),
});

/** A reference as it was sent with the payment. */
const reference = once.pipe(line(100));

const paymentId = parsed((text) => (isId('pay', text) ? text : null), 'must be the id of a payment');

/** GET /v1/payments. All filters that stand here must hold. */
export const listPayments = z
  .strictObject({
    created: rangeOf(instant).optional().describe('When it was created.'),
    amount: rangeOf(amount).optional().describe('What was asked for, in minor units.'),
    status: once.pipe(z.enum(PAYMENT_STATUSES, `must be one of ${PAYMENT_STATUSES.join(', ')}`)).optional(),
    currency: currency.optional(),
    card_fingerprint: once
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
      .optional()
      .describe('The same card: `card.fingerprint` of a payment.'),
    order_reference: reference.optional().describe('Your own, exactly.'),
    customer_reference: reference.optional().describe('Your own, exactly.'),
    customer: parsed((text) => (isId('cus', text) ? text : null), 'must be the id of a customer')
      .optional()
      .describe('Payments that were made for this customer (cus_…).'),
    metadata: z

      .record(line(40), once.pipe(text(500)), 'must be written metadata[name]=value')
      .optional()
      .describe('Payments that have this value under this name: metadata[cart]=c-77.'),
    ...pages((text) => (isId('pay', text) ? text : null), 'a payment (pay_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListPayments = z.output<typeof listPayments>;

function listOperations(prefix: 'cap' | 'ref', what: string) {
  return z
    .strictObject({
      payment: paymentId.optional().describe('Only those of one payment.'),
      status: once
        .pipe(z.enum(['pending', 'succeeded', 'failed'], 'must be pending, succeeded or failed'))
        .optional(),
      created: rangeOf(instant).optional(),
      ...pages<string>((text) => (isId(prefix, text) ? text : null), what),
    })
    .refine(isOneDirection, ONE_DIRECTION);
}
/** GET /v1/captures and /v1/refunds. */
export const listCaptures = listOperations('cap', 'a capture (cap_…)');
export const listRefunds = listOperations('ref', 'a refund (ref_…)');
export type ListOperations = z.output<typeof listRefunds>;
