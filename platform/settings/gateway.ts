import { z } from 'zod';
import { port, positive, setting, url, type Setting } from './setting.ts';

/** The operator gateway. */
export const GATEWAY_SETTINGS = {
  gatewayPort: setting('QUITTANCE_GATEWAY_PORT', port, 'TCP port', 'Where the operator gateway listens.'),
  gatewayOrigin: setting(
    'QUITTANCE_GATEWAY_ORIGIN',
    url.refine((value) => new URL(value).origin === value, 'is more than scheme, host and port'),
    'origin',
    'The one address by which operators’ browsers know the gateway, such as https://ops.example.com. What comes by another name is sent there; writes must come from a page of it; with https the cookie is Secure.',
  ),
  gatewaySecret: setting(
    'QUITTANCE_GATEWAY_SECRET',
    z.string().min(32),
    'secret',
    'Key of the HMAC over an operator’s cookie. Another one ends all sessions.',
    null,
    true,
  ),
  gatewaySessionMs: setting(
    'QUITTANCE_GATEWAY_SESSION_MS',
    positive.max(43_200_000),
    'ms',
    'How long a login is good for, whatever is done in it. At most twelve hours.',
    '7200000',
  ),
  gatewayTrustedProxies: setting(
    'QUITTANCE_GATEWAY_TRUSTED_PROXIES',
    z.coerce.number().int().min(0).max(8),
    'count',
    'How many proxies of ours stand before the gateway and say in X-Forwarded-For where a request comes from. 0 = none: the address of the socket counts.',
    '0',
  ),
  temporalWebUrl: setting(
    'QUITTANCE_TEMPORAL_WEB_URL',
    url,
    'URL',
    'Temporal Web itself, which the gateway stands before. It has no login of its own: nobody but the gateway should reach it.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
