import { z } from 'zod';
import { passesLuhn } from '../platform/scrub.ts';
import {
  isId,
  type AcquirerAccountId,
  type AttemptId,
  type CardTakerId,
  type CardToken,
  type MerchantId,
  type StagingId,
} from '../workflows/domain/ids.ts';
import { CARD_PURPOSES } from '../workflows/domain/outcome.ts';
import type { VaultOperation, VaultOperations } from './contract.ts';
import { CARD_TOKEN_PATTERN, STAGING_PATTERN, TOKEN_PATTERN } from './new-token.ts';

// Messages are fixed texts: none quotes what was sent.
const merchant = z.custom<MerchantId>(
  (value) => typeof value === 'string' && isId('mer', value),
  'not a merchant id',
);
const payment = z.custom<CardTakerId>(
  (value) => typeof value === 'string' && (isId('pay', value) || isId('ver', value)),
  'not the id of a payment or a card verification',
);
const staging = z.custom<StagingId>(
  (value) => typeof value === 'string' && STAGING_PATTERN.test(value),
  'not a staging id',
);
const token = z.custom<CardToken>(
  (value) => typeof value === 'string' && TOKEN_PATTERN.test(value),
  'not a card token',
);
const attempt = z.custom<AttemptId>(
  (value) => typeof value === 'string' && /^att_[a-z0-9_]{1,120}$/.test(value),
  'not an attempt id',
);
const account = z.custom<AcquirerAccountId>(
  (value) => typeof value === 'string' && /^aca_[0-9a-z]{1,60}$/.test(value),
  'not an account id',
);

const card = z.strictObject({
  number: z
    .string('not digits')
    .regex(/^\d{12,19}$/, 'not 12 to 19 digits')
    .refine(passesLuhn, 'fails the Luhn check'),
  expiryMonth: z.int('not a month').min(1, 'not a month').max(12, 'not a month'),
  expiryYear: z
    .int('not a four-digit year')
    .min(2000, 'not a four-digit year')
    .max(2099, 'not a four-digit year'),
  cvv: z
    .string('not digits')
    .regex(/^\d{3,4}$/, 'not three or four digits')
    .exactOptional(),
});

const mode = z.enum(['test', 'live'], 'not a mode');
const time = z.iso.datetime({ message: 'not a time' });
const idempotencyKey = z.string('not a text').min(1, 'empty').max(255, 'longer than 255 characters');

/** What each operation takes; anything else is refused before anything is done. */
export const REQUESTS = {
  // An api from before modes says none. Its cards are kept as all were kept then: where no test key finds them.
  stage: z.strictObject({ merchant, mode: mode.default('live'), idempotencyKey, card }),
  claim: z.strictObject({
    merchant,
    mode,
    cardToken: z.string('not a text').regex(CARD_TOKEN_PATTERN, 'not a card token'),
    idempotencyKey,
  }),
  tokenize: z.strictObject({ merchant, payment, staging, numeric: z.literal(true).exactOptional() }),
  detokenize: z.strictObject({
    merchant,
    payment,
    token,
    attempt,
    account,
    purpose: z.enum(CARD_PURPOSES, 'not a kind of attempt'),
    grant: z.string('not a text').max(2_048, 'longer than 2048 characters').nullable(),
  }),
  release: z.strictObject({ merchant, payment, attempt }),
  burn: z.strictObject({ merchant, payment, answered: attempt.exactOptional() }),
  rekey: z.strictObject({
    rotation: z.string('not a text').regex(/^[\w.:-]{1,200}$/, 'not the id of a rotation'),
    after: z.string('not a text').max(300, 'longer than 300 characters').nullable(),
  }),
  forget: z.strictObject({ merchant, mode, token }),
  card: z.strictObject({ merchant, mode, token }),
  cards: z.strictObject({
    merchant,
    mode,
    limit: z.int('not a count').min(1, 'not a count').max(101, 'more than 101'),
    startingAfter: token.exactOptional(),
    endingBefore: token.exactOptional(),
    fingerprint: z
      .string('not a text')
      .regex(/^[0-9a-f]{64}$/, 'not a fingerprint')
      .exactOptional(),
    created: z
      .strictObject({
        gt: time.exactOptional(),
        gte: time.exactOptional(),
        lt: time.exactOptional(),
        lte: time.exactOptional(),
      })
      .exactOptional(),
  }),
  cardToken: z.strictObject({
    merchant,
    mode,
    cardToken: z.string('not a text').regex(CARD_TOKEN_PATTERN, 'not a card token'),
  }),
  forgotten: z.strictObject({ after: token.nullable() }),
  publish: z.strictObject({
    merchant,
    mode,
    key: z.string('not a text').regex(/^pk_(?:test|live)_[A-Za-z0-9]{24,64}$/, 'not a publishable key'),
    origins: z.array(z.string('not a text').max(200, 'longer than 200 characters')).max(20, 'more than 20'),
    until: time.nullable(),
  }),
  destroy: z.strictObject({ merchant, token, payments: z.int('not a count').min(0, 'not a count') }),
} satisfies { readonly [O in VaultOperation]: z.ZodType<VaultOperations[O]['request']> };

/** Where and how a request is malformed, without a character of its values. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => {
      const where = issue.path.join('.') || 'the request';
      // The library's text names the unknown key, and a key can be anything.
      return `${where}: ${issue.code === 'unrecognized_keys' ? 'has unknown fields' : issue.message}`;
    })
    .join('; ');
}
