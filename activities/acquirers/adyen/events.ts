import { createHash, timingSafeEqual } from 'node:crypto';
import type { NotificationRequestItem } from '@adyen/api-library/lib/src/typings/notification/notificationRequestItem.js';
import { z } from 'zod';
import type { EventItem, SignedItem, VerifyEvents } from '../events.ts';
import { HmacValidator } from './library.ts';
import { pspReference } from './objects.ts';

// The signed text is these fields with colons between them: one within a field could shift the rest.
const signed = z
  .string()
  .max(256)
  .regex(/^[^:\\]*$/);

/** What is signed of an event, as it came. */
const signedFields = {
  pspReference,
  originalReference: z.union([pspReference, z.literal('')]).nullish(),
  merchantAccountCode: signed.min(1),
  merchantReference: signed.nullish(),
  amount: z.object({ value: z.number().int(), currency: signed.length(3) }),
  eventCode: z.string().regex(/^[A-Z0-9_]{1,64}$/),
  success: z.enum(['true', 'false']),
};
const requestItemSchema = z.object({
  ...signedFields,
  eventDate: z.iso.datetime({ offset: true }).nullish().catch(null),
  additionalData: z.record(z.string(), z.unknown()).nullish(),
});
type RequestItem = z.infer<typeof requestItemSchema>;

const bodySchema = z.object({
  notificationItems: z
    .array(z.object({ NotificationRequestItem: requestItemSchema }))
    .min(1)
    .max(6),
});

/** What is kept of an event: what was signed, and nothing else. */
const itemSchema = z.object(signedFields);
export type AdyenItem = z.infer<typeof itemSchema>;

/** Before the credentials of basic authentication in a list of secrets; all others are HMAC keys. */
const BASIC = 'basic:';

/**
 * Proves Adyen's standard webhook (JSON): every item carries its own HMAC over its signed fields, and
 * one that does not spoils the request, which Adyen then sends again whole.
 * @param secrets HMAC keys (hexadecimal; several while they are changed), and `basic:user:password`
 * where Adyen is told to authenticate as well.
 */
export const verifyAdyenEvents: VerifyEvents = (rawBody, headers, secrets) => {
  const basics = secrets.filter((secret) => secret.startsWith(BASIC));
  const keys = secrets.filter((secret) => !secret.startsWith(BASIC));
  if (basics.length > 0 && !isBasic(headers.authorization, basics))
    return { type: 'refused', because: 'unsigned' };
  const body = bodySchema.safeParse(jsonOf(rawBody));
  if (!body.success) return { type: 'refused', because: 'unreadable' };
  const items = body.data.notificationItems.map(({ NotificationRequestItem: item }) => item);
  // Every item and every key is tried: how long it takes tells nothing.
  const proven = items.map((item) => keys.map((key) => isSigned(item, key)).includes(true));
  return proven.includes(false)
    ? { type: 'refused', because: 'unsigned' }
    : { type: 'verified', items: items.map(signedItemOf) };
};

/** The same for every delivery of the same event (docs.adyen.com: handling duplicates). */
function dedupeKeyOf({ merchantAccountCode, eventCode, pspReference: psp, success }: RequestItem): string {
  return `${merchantAccountCode}:${eventCode}:${psp}:${success}`;
}

function signedItemOf(item: RequestItem): SignedItem {
  const { eventCode, eventDate, success } = item;
  return {
    dedupeKey: dedupeKeyOf(item),
    type: `${eventCode}:${success}`,
    occurredAt: eventDate == null ? null : new Date(eventDate),
    item: itemSchema.parse(item),
  };
}

/** @throws RangeError when it is no item of this adapter. */
export function readItem(item: EventItem): AdyenItem {
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) throw new RangeError(`no item of Adyen: ${parsed.error.issues[0]?.message ?? ''}`);
  return parsed.data;
}

const validator = new HmacValidator();

function isSigned(item: RequestItem, key: string): boolean {
  const signature = item.additionalData?.['hmacSignature'];
  if (typeof signature !== 'string' || signature === '') return false;
  const claimed = {
    ...item,
    originalReference: item.originalReference ?? '',
    merchantReference: item.merchantReference ?? '',
    additionalData: { hmacSignature: signature },
  };
  return validator.validateHMAC(claimed as unknown as NotificationRequestItem, key);
}

function isBasic(header: string | undefined, basics: readonly string[]): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const given = hash(header ?? '');
  return basics
    .map((secret) => `Basic ${Buffer.from(secret.slice(BASIC.length)).toString('base64')}`)
    .map((expected) => timingSafeEqual(given, hash(expected)))
    .includes(true);
}

function jsonOf(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return null;
  }
}
