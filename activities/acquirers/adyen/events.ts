import type { NotificationRequestItem } from '@adyen/api-library/lib/src/typings/notification/notificationRequestItem.js';
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { isCurrency } from '../../../workflows/domain/currencies.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import { approved, declined } from '../answers.ts';
import type { AttemptAnswer } from '../attempts.ts';
import type { AcquirerEvents, AcquirerReport, Verified } from '../events.ts';
import { fromAdyen, type AdyenAmount } from './amounts.ts';
import { HmacValidator } from './library.ts';
import { pspReference } from './objects.ts';
import { ANSWERED_KINDS, EVENT_CODES, rowOf } from './reply-table.ts';

export interface AdyenEventSecrets {
  /** Hexadecimal; more than one while they are rotated. */
  readonly hmacKeys: readonly string[];
  /** Asked for when there is one. */
  readonly basic: { readonly user: string; readonly password: string } | null;
}

/** What is signed of an event, and the one text that is not. */
export interface AdyenEvent {
  readonly pspReference: string;
  readonly originalReference: string | null;
  readonly merchantAccountCode: string;
  readonly merchantReference: string;
  readonly amount: AdyenAmount;
  readonly eventCode: string;
  readonly success: boolean;
  /** For people; anybody on the way could have written it. */
  readonly unsigned: { readonly reason: string | null };
}

// The signed text is these fields with colons between them: one within a field could shift the rest.
const signed = z
  .string()
  .max(256)
  .regex(/^[^:\\]*$/);

const itemSchema = z.object({
  pspReference,
  originalReference: z.union([pspReference, z.literal('')]).nullish(),
  merchantAccountCode: signed.min(1),
  merchantReference: signed.nullish(),
  amount: z.object({ value: z.number().int(), currency: signed.length(3) }),
  eventCode: z.string().regex(/^[A-Z0-9_]{1,64}$/),
  success: z.enum(['true', 'false']),
  reason: z.string().nullish(),
  additionalData: z.record(z.string(), z.unknown()).nullish(),
});
type RawItem = z.infer<typeof itemSchema>;

const bodySchema = z.object({
  notificationItems: z
    .array(z.object({ NotificationRequestItem: itemSchema }))
    .min(1)
    .max(6),
});

/** Adyen's standard webhook (JSON): every item carries its own HMAC. */
export const adyenEvents: AcquirerEvents<AdyenEventSecrets, AdyenEvent> = {
  verify(rawBody, headers, { hmacKeys, basic }) {
    if (basic !== null && !isBasic(headers['authorization'], basic))
      return { type: 'refused', status: 401, reason: 'the basic authentication is missing or wrong' };
    const body = bodySchema.safeParse(jsonOf(rawBody));
    if (!body.success) {
      const [issue] = body.error.issues;
      return {
        type: 'refused',
        status: 400,
        reason: `no notification: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
      };
    }
    const items = body.data.notificationItems.map(({ NotificationRequestItem: item }) => item);
    // One that is not signed spoils the request: Adyen sends it again, whole.
    if (!items.every((item) => isSigned(item, hmacKeys)))
      return { type: 'refused', status: 401, reason: 'an item is not signed with a key of ours' };
    return verifiedOf(items.map(eventOf));
  },
  translate: translateEvent,
};

function verifiedOf(events: readonly AdyenEvent[]): Verified<AdyenEvent> {
  const items = events.map((item) => ({ dedupeKey: dedupeKeyOf(item), item }));
  return { type: 'verified', dedupeKey: items.map(({ dedupeKey }) => dedupeKey).join(' '), items };
}

/** The same for every delivery of the same event (docs.adyen.com: handling duplicates). */
function dedupeKeyOf({ merchantAccountCode, eventCode, pspReference: psp, success }: AdyenEvent): string {
  return `${merchantAccountCode}:${eventCode}:${psp}:${success}`;
}

const validator = new HmacValidator();

/** Over the documented fields, in constant time; no key is skipped for its place in the list. */
function isSigned(item: RawItem, hmacKeys: readonly string[]): boolean {
  const signature = item.additionalData?.['hmacSignature'];
  if (typeof signature !== 'string' || signature === '') return false;
  const claimed = {
    ...item,
    originalReference: item.originalReference ?? '',
    merchantReference: item.merchantReference ?? '',
    additionalData: { hmacSignature: signature },
  } as unknown as NotificationRequestItem;
  return hmacKeys.map((key) => validator.validateHMAC(claimed, key)).includes(true);
}

function eventOf(item: RawItem): AdyenEvent {
  const { originalReference, merchantReference, success, reason } = item;
  return {
    pspReference: item.pspReference,
    originalReference: originalReference == null || originalReference === '' ? null : originalReference,
    merchantAccountCode: item.merchantAccountCode,
    merchantReference: merchantReference ?? '',
    amount: item.amount,
    eventCode: item.eventCode,
    success: success === 'true',
    unsigned: { reason: reason == null || reason === '' ? null : reason.slice(0, 200) },
  };
}

function isBasic(
  header: string | string[] | undefined,
  { user, password }: { readonly user: string; readonly password: string },
): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return timingSafeEqual(hash(typeof header === 'string' ? header : ''), hash(expected));
}

function jsonOf(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return null;
  }
}

/** What an event comes to. Pure: who it is about is found by whoever takes the report. */
function translateEvent(event: AdyenEvent): AcquirerReport {
  const { eventCode, success, amount } = event;
  const about = {
    merchantAccount: event.merchantAccountCode,
    reference: event.merchantReference === '' ? null : event.merchantReference,
    acquirerReference: event.pspReference,
    payment: event.originalReference ?? event.pspReference,
    reason: event.unsigned.reason,
  };
  switch (rowOf(EVENT_CODES, eventCode)) {
    case null:
      return { ...about, type: 'not_understood', detail: `${eventCode} stands in no table` };
    case 'nothing':
      return { ...about, type: 'nothing', detail: eventCode };
    case 'answers':
      return { ...about, type: 'answer', ...answerOf(event) };
    case 'withdraws':
      // That a withdrawal failed leaves the success as it was.
      return success
        ? { ...about, type: 'withdrawal' }
        : { ...about, type: 'nothing', detail: `${eventCode}: false` };
    case 'chargeback':
    case 'chargeback_reversal': {
      const type = eventCode === 'CHARGEBACK_REVERSED' ? 'chargeback_reversal' : 'chargeback';
      const minor = isCurrency(amount.currency) ? minorOf(amount) : null;
      if (!success) return { ...about, type: 'nothing', detail: `${eventCode}: false` };
      return minor === null
        ? { ...about, type: 'not_understood', detail: `${eventCode} of ${amount.value} ${amount.currency}` }
        : { ...about, type, amount: minor, currency: amount.currency };
    }
  }
}

/** Null when the currency is not taken, or it is no whole number of minor units. */
function minorOf(amount: AdyenAmount): bigint | null {
  try {
    return fromAdyen(amount, amount.currency);
  } catch {
    return null;
  }
}

/** Events that say an amount which moved; of the others only that they were carried out. */
const MOVES: readonly string[] = ['AUTHORISATION', 'CAPTURE', 'REFUND'];

/**
 * How the attempt ended. Codes, approval code and checks are not signed here: a decline has no remedy,
 * so nothing is tried again because of what somebody else may have written.
 */
function answerOf({ eventCode, success, amount, pspReference: name }: AdyenEvent): {
  readonly about: readonly AttemptKind[];
  readonly answer: AttemptAnswer;
  readonly currency: string | null;
} {
  const about = Object.hasOwn(ANSWERED_KINDS, eventCode)
    ? ANSWERED_KINDS[eventCode as keyof typeof ANSWERED_KINDS]
    : [];
  const acquirerReference = name;
  if (!success) {
    const reason = eventCode === 'CAPTURE' ? 'advice_refused' : 'refused by Adyen’s report';
    const { answer } = declined(`${eventCode}:false`, 'none', reason, { acquirerReference });
    return { about, answer, currency: null };
  }
  const responseCode = eventCode === 'AUTHORISATION' ? 'Authorised' : `${eventCode}:true`;
  const approvedAmount = MOVES.includes(eventCode) ? minorOf(amount) : null;
  const { answer } = approved({ responseCode, acquirerReference, approvedAmount });
  return { about, answer, currency: approvedAmount === null ? null : amount.currency };
}
