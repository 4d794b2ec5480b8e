import { createHmac } from 'node:crypto';
import type { AdyenEntry, ModificationState, PaymentState } from './journal-entry.ts';

/** The answer of /payments. */
export function renderPayment(payment: PaymentState): Record<string, unknown> {
  const { resultCode, refusalReasonCode, authCode, pspReference, cvcResult } = payment;
  return {
    pspReference,
    resultCode,
    merchantReference: payment.reference,
    amount: { value: payment.amount, currency: payment.currency },
    ...(refusalReasonCode === null
      ? {}
      : { refusalReasonCode, refusalReason: `SIMULATED ${refusalReasonCode}` }),
    additionalData: {
      cvcResult,
      avsResult: '0 Unknown',
      ...(authCode === null ? {} : { authCode, networkTxReference: `NT${pspReference}` }),
    },
  };
}

/** The answer to a modification. */
export function renderModification(modification: ModificationState): Record<string, unknown> {
  const { account, pspReference, payment, paymentReference, reference, amount, currency } = modification;
  return {
    merchantAccount: account,
    pspReference,
    reference,
    status: 'received',
    ...(payment === null ? { paymentReference } : { paymentPspReference: payment }),
    ...(currency === null ? {} : { amount: { value: amount, currency } }),
  };
}

export function renderProblem(status: number, errorCode: string, message: string): Record<string, unknown> {
  return { status, errorCode, message, errorType: status >= 500 ? 'internal' : 'validation' };
}

const EVENT_OF = {
  capture: 'CAPTURE',
  cancel: 'CANCELLATION',
  refund: 'REFUND',
  reverse: 'CANCEL_OR_REFUND',
  cancel_by_reference: 'TECHNICAL_CANCEL',
} as const satisfies Record<ModificationState['kind'], string>;

/** A field each: what is signed, in the order in which it is. */
interface Item {
  readonly pspReference: string;
  readonly originalReference: string;
  readonly merchantAccountCode: string;
  readonly merchantReference: string;
  readonly amount: { readonly value: number; readonly currency: string };
  readonly eventCode: string;
  readonly success: 'true' | 'false';
}

/** What Adyen reports about a line of the journal; null = nothing. */
export function eventOf({
  kind,
  at,
  paymentAfter,
  modificationAfter,
}: AdyenEntry): (Item & { readonly eventDate: string; readonly reason: string }) | null {
  const rest = { eventDate: at, reason: kind };
  if (modificationAfter === null) {
    if (paymentAfter === null || paymentAfter.status === 'open') return null;
    const authorised = paymentAfter.status === 'authorised';
    return {
      ...rest,
      pspReference: paymentAfter.pspReference,
      originalReference: '',
      merchantAccountCode: paymentAfter.account,
      merchantReference: paymentAfter.reference,
      amount: { value: paymentAfter.amount, currency: paymentAfter.currency },
      eventCode: 'AUTHORISATION',
      success: authorised ? 'true' : 'false',
    };
  }
  const { status, pspReference, payment, account, reference, amount, currency } = modificationAfter;
  if (status === 'received') return null;
  const withdrawn = status === 'withdrawn';
  const code = EVENT_OF[modificationAfter.kind];
  return {
    ...rest,
    pspReference,
    originalReference: payment ?? paymentAfter?.pspReference ?? '',
    merchantAccountCode: account,
    merchantReference: reference,
    amount: { value: amount, currency: currency ?? paymentAfter?.currency ?? 'EUR' },
    eventCode: withdrawn ? `${code}_FAILED` : code,
    success: status === 'failed' ? 'false' : 'true',
  };
}

/** The request body of an event, signed as Adyen signs: HMAC-SHA256 with a hexadecimal key over the fields. */
export function signedBody(item: Item, hmacKey: string): string {
  const { amount } = item;
  const text = [
    item.pspReference,
    item.originalReference,
    item.merchantAccountCode,
    item.merchantReference,
    amount.value,
    amount.currency,
    item.eventCode,
    item.success,
  ].join(':');
  const hmacSignature = createHmac('sha256', Buffer.from(hmacKey, 'hex'))
    .update(text, 'utf8')
    .digest('base64');
  return JSON.stringify({
    live: 'false',
    notificationItems: [{ NotificationRequestItem: { ...item, additionalData: { hmacSignature } } }],
  });
}
