import { z } from 'zod';
import { passesLuhn } from '../platform/scrub.ts';
import {
  isId,
  type AttemptId,
  type CardToken,
  type MerchantId,
  type PaymentId,
  type StagingId,
} from '../workflows/domain/ids.ts';
import type { VaultOperation, VaultOperations } from './contract.ts';
import { STAGING_PATTERN, TOKEN_PATTERN } from './new-token.ts';

// Messages are fixed texts: none quotes what was sent.
const merchant = z.custom<MerchantId>(
  (value) => typeof value === 'string' && isId('mer', value),
  'not a merchant id',
);
const payment = z.custom<PaymentId>(
  (value) => typeof value === 'string' && isId('pay', value),
  'not a payment id',
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

/** What each operation takes; anything else is refused before anything is done. */
export const REQUESTS = {
  stage: z.strictObject({
    merchant,
    idempotencyKey: z.string('not a text').min(1, 'empty').max(255, 'longer than 255 characters'),
    card,
  }),
  tokenize: z.strictObject({ merchant, payment, staging }),
  detokenize: z.strictObject({ merchant, payment, token, attempt }),
  release: z.strictObject({ merchant, payment, attempt }),
  burn: z.strictObject({ merchant, payment }),
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
