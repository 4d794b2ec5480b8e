import { z } from 'zod';

/**
 * One line of the acquirer's journal: what it did, from its own point of view. The whole state of the
 * simulator is a fold over these lines, and whoever checks us compares with them.
 */
const ENTRY_KINDS = [
  /** Authorization: money is held. */
  'approved',
  /** Authorized and taken in one message. */
  'sale',
  /** A card was checked without an amount. */
  'verified',
  /** Added to what is held. */
  'incremented',
  /** What was added is undone; the rest is still held. */
  'increment_reversed',
  'captured',
  'refunded',
  /** What is left of the hold is released. */
  'partially_voided',
  'voided',
  /** A request whose answer the merchant's side did not get is undone. */
  'reversed',
  /** A reversal arrived for something that moved no money. */
  'nothing_to_reverse',
  /** A reversal arrived before, or without, its original; the original will be refused. */
  'not_found',
  'declined',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

const minor = z.number().int().min(0);

export const journalEntrySchema = z.strictObject({
  /** 1, 2, 3 …, without gaps. */
  sequence: z.number().int().min(1),
  at: z.iso.datetime(),
  kind: z.enum(ENTRY_KINDS),
  /** Message type as it arrived: 0221, 0401 and 0421 when the first one never did. */
  mti: z.string(),
  /** What was asked for: authorization, sale, increment, capture, refund, void, partial_void, reversal, verification. */
  request: z.string(),
  /** What tells this message from all others: its answer's type, STAN, time, institution, terminal. */
  key: z.string(),
  stan: z.string(),
  rrn: z.string(),
  /** Of what a refund, void or reversal names; null when it names nothing or nothing was found. */
  originalRrn: z.string().nullable(),
  /** Key of what a void, refund or reversal names. */
  originalKey: z.string().nullable(),
  institution: z.string(),
  terminal: z.string(),
  merchantAccount: z.string(),
  /** Minor units that this line moved or holds; a partial approval names what was approved. */
  amount: minor,
  /** Field 4 of the request. */
  requestedAmount: minor,
  /** Authorized in total after a partial void. */
  remaining: minor.nullable(),
  /** ISO 4217, alphabetic; the number as it came where it is none. */
  currency: z.string(),
  responseCode: z.string(),
  approvalCode: z.string().nullable(),
  networkReference: z.string().nullable(),
  /** MMDD. */
  settlementDate: z.string(),
  /** Authorizations only: whether it can be added to. */
  authorizationType: z.enum(['final', 'pre']).default('final'),
  /** YYMMDDhhmm: told with the approval; null where the merchant's own tables count. */
  validUntil: z.string().nullable().default(null),
  cvvResult: z.string().nullable(),
  avsResult: z.string().nullable(),
  /** Never the whole number. */
  card: z.strictObject({ bin: z.string(), lastFour: z.string() }),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;
