import { z } from 'zod';

const ENTRY_KINDS = [
  /** Money is held. */
  'approved',
  /** Authorised, and captured at once. */
  'sale',
  'declined',
  /** Neither yet: pending, or the shopper has to act. */
  'open',
  /** A capture, cancel, refund or reversal was taken; nothing happened yet. */
  'received',
  'captured',
  'refunded',
  /** The whole hold was let go. */
  'voided',
  /** What was left of it. */
  'partially_voided',
  /** Undone: let go, or given back whole. */
  'reversed',
  /** What was received could not be done; nothing happened. */
  'refused',
  /** Had succeeded, and failed after all. */
  'capture_failed',
  'refund_failed',
  /** A failure of its own; nothing happened, and the failure is what the key answers. */
  'failed',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

const amount = z.number().int().min(0);

/** A payment as it stands after a line. Amounts as Adyen writes them. */
const paymentStateSchema = z.strictObject({
  pspReference: z.string(),
  account: z.string(),
  /** The merchant's own name for it. */
  reference: z.string(),
  amount,
  currency: z.string(),
  capture: z.enum(['automatic', 'manual']),
  status: z.enum(['open', 'authorised', 'refused', 'cancelled']),
  resultCode: z.string(),
  refusalReasonCode: z.string().nullable(),
  captured: amount,
  refunded: amount,
  authCode: z.string().nullable(),
  cvcResult: z.string(),
  /** Never the whole number. */
  card: z.strictObject({ bin: z.string(), lastFour: z.string() }),
});
export type PaymentState = z.infer<typeof paymentStateSchema>;

export const MODIFICATION_KINDS = ['capture', 'cancel', 'refund', 'reverse', 'cancel_by_reference'] as const;
export type ModificationKind = (typeof MODIFICATION_KINDS)[number];

const modificationStateSchema = z.strictObject({
  pspReference: z.string(),
  kind: z.enum(MODIFICATION_KINDS),
  account: z.string(),
  /** pspReference of the payment; null = by the merchant's own reference, of which there may be none. */
  payment: z.string().nullable(),
  paymentReference: z.string().nullable(),
  reference: z.string(),
  amount,
  currency: z.string().nullable(),
  status: z.enum(['received', 'succeeded', 'failed', 'withdrawn']),
  /** It will fail, whatever is right. */
  forcedToFail: z.boolean(),
  /** It is settled by hand only. */
  byHand: z.boolean(),
});
export type ModificationState = z.infer<typeof modificationStateSchema>;

/** One line of the journal; the whole state of the simulator is a fold over these lines. */
export const adyenEntrySchema = z.strictObject({
  /** 1, 2, 3 …, without gaps. */
  sequence: z.number().int().min(1),
  at: z.iso.datetime(),
  kind: z.enum(ENTRY_KINDS),
  merchantAccount: z.string(),
  /** pspReference of the payment that it is about. */
  payment: z.string().nullable(),
  /** What this line held, moved or let go, as Adyen writes amounts. */
  amount,
  currency: z.string().nullable(),
  /** What whoever asked called it. */
  attempt: z.string().nullable(),
  /** Under which key it was asked, and a hash of what: never what itself. Null = nobody asked. */
  key: z.string().nullable(),
  bodyHash: z.string().nullable(),
  /** What the key answers from now on. */
  status: z.number().int().nullable(),
  reply: z.record(z.string(), z.unknown()).nullable(),
  paymentAfter: paymentStateSchema.nullable(),
  modificationAfter: modificationStateSchema.nullable(),
});
export type AdyenEntry = z.infer<typeof adyenEntrySchema>;
