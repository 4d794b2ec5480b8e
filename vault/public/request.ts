import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { cardNumberFault, securityCodeLengths } from '../../platform/card-number.ts';
import type { CardDetails } from '../contract.ts';

/** Why the public address says no. Names that docs/api.md has are the same there and here. */
export const PUBLIC_PROBLEMS = {
  malformed_json: 400,
  field_invalid: 400,
  card_number_invalid: 400,
  card_expired: 400,
  publishable_key_invalid: 401,
  origin_not_allowed: 403,
  route_not_found: 404,
  body_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal_error: 500,
  service_unavailable: 503,
} as const;
export type PublicCode = keyof typeof PUBLIC_PROBLEMS;

/** A refusal. Its text is ours and quotes nothing that was sent. */
export class PublicProblem extends Error {
  override readonly name = 'PublicProblem';
  readonly code: PublicCode;
  /** JSON pointer to the field that is wrong. */
  readonly param: string | null;

  constructor(code: PublicCode, message: string, param: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.param = param;
  }
}

const BODY_BYTES_MAX = 4 * 1_024;

const schema = z.strictObject({
  card: z
    .strictObject({
      number: z.string().superRefine((value, context) => {
        const fault = cardNumberFault(value);
        if (fault !== null) context.addIssue({ code: 'custom', message: fault });
      }),
      expiry_month: z.int().min(1).max(12),
      expiry_year: z.int().min(2000).max(2099),
      cvv: z
        .string()
        .regex(/^\d{3,4}$/)
        .optional(),
    })
    .refine(({ number, cvv }) => cvv === undefined || securityCodeLengths(number).includes(cvv.length), {
      path: ['cvv'],
    }),
});

/** What each field must be; the library's own texts could quote what was sent. */
const FIELDS: Readonly<Record<string, string>> = {
  '/card/expiry_month': '/card/expiry_month must be an integer from 1 to 12',
  '/card/expiry_year': '/card/expiry_year must be a year of four digits',
  '/card/cvv': '/card/cvv must be as many digits as a card of this scheme has: three or four',
};

/** The card of a request. @throws PublicProblem */
export async function readCard(request: IncomingMessage, now: number): Promise<CardDetails> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new PublicProblem('unsupported_media_type', 'send the body as application/json in UTF-8');
  const parsed = schema.safeParse(await readJson(request));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    // A name that we do not know is not repeated: it can be anything.
    const path = issue === undefined || issue.code === 'unrecognized_keys' ? '' : `/${issue.path.join('/')}`;
    if (path === '/card/number')
      throw new PublicProblem(
        'card_number_invalid',
        `/card/number ${issue?.code === 'custom' ? issue.message : 'must be a text of digits'}`,
        path,
      );
    throw new PublicProblem(
      'field_invalid',
      FIELDS[path] ?? 'send {"card": {"number", "expiry_month", "expiry_year", "cvv"}} and nothing else',
      path in FIELDS ? path : null,
    );
  }
  const { number, expiry_month: expiryMonth, expiry_year: expiryYear, cvv } = parsed.data.card;
  // A card is good to the end of its month, where that ends last on earth (UTC-12).
  if (now >= Date.UTC(expiryYear, expiryMonth, 1, 12))
    throw new PublicProblem(
      'card_expired',
      'the card expired at the end of its expiry month',
      '/card/expiry_month',
    );
  return { number, expiryMonth, expiryYear, ...(cvv === undefined ? {} : { cvv }) };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX)
      throw new PublicProblem('body_too_large', `the body is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks, size).toString('utf8')) as unknown;
  } catch {
    throw new PublicProblem('malformed_json', 'the body is not one JSON value in UTF-8');
  }
}
