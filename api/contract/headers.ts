import { WAIT_MAX_S } from '../prefer.ts';
import { VERSIONS } from '../versions.ts';

const header = (description: string, schema: Readonly<Record<string, unknown>> = { type: 'string' }) => ({
  description,
  schema,
});

/** Headers of answers, as the document has them. */
export const HEADERS = {
  'Request-Id': header('Names this request in our log.'),
  'Quittance-Payment': header('Id of the payment that the request is about.'),
  'Preference-Applied': header('`wait=N`: how long the request was willing to wait.'),
  'Idempotency-Replayed': header(
    '`true` when this is the kept answer of an earlier request with the same key.',
    {
      const: 'true',
    },
  ),
  'Retry-After': header('Seconds after which it is worth asking again.', {
    type: 'string',
    pattern: '^[0-9]+$',
  }),
  'RateLimit-Policy': header(
    'How many calls of which class may come in a second: `"read";q=100;w=1` (draft-ietf-httpapi-ratelimit-headers).',
  ),
  RateLimit: header(
    'How many are left (`r`), and seconds until there are all again, or one where there was none (`t`).',
  ),
  'Quittance-Version': header('The version of the API that this is answered in.', {
    type: 'string',
    enum: VERSIONS,
  }),
  Deprecation: header('Of a version that is not the newest: since when (RFC 9745), `@` and Unix seconds.'),
  Sunset: header('Of a version that is not the newest: until when it is answered (RFC 8594).'),
  Location: header('Address of what was created.'),
} as const;

export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description:
    'New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  example: '0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10',
} as const;

export const VERSION = {
  name: 'Quittance-Version',
  in: 'header',
  required: false,
  description:
    'The version that the answer is to have. Without it that of the key; see `version` of an API key.',
  schema: { type: 'string', enum: VERSIONS },
} as const;

export const PREFER = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description: `\`wait=N\`: wait up to N seconds for the outcome, at most ${WAIT_MAX_S}; 0 answers at once. What is not known by then is answered 202.`,
  schema: { type: 'string' },
  example: 'wait=10',
} as const;
