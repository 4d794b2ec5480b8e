import Stripe from 'stripe';
import { z } from 'zod';
import type { EventItem, SignedItem, VerifyEvents } from '../events.ts';
import { intentSchema, refundSchema } from './objects.ts';

/** Stripe's own tolerance: what is older was replayed (docs.stripe.com/webhooks). */
const TOLERANCE_S = 300;

const eventSchema = z.object({
  object: z.literal('event'),
  id: z.string().regex(/^evt_\w{1,240}$/),
  type: z.string().min(1).max(100),
  created: z.number().int().nonnegative(),
  /** The connected account; absent for the platform's own. */
  account: z.string().min(1).max(255).optional(),
  data: z.object({ object: z.looseObject({ id: z.string().max(255), object: z.string().max(100) }) }),
});

const disputeSchema = z.object({
  object: z.literal('dispute'),
  id: z.string().min(1).max(80),
  amount: z.number().int().positive(),
  currency: z.string(),
  payment_intent: z.string().nullish(),
  reason: z.string().nullish(),
  network_reason_code: z.string().nullish(),
  balance_transactions: z
    .array(z.object({ fee: z.number().int(), currency: z.string() }))
    .max(20)
    .nullish(),
});

/** The objects that are read. Of any other only its name is kept. */
const OBJECTS = [intentSchema, refundSchema, disputeSchema] as const;
const objectSchema = z.discriminatedUnion('object', OBJECTS);
export type EventObject = z.infer<typeof objectSchema>;

const READ: readonly string[] = OBJECTS.map(({ shape }) => shape.object.value);

/** An item as it is stored: what of an event is read, and nothing else of it. */
const itemSchema = z.object({
  type: z.string(),
  account: z.string(),
  object: z.union([objectSchema, z.object({ id: z.string(), object: z.string() })]),
});
export type StripeItem = z.infer<typeof itemSchema>;

/** The platform's own account has no name in its events. */
export const PLATFORM_ACCOUNT = 'platform';

/** Proves an event of Stripe: HMAC over the raw bytes, at most five minutes old, stored once by its id. */
export const verifyStripeEvents: VerifyEvents = (rawBody, headers, secrets, now) => {
  const header = headers['stripe-signature'];
  if (typeof header !== 'string' || !isFresh(header, now)) return { type: 'refused', because: 'unsigned' };
  // Every secret is tried, also after one has proved it: how long it takes tells nothing.
  const proven = secrets.map((secret) => isSigned(rawBody, header, secret, now)).includes(true);
  if (!proven) return { type: 'refused', because: 'unsigned' };
  const item = readEvent(rawBody);
  return item === null ? { type: 'refused', because: 'unreadable' } : { type: 'verified', items: [item] };
};

/** The library refuses what is too old, and takes what comes from the future. */
function isFresh(header: string, now: number): boolean {
  const signedAt = /(?:^|,)\s*t=(\d{1,12})(?:,|$)/.exec(header)?.[1];
  return signedAt !== undefined && Math.abs(now / 1_000 - Number(signedAt)) <= TOLERANCE_S;
}

function isSigned(rawBody: Buffer, header: string, secret: string, now: number): boolean {
  const { signature } = Stripe.webhooks;
  if (signature === null) throw new Error('the stripe library has no way to check signatures');
  try {
    return signature.verifyHeader(rawBody, header, secret, TOLERANCE_S, undefined, now);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

function readEvent(rawBody: Buffer): SignedItem | null {
  let value: unknown;
  try {
    value = JSON.parse(rawBody.toString('utf8'));
  } catch {
    return null;
  }
  const event = eventSchema.safeParse(value);
  if (!event.success) return null;
  const { id, type, created, account = PLATFORM_ACCOUNT, data } = event.data;
  const { object } = data;
  const known = READ.includes(object.object) ? objectSchema.safeParse(object) : null;
  // What should be readable and is not is kept by name: it is put before a person when it is worked off.
  const kept = known?.success === true ? known.data : { id: object.id, object: object.object };
  return {
    dedupeKey: id,
    type,
    occurredAt: new Date(created * 1_000),
    item: { type, account, object: kept },
  };
}

/** @throws RangeError when it is no item of this adapter. */
export function readItem(item: EventItem): StripeItem {
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) throw new RangeError(`no item of Stripe: ${parsed.error.issues[0]?.message ?? ''}`);
  return parsed.data;
}

/** The object of an item, if it is one that is read; null when only its name is known. */
export function readObject({ object }: StripeItem): EventObject | null {
  const parsed = objectSchema.safeParse(object);
  return parsed.success ? parsed.data : null;
}

/** Whether an object of that kind should have been readable. */
export function isReadKind(kind: string): boolean {
  return READ.includes(kind);
}
