import { z } from 'zod';
import { json, port, positive, setting, text, url, type Setting } from './setting.ts';

/** How a link proves who is at both ends: paths of PEM files, read again for each connection. */
const linkTls = z
  .strictObject({
    /** The authorities of which one must have signed the host's certificate. */
    authorityFile: text,
    /** The name that the certificate must have; the link's host when left out. */
    serverName: text.optional(),
    certificateFile: text.optional(),
    keyFile: text.optional(),
  })
  .refine(
    ({ certificateFile, keyFile }) => (certificateFile === undefined) === (keyFile === undefined),
    'tls has a certificateFile without its keyFile, or the other way round',
  );

/** Acquirers: where they are, what they may tell us, how long they may take. */
export const ACQUIRERS_SETTINGS = {
  acquirerLinks: setting(
    'QUITTANCE_ACQUIRER_LINKS',
    json(
      z.array(
        z.strictObject({
          acquirer: text,
          host: text,
          port,
          connections: positive.max(64),
          tls: linkTls.optional(),
        }),
      ),
    ),
    'JSON',
    'Acquirer worker: the ISO 8583 links it keeps, [{"acquirer":"…","host":"…","port":0,"connections":2,"tls":{"authorityFile":"…"}}]. Without tls (TLS 1.2 or 1.3; a serverName when the certificate has another name than the host, certificateFile and keyFile when the host asks for one) a link is plain TCP: on the own machine, or to a host of QUITTANCE_PLAIN_HOSTS.',
  ),
  acquirerEndpoints: setting(
    'QUITTANCE_ACQUIRER_ENDPOINTS',
    json(
      z.array(
        z.strictObject({
          acquirer: text,
          wire: z.enum(['stripe', 'adyen']),
          url,
          apiKey: text,
          connections: positive.max(256),
        }),
      ),
    ),
    'JSON',
    'Acquirer worker: the HTTP APIs it calls, each with the secret key of its acquirer, [{"acquirer":"…","wire":"stripe","url":"https://api.stripe.com","apiKey":"sk_…","connections":50}]; wire stripe or adyen.',
    '[]',
    true,
  ),
  acquirerEventSecrets: setting(
    'QUITTANCE_ACQUIRER_EVENT_SECRETS',
    json(
      z.array(
        z.strictObject({
          acquirer: text,
          wire: z.enum(['adyen', 'stripe']),
          secrets: z.array(z.string().min(16)).min(1).max(3),
        }),
      ),
    ),
    'JSON',
    'Api: who may send events to /v1/acquirer-events/{acquirer}, and what they sign them with (adyen: HMAC keys, and basic:user:password where it authenticates as well); two secrets while they are changed, [{"acquirer":"…","wire":"stripe","secrets":["whsec_…"]}].',
    '[]',
    true,
  ),
  adoptAfterMs: setting(
    'QUITTANCE_ADOPT_AFTER_MS',
    positive,
    'ms',
    'What an acquirer tells of a payment of ours, and is no attempt of ours, is taken over after this long.',
    '900000',
  ),
  acquirerCallLimitMs: setting(
    'QUITTANCE_ACQUIRER_CALL_LIMIT_MS',
    positive,
    'ms',
    'How long an acquirer may take to answer before the outcome is ambiguous.',
    '8000',
  ),
  acquirerCallSlots: setting(
    'QUITTANCE_ACQUIRER_CALL_SLOTS',
    positive,
    'calls',
    'Calls under way at one acquirer at once: its bulkhead. Each acquirer has its own, so a slow one takes nothing from the others.',
    '200',
  ),
} as const satisfies Record<string, Setting<unknown>>;
