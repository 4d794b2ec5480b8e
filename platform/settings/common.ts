import { z } from 'zod';
import { isHostName } from '../plain-links.ts';
import { port, positive, setting, text, url, type Setting } from './setting.ts';

/** Lower-case names and addresses; the empty text (null) = none. */
const hosts = z
  .string()
  .nullable()
  .transform((raw) => (raw === null ? [] : raw.toLowerCase().split(',')))
  .refine((names) => names.every(isHostName), 'is not a list of host names or addresses, without ports')
  .readonly();

/** What every process has: its log, its health and how it leaves. */
export const COMMON_SETTINGS = {
  logLevel: setting(
    'QUITTANCE_LOG_LEVEL',
    z.enum(['error', 'warn', 'info', 'debug']),
    'error|warn|info|debug',
    'What is logged to standard output, one JSON line an event.',
    'info',
  ),
  healthPort: setting(
    'QUITTANCE_HEALTH_PORT',
    port,
    'TCP port',
    'Where a worker or the vault answers GET /livez, GET /healthz and GET /metrics (api and gateway answer /healthz on their own port).',
  ),
  healthHost: setting(
    'QUITTANCE_HEALTH_HOST',
    text,
    'address',
    'Where GET /livez, GET /healthz and GET /metrics of a worker or the vault, and GET /livez and GET /metrics of the others, can be reached.',
    '127.0.0.1',
  ),
  metricsPort: setting(
    'QUITTANCE_METRICS_PORT',
    port.nullable(),
    'TCP port',
    'Where a process that merchants or others reach answers GET /livez and GET /metrics; empty = nowhere.',
    '',
  ),
  otlpEndpoint: setting(
    'QUITTANCE_OTLP_ENDPOINT',
    url.nullable(),
    'URL',
    'Where traces are sent: OTLP over HTTP, the whole address (http://collector:4318/v1/traces); empty = nothing is traced.',
    '',
  ),
  shutdownGraceMs: setting(
    'QUITTANCE_SHUTDOWN_GRACE_MS',
    positive,
    'ms',
    'How long a process that was asked to stop may finish what it has begun. Above the acquirer call limit, so that a drain loses no answer.',
    '20000',
  ),

  listenHost: setting(
    'QUITTANCE_LISTEN_HOST',
    text,
    'address',
    'The address of this machine on which api, vault and gateway listen. In a container 0.0.0.0; never more open than needed.',
    '127.0.0.1',
  ),
  plainHosts: setting(
    'QUITTANCE_PLAIN_HOSTS',
    hosts,
    'host,host',
    'Hosts off the own machine that may be spoken to without TLS, because something else seals the way (a mesh, the network of one machine’s containers): of the key service, of acquirers, of the store of histories. For the vault’s address for pages also its own QUITTANCE_LISTEN_HOST, where what ends TLS stands before it. A process does not start with any other such address; the vault itself is never spoken to without TLS.',
    '',
  ),
} as const satisfies Record<string, Setting<unknown>>;
