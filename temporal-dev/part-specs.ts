import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadConfig } from '../platform/config.ts';
import type { ProcessRole } from '../platform/process-settings.ts';
import {
  ACQUIRER_ID,
  ACQUIRER_WIRES,
  acquirerEventsUrl,
  ADYEN_ACQUIRER_ID,
  STRIPE_ACQUIRER_ID,
  type AcquirerName,
} from './addresses.ts';
import type { FetchDeps } from './parts/fetch.ts';
import { prepareOwnProcess } from './parts/own-process.ts';
import { preparePostgres } from './parts/postgres.ts';
import { prepareRedis } from './parts/redis.ts';
import { prepareTemporal } from './parts/temporal.ts';
import type { PartName } from './part-names.ts';
import { healthPortOf, processEnvironment } from './process-environment.ts';
import type { StackFacts } from './process-environment.ts';
import type { ProcessVariables } from './settings.ts';
import { urlVia } from './via.ts';
import type { Guard } from './supervisor/guard.ts';
import type { ServiceSpec } from './supervisor/service.ts';

interface SpecContext extends StackFacts {
  readonly dir: string;
  readonly inherited: Readonly<Record<string, string>>;
  readonly fetch: FetchDeps;
  readonly guard: Guard;
  readonly processVariables: ProcessVariables;
  /** A run with so many events is told to continue as new. */
  readonly continueAfterEvents: number;
}

/** The compiled entry points, below dist/. */
export const ENTRIES = {
  vault: 'vault/main.js',
  api: 'api/main.js',
  gateway: 'gateway/main.js',
  payments: 'workers/payments.js',
  acquirers: 'workers/acquirers.js',
  webhooks: 'workers/webhooks.js',
  'back-office': 'workers/back-office.js',
} as const satisfies Record<ProcessRole, string>;
export const SIMULATOR_ENTRIES = {
  iso8583: 'temporal-dev/simulators/iso8583/main.js',
  stripe: 'temporal-dev/simulators/stripe/main.js',
  adyen: 'temporal-dev/simulators/adyen/main.js',
} as const;

/** runProcess ends a process 2 s after its own grace; only one that does not even do that is killed. */
const AFTER_GRACE_MS = 3_000;
const SIMULATOR_STOP_GRACE_MS = 5_000;

/** How each part is prepared (programs found, folders made) and started. */
export function partSpecs(context: SpecContext): Readonly<Record<PartName, () => Promise<ServiceSpec>>> {
  const { dir, ports, secrets, addresses, inherited, fetch, guard, via, continueAfterEvents } = context;
  const eventsTo = (id: AcquirerName): string =>
    acquirerEventsUrl({ api: urlVia(via, id, 'api', addresses.api) }, id);
  const { logs } = addresses;
  const { shutdownGraceMs } = loadConfig(['shutdownGraceMs']);

  const own = (role: ProcessRole) => () =>
    prepareOwnProcess({
      role,
      entry: ENTRIES[role],
      settings: processEnvironment(role, context),
      healthPort: healthPortOf(role, ports),
      stopGraceMs: shutdownGraceMs + AFTER_GRACE_MS,
      inherited: { ...inherited, ...context.processVariables[role] },
      dir,
      logs,
    });

  const simulated = (role: string, entry: string, healthPort: number, settings: Record<string, string>) =>
    prepareOwnProcess({
      role,
      entry,
      settings,
      healthPort,
      stopGraceMs: SIMULATOR_STOP_GRACE_MS,
      inherited,
      dir,
      logs,
    });

  async function acquirer(
    id: AcquirerName,
    settings: Readonly<Record<'SIMULATOR_CONTROL_PORT', string>> & Record<string, string>,
  ): Promise<ServiceSpec> {
    const journal =
      addresses.acquirers.find((one) => one.id === id)?.journal ?? join(dir, id, 'journal.jsonl');
    await mkdir(dirname(journal), { recursive: true });
    return simulated(id, SIMULATOR_ENTRIES[ACQUIRER_WIRES[id]], Number(settings.SIMULATOR_CONTROL_PORT), {
      ...settings,
      SIMULATOR_JOURNAL: journal,
    });
  }

  return {
    postgres: () =>
      preparePostgres({
        dir,
        logs,
        port: ports.postgresPort,
        superuserPassword: secrets.postgresSuperuser,
        fetch,
        guard,
      }),
    redis: () => prepareRedis(dir, logs, ports.redisPort, fetch),
    temporal: () =>
      prepareTemporal({
        dir,
        logs,
        port: ports.temporalPort,
        webPort: ports.temporalWebPort,
        namespace: addresses.temporal.namespace,
        continueAfterEvents,
        fetch,
      }),
    kms: () =>
      simulated('kms', 'temporal-dev/kms/main.js', ports.kmsPort, {
        KMS_PORT: String(ports.kmsPort),
        KMS_KEY_FILE: join(dir, 'kms-keys.json'),
      }),
    'acquirer-1': () =>
      acquirer(ACQUIRER_ID, {
        SIMULATOR_PORT: String(ports.acquirerWirePort),
        SIMULATOR_CONTROL_PORT: String(ports.acquirerControlPort),
      }),
    'acquirer-3': () =>
      acquirer(STRIPE_ACQUIRER_ID, {
        SIMULATOR_PORT: String(ports.stripePort),
        SIMULATOR_CONTROL_PORT: String(ports.stripeControlPort),
        SIMULATOR_API_KEY: secrets.stripeApiKey,
        SIMULATOR_EVENT_URL: eventsTo(STRIPE_ACQUIRER_ID),
        SIMULATOR_EVENT_SECRET: secrets.stripeEventSecret,
      }),
    'acquirer-4': () =>
      acquirer(ADYEN_ACQUIRER_ID, {
        SIMULATOR_PORT: String(ports.adyenPort),
        SIMULATOR_CONTROL_PORT: String(ports.adyenControlPort),
        SIMULATOR_API_KEY: secrets.adyenApiKey,
        SIMULATOR_HMAC_KEY: secrets.adyenHmacKey,
        SIMULATOR_WEBHOOK_URL: eventsTo(ADYEN_ACQUIRER_ID),
      }),
    vault: own('vault'),
    api: own('api'),
    gateway: own('gateway'),
    payments: own('payments'),
    acquirers: own('acquirers'),
    webhooks: own('webhooks'),
    'back-office': own('back-office'),
  };
}
