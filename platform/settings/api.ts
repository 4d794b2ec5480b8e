import { z } from 'zod';
import { port, positive, setting, url, type Setting } from './setting.ts';

/** The merchant API. */
export const API_SETTINGS = {
  apiPort: setting('QUITTANCE_API_PORT', port, 'TCP port', 'Where the merchant API listens.'),
  apiWaitMs: setting(
    'QUITTANCE_API_WAIT_MS',
    z.coerce.number().int().min(0).max(30_000),
    'ms',
    'How long a POST waits for the final result before it answers 202, where the request does not say (Prefer: wait).',
    '20000',
  ),
  apiRate: setting(
    'QUITTANCE_API_RATE',
    positive,
    'per second',
    'Calls of one merchant, mode and class (read, create, money, manage), on the standard tier; over all api processes, or at each while Redis is gone. Tier plus has 5 times, high 20 times as many (merchants.api_tier).',
    '100',
  ),
  apiAtOnce: setting(
    'QUITTANCE_API_AT_ONCE',
    positive,
    'calls',
    'Calls of one merchant under way at once at one api process, on the standard tier; the others as with the rate.',
    '250',
  ),
  apiPlaces: setting(
    'QUITTANCE_API_PLACES',
    positive,
    'calls',
    'Calls under way at once at one api process. From six tenths on reads are refused, from eight tenths new payments; captures and refunds only when all are taken.',
    '2000',
  ),
  apiTrustedProxies: setting(
    'QUITTANCE_API_TRUSTED_PROXIES',
    z.coerce.number().int().min(0).max(8),
    'count',
    'How many proxies of ours stand before the merchant API and say in X-Forwarded-For where a request comes from: what the address lists of keys are held against. 0 = none: the address of the socket counts.',
    '0',
  ),
  eventRetentionDays: setting(
    'QUITTANCE_EVENT_RETENTION_DAYS',
    positive.max(365),
    'days',
    'Events are told for so long (GET /v1/events, the stream) and can be replayed. What is archived sooner is gone sooner: an archive keeps a month for 30 days after its end unless it is told otherwise.',
    '30',
  ),
  apiKeySecret: setting(
    'QUITTANCE_API_KEY_SECRET',
    z.string().min(32),
    'secret',
    'Key of the HMAC under which API keys are kept and found. Another one makes every key that was used unknown.',
    null,
    true,
  ),
  apiIssuer: setting(
    'QUITTANCE_API_ISSUER',
    url,
    'URL',
    'Who gives out access tokens, and for whom they are (`iss` and `aud`): the public address of this API. Another one ends every token that was given out.',
    'http://127.0.0.1:8080',
  ),
  fingerprintSecret: setting(
    'QUITTANCE_FINGERPRINT_SECRET',
    z.string().min(32),
    'secret',
    'Key of the HMAC over a request’s body that decides "same request again".',
    null,
    true,
  ),
} as const satisfies Record<string, Setting<unknown>>;
