import { z } from 'zod';

const ENTRY_KINDS = [
  /** An intent that holds nothing yet. */
  'created',
  /** Confirmed: money is held. */
  'approved',
  /** Confirmed and taken at once. */
  'sale',
  'declined',
  'captured',
  /** What was left of the hold was let go. */
  'released',
  'voided',
  /** Canceled before it held anything: it never will. */
  'canceled',
  'refunded',
  'refund_pending',
  'refund_failed',
  /** Not in a state for what was asked; nothing happened. */
  'refused',
  /** A failure of its own; nothing happened, and the failure is what the key answers. */
  'failed',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

const amount = z.number().int().min(0);

const problemSchema = z.strictObject({
  type: z.string(),
  code: z.string(),
  decline_code: z.string().optional(),
  message: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** An intent as it stands after a line. Amounts as Stripe writes them. */
export const intentStateSchema = z.strictObject({
  id: z.string(),
  account: z.string(),
  amount,
  currency: z.string(),
  captureMethod: z.enum(['automatic', 'manual']),
  multicapture: z.boolean(),
  status: z.enum(['requires_payment_method', 'requires_capture', 'succeeded', 'canceled']),
  amountCapturable: amount,
  amountReceived: amount,
  amountRefunded: amount,
  metadata: z.record(z.string(), z.string()),
  lastPaymentError: problemSchema.nullable(),
  charge: z.strictObject({ id: z.string(), approvalCode: z.string(), cvcCheck: z.string() }).nullable(),
  /** Never the whole number. */
  card: z.strictObject({ bin: z.string(), lastFour: z.string() }).nullable(),
  slowRefunds: z.boolean(),
});
export type IntentState = z.infer<typeof intentStateSchema>;

export const refundStateSchema = z.strictObject({
  id: z.string(),
  intent: z.string(),
  account: z.string(),
  amount,
  currency: z.string(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  metadata: z.record(z.string(), z.string()),
});
export type RefundState = z.infer<typeof refundStateSchema>;

/** One line of the journal; the whole state of the simulator is a fold over these lines. */
export const stripeEntrySchema = z.strictObject({
  /** 1, 2, 3 …, without gaps. */
  sequence: z.number().int().min(1),
  at: z.iso.datetime(),
  kind: z.enum(ENTRY_KINDS),
  /** Stripe-Account. */
  merchantAccount: z.string(),
  intent: z.string().nullable(),
  refund: z.string().nullable(),
  /** What this line held, moved or let go, as Stripe writes amounts. */
  amount,
  currency: z.string().nullable(),
  /** metadata.attempt of whoever asked. */
  attempt: z.string().nullable(),
  /** Under which key it was asked, and a hash of what: never what itself. Null = nobody asked. */
  key: z.string().nullable(),
  bodyHash: z.string().nullable(),
  /** What the key answers from now on. */
  status: z.number().int().nullable(),
  reply: z.record(z.string(), z.unknown()).nullable(),
  intentAfter: intentStateSchema.nullable(),
  refundAfter: refundStateSchema.nullable(),
});
export type StripeEntry = z.infer<typeof stripeEntrySchema>;
