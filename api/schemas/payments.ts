import { isIP } from 'node:net';
import { z } from 'zod';
import { isCurrency, type Currency } from '../../workflows/domain/currencies.ts';
import { isId, type CustomerId } from '../../workflows/domain/ids.ts';
import { OPERATION_LIMIT } from '../../workflows/domain/money.ts';
import { cardNumberFault, securityCodeLengths } from '../../platform/card-number.ts';
import { invalidFields, type FieldError } from '../problem.ts';
import { CURRENCY } from './meta.ts';

// Messages complete the sentence "<pointer> …" and never quote what was sent.

const METADATA_KEYS_MAX = 20;
/** Without a wish of the merchant's, and at most, with the customer present (payment-rules: late is not yes). */
const AUTHORIZE_WITHIN_MS = 10 * 60_000;
const AUTHORIZE_WITHIN_MAX_MS = 15 * 60_000;

/** What PostgreSQL cannot keep (NUL, half a surrogate pair), and what no reader sees. */
const UNPRINTABLE = /[\u0000-\u001f\u007f\p{Surrogate}]/u;
const UNPRINTABLE_BUT_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\p{Surrogate}]/u;

const lengths = (max: number) =>
  z.string('must be a text').min(1, 'must not be empty').max(max, `must have at most ${max} characters`);
/** One line of text. */
export const line = (max: number) =>
  lengths(max).refine((value) => !UNPRINTABLE.test(value), 'must be one line without control characters');
/** Text that may have line breaks and tabs. */
export const text = (max: number) =>
  lengths(max).refine((value) => !UNPRINTABLE_BUT_LINES.test(value), 'must not have control characters');

const amount = z
  .int('must be an integer: minor units, without a fraction')
  .min(1, 'must be at least 1')
  .max(Number(OPERATION_LIMIT), `must be at most ${OPERATION_LIMIT}`)
  .describe('Minor units.')
  .transform(BigInt);

/** ISO 4217. */
export const currencyInput = z
  .custom<Currency>(
    (value) => typeof value === 'string' && isCurrency(value),
    // Not the end of the check: what is wrong elsewhere in the body is told in the same answer.
    { error: 'must be an active ISO 4217 code in upper case, such as EUR', abort: false },
  )
  .meta(CURRENCY);

/** A card as the payer gave it. */
export const cardInput = z
  .strictObject(
    {
      number: z
        .string('must be a text of digits')
        .superRefine((value, context) => {
          const fault = cardNumberFault(value);
          if (fault !== null) context.addIssue({ code: 'custom', message: fault });
        })
        .meta({
          pattern: '^[0-9]{12,19}$',
          description: 'Digits only; of a known length, with its check digit.',
        }),
      expiry_month: z
        .int('must be an integer from 1 to 12')
        .min(1, 'must be 1 to 12')
        .max(12, 'must be 1 to 12'),
      expiry_year: z
        .int('must be a year of four digits')
        .min(2000, 'must be a year of four digits, from 2000 on')
        .max(2099, 'must be a year up to 2099'),
      cvv: z
        .string('must be a text of digits')
        .regex(/^\d{3,4}$/, 'must be three or four digits')
        .optional(),
    },
    'must be an object',
  )
  .superRefine(({ number, cvv }, context) => {
    const allowed = securityCodeLengths(number);
    if (cvv !== undefined && !allowed.includes(cvv.length)) {
      context.addIssue({
        code: 'custom',
        path: ['cvv'],
        message: `must have ${allowed.join(' or ')} digits for a card of this scheme`,
      });
    }
  });

/** Of payments and of verifications. */
export const metadata = z
  .record(line(40), text(500), 'must be an object of texts')
  .refine(
    (value) => Object.keys(value).length <= METADATA_KEYS_MAX,
    `must have at most ${METADATA_KEYS_MAX} keys`,
  )
  .meta({ maxProperties: METADATA_KEYS_MAX, description: 'Your own texts, by your own names.' });

export const cardTokenInput = z
  .string('must be a text')
  .regex(/^(?:ctok|card)_[0-9a-hjkmnp-tv-z]{26}$/, 'must be a card token, ctok_… or card_…')
  .describe(
    'Instead of `card`: a one-time token of a page or an app (`ctok_…`), or a card of yours that was paid with or verified before (`card_…`).',
  );

export const customerInput = z
  .custom<CustomerId>(
    (value) => typeof value === 'string' && isId('cus', value),
    // Not the end of the check: what is wrong elsewhere in the body is told in the same answer.
    { error: 'must be the id of a customer, cus_…', abort: false },
  )
  .meta({
    type: 'string',
    pattern: '^cus_[0-7][0-9a-hjkmnp-tv-z]{25}$',
    description: 'A customer of yours.',
  });

interface CardWish {
  readonly card?: unknown;
  readonly card_token?: unknown;
}

/** Of a body that names a card: there is one, as it is or by its token. */
export function hasCard({ card, card_token: token }: CardWish): boolean {
  return card !== undefined || token !== undefined;
}
export const HAS_CARD = {
  path: ['card'],
  message: 'is required, or a card_token instead of it',
  // Also beside other wrong fields: it is a missing one.
  when: ({ value }: { readonly value: unknown }) =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};
/** And there are not two. */
export function notTwoCards({ card, card_token: token }: CardWish, context: z.RefinementCtx): void {
  if (card !== undefined && token !== undefined)
    context.addIssue({
      code: 'custom',
      path: ['card_token'],
      message: 'cannot come with a card: send one of them',
    });
}

/** POST /v1/payments. Everything that does not change with time; see {@link timeFaults} for the rest. */
export const createPayment = z
  .strictObject(
    {
      amount,
      currency: currencyInput,
      capture: z.enum(['automatic', 'manual'], 'must be "automatic" or "manual"').default('automatic'),
      authorization_type: z
        .enum(['final', 'pre'], 'must be "final" or "pre"')
        .default('final')
        .describe('`pre`: an estimate, which may grow; only with capture `manual`.'),
      card: cardInput.optional(),
      card_token: cardTokenInput.optional(),
      partial_approval: z.enum(['allow', 'refuse'], 'must be "allow" or "refuse"').default('refuse'),
      description: text(500).optional(),
      order_reference: line(100).optional(),
      customer_reference: line(100).optional(),
      customer: customerInput.optional(),
      ip_address: z
        .string('must be an IPv4 or IPv6 address')
        // Without a zone: that is a name of the sender's own interface.
        .refine((value) => isIP(value) !== 0 && !value.includes('%'), 'must be an IPv4 or IPv6 address')
        .optional()
        .describe('Of the customer: IPv4 or IPv6.'),
      metadata: metadata.default({}),
      authorize_by: z.iso
        .datetime({
          offset: true,
          message: 'must be an ISO 8601 time with its zone, such as 2031-05-14T10:00:00Z',
        })
        .refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time that exists')
        .optional()
        .describe('Until when it may be sent to an acquirer: in the future, at most 15 minutes away.'),
    },
    'must be an object',
  )
  .refine(hasCard, HAS_CARD)
  .superRefine(notTwoCards)
  .superRefine(({ capture, authorization_type: type }, context) => {
    if (type === 'pre' && capture === 'automatic') {
      context.addIssue({
        code: 'custom',
        path: ['authorization_type'],
        message: 'can be "pre" only with capture "manual": an estimate is not taken by itself',
      });
    }
  });
export type CreatePayment = z.output<typeof createPayment>;

/** POST /v1/payments/{id}/increments. What is added to the hold, not the new total. */
export const incrementPayment = z.strictObject({ amount }, 'must be an object');

/**
 * POST /v1/payments/{id}/captures, and /capture. Without an amount: all that is still capturable.
 * Whether it is the last one where it does not say depends on the address.
 */
export const capturePayment = z.strictObject(
  { amount: amount.optional(), final: z.boolean('must be true or false').optional() },
  'must be an object',
);

/** POST /v1/payments/{id}/reauthorize. */
export const reauthorizePayment = z.strictObject({}, 'must be an object');

/** POST /v1/payments/{id}/void. */
export const voidPayment = z.strictObject({}, 'must be an object');

/** POST /v1/payments/{id}/refunds. Without an amount: all that is still refundable. */
export const refundPayment = z.strictObject(
  { amount: amount.optional(), reason: text(500).optional() },
  'must be an object',
);

/** Until when the payment may be sent (epoch ms). */
export function authorizeByOf({ authorize_by }: CreatePayment, now: number): number {
  return authorize_by === undefined ? now + AUTHORIZE_WITHIN_MS : Date.parse(authorize_by);
}

/**
 * What is wrong with a new payment now, though its form is right. Not asked of a repeat: what was
 * accepted once keeps its answer, also after the card has expired.
 */
export function timeFaults(body: CreatePayment, now: number): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (body.card !== undefined)
    faults.push(...expiryFaults(body.card.expiry_month, body.card.expiry_year, '/card/expiry_month', now));
  const by = authorizeByOf(body, now);
  if (by <= now || by > now + AUTHORIZE_WITHIN_MAX_MS) {
    faults.push({
      code: 'authorize_by_out_of_range',
      param: '/authorize_by',
      detail: `/authorize_by must be in the future and at most ${AUTHORIZE_WITHIN_MAX_MS / 60_000} minutes away`,
    });
  }
  return faults;
}

/** What is wrong with a card of that expiry now; `param` is the field that said which card. */
export function expiryFaults(month: number, year: number, param: string, now: number): readonly FieldError[] {
  // A card is good to the end of its month, where that ends last on earth (UTC-12).
  if (now < Date.UTC(year, month, 1, 12)) return [];
  const detail = 'the card expired at the end of its expiry month: ask the customer for another card';
  return [{ code: 'card_expired', param, detail }];
}

/** @throws Problem when there is a fault. */
export function refuseFaults([first, ...rest]: readonly FieldError[]): void {
  if (first !== undefined) throw invalidFields([first, ...rest]);
}
