import { SETTINGS } from '../../platform/config.ts';
import { DEPLOYMENTS } from '../../platform/deployments.ts';
import { PROCESS_SETTINGS } from '../../platform/process-settings.ts';
import type { ProcessRole } from '../../platform/process-settings.ts';
import { ACQUIRER_ID, acquirerEventsUrl, ADYEN_ACQUIRER_ID, STRIPE_ACQUIRER_ID } from '../addresses.ts';
import { INITDB_FORM, POSTGRES_SETTINGS } from '../parts/postgres.ts';
import { NAMESPACE_RETENTION_DAYS } from '../parts/temporal.ts';
import { DYNAMIC_CONFIG } from '../parts/temporal-dynamic-config.ts';
import { ENTRIES, SIMULATOR_ENTRIES } from '../part-specs.ts';
import { CERTIFIED } from '../certificates.ts';
import { healthPortOf, processEnvironment } from '../process-environment.ts';
import { composeFacts, DATA_FOLDER } from './facts.ts';

/** The pinned public images. */
const IMAGES = {
  postgres: 'postgres:17.6',
  redis: 'redis:7.4.5-alpine',
  temporal: 'temporalio/auto-setup:1.28.0',
  'temporal-web': 'temporalio/ui:2.34.0',
  kms: 'nsmithuk/local-kms:3.11.7',
} as const;

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly network_mode?: string;
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly ulimits?: Readonly<Record<string, number>>;
}

export interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, object>>;
}

/** No core dumps: the memory of several of our processes holds card numbers. */
const OUR_IMAGE = {
  build: { context: '.' },
  image: 'quittance:development',
  ulimits: { core: 0 },
} as const;
const health = (test: readonly string[]) => ({ test, interval: '2s', timeout: '5s', retries: 60 });
const healthy = { condition: 'service_healthy' } as const;
const done = { condition: 'service_completed_successfully' } as const;
/** Certificates between the vault and its callers; setup makes them, whoever has one reads them. */
const CERTIFICATES = `certificates:${DATA_FOLDER}/certificates`;
/** Those that somebody outside the containers calls. */
const PUBLISHED: ReadonlySet<ProcessRole> = new Set(['api', 'vault', 'gateway']);
const everything = { temporal: healthy, redis: healthy, vault: healthy } as const;
const NEEDS = {
  vault: { kms: healthy },
  gateway: { kms: healthy, 'temporal-web': { condition: 'service_started' } },
  api: everything,
  payments: everything,
  acquirers: everything,
  webhooks: everything,
  'back-office': everything,
} as const satisfies Record<ProcessRole, Service['depends_on']>;
const loopback = (outside: number, inside: number) => [`127.0.0.1:${outside}:${inside}`];

/** docker-compose.yml: the topology of the stack on one machine, with Temporal's server on PostgreSQL. */
export function composeFile(): Compose {
  const facts = composeFacts();
  const { ports, secrets } = facts;
  return {
    name: 'quittance',
    services: {
      postgres: {
        image: IMAGES.postgres,
        // Temporal's server has its pools beside ours.
        command: [
          'postgres',
          ...Object.entries({ ...POSTGRES_SETTINGS, max_connections: '400' }).flatMap(([key, value]) => [
            '-c',
            `${key}=${value}`,
          ]),
        ],
        environment: {
          POSTGRES_PASSWORD: secrets.postgresSuperuser,
          POSTGRES_INITDB_ARGS: INITDB_FORM.join(' '),
        },
        ports: loopback(ports.postgresPort, 5432),
        volumes: ['postgres:/var/lib/postgresql/data'],
        healthcheck: health(['CMD', 'pg_isready', '-h', '127.0.0.1', '-U', 'postgres']),
        restart: 'unless-stopped',
      },
      redis: {
        image: IMAGES.redis,
        command: [
          'redis-server',
          '--appendonly',
          'yes',
          '--save',
          '',
          '--maxmemory',
          '256mb',
          '--maxmemory-policy',
          'noeviction',
        ],
        ports: loopback(ports.redisPort, 6379),
        volumes: ['redis:/data'],
        healthcheck: health(['CMD', 'redis-cli', 'ping']),
        restart: 'unless-stopped',
      },
      temporal: {
        image: IMAGES.temporal,
        environment: {
          DB: 'postgres12',
          DB_PORT: '5432',
          POSTGRES_SEEDS: 'postgres',
          POSTGRES_USER: 'postgres',
          POSTGRES_PWD: secrets.postgresSuperuser,
          DYNAMIC_CONFIG_FILE_PATH: 'config/dynamicconfig/quittance.yaml',
          DEFAULT_NAMESPACE: facts.addresses.temporal.namespace,
          DEFAULT_NAMESPACE_RETENTION: `${NAMESPACE_RETENTION_DAYS * 24}h`,
          LOG_LEVEL: 'warn',
          GOGC: '400',
        },
        depends_on: { postgres: healthy },
        ports: loopback(ports.temporalPort, 7233),
        volumes: [
          './temporal-dev/compose/dynamic-config.yaml:/etc/temporal/config/dynamicconfig/quittance.yaml:ro',
        ],
        healthcheck: health([
          'CMD-SHELL',
          `temporal operator namespace describe --namespace ${facts.addresses.temporal.namespace} --address temporal:7233`,
        ]),
        restart: 'unless-stopped',
      },
      'temporal-web': {
        image: IMAGES['temporal-web'],
        environment: {
          TEMPORAL_ADDRESS: facts.addresses.temporal.address,
          TEMPORAL_DISABLE_WRITE_ACTIONS: 'false',
        },
        depends_on: { temporal: healthy },
        ports: loopback(ports.temporalWebPort, 8080),
        restart: 'unless-stopped',
      },
      kms: {
        image: IMAGES.kms,
        environment: { KMS_REGION: facts.addresses.kms.region, KMS_ACCOUNT_ID: '000000000000', PORT: '8080' },
        ports: loopback(ports.kmsPort, 8080),
        volumes: ['kms:/data'],
        healthcheck: health(['CMD', 'nc', '-z', '127.0.0.1', '8080']),
        restart: 'unless-stopped',
      },
      // Roles, databases, migrations, key aliases, certificates, demo merchant: what the supervisor does at start.
      setup: {
        ...OUR_IMAGE,
        command: ['node', 'dist/temporal-dev/compose/setup.js'],
        depends_on: { postgres: healthy, kms: healthy, temporal: healthy },
        volumes: [CERTIFICATES],
        restart: 'on-failure',
      },
      ...Object.fromEntries(
        (Object.keys(PROCESS_SETTINGS) as ProcessRole[]).map((role) => [role, ownService(role)]),
      ),
      // The build of this image gets the work of its pools: until then its workers get nothing.
      versions: {
        ...OUR_IMAGE,
        command: ['node', 'dist/tools/ops-version.js', 'current', '--by', 'compose'],
        environment: {
          [SETTINGS.temporalAddress.env]: facts.addresses.temporal.address,
          [SETTINGS.temporalNamespace.env]: facts.addresses.temporal.namespace,
        },
        depends_on: Object.fromEntries(DEPLOYMENTS.map((name) => [name, healthy])),
        restart: 'on-failure',
      },
      [ACQUIRER_ID]: {
        ...OUR_IMAGE,
        command: ['node', '--enable-source-maps', `dist/${SIMULATOR_ENTRIES.iso8583}`],
        environment: {
          SIMULATOR_PORT: String(ports.acquirerWirePort),
          SIMULATOR_CONTROL_PORT: String(ports.acquirerControlPort),
          SIMULATOR_JOURNAL: `${DATA_FOLDER}/journal.jsonl`,
        },
        // It listens on 127.0.0.1 only: that of the worker which is its one caller.
        network_mode: 'service:acquirers',
        volumes: [`${ACQUIRER_ID}:${DATA_FOLDER}`],
        healthcheck: health(askHealth(ports.acquirerControlPort)),
        restart: 'unless-stopped',
      },
      [STRIPE_ACQUIRER_ID]: {
        ...OUR_IMAGE,
        command: ['node', '--enable-source-maps', `dist/${SIMULATOR_ENTRIES.stripe}`],
        environment: {
          SIMULATOR_PORT: String(ports.stripePort),
          SIMULATOR_CONTROL_PORT: String(ports.stripeControlPort),
          SIMULATOR_JOURNAL: `${DATA_FOLDER}/journal.jsonl`,
          SIMULATOR_API_KEY: secrets.stripeApiKey,
          SIMULATOR_EVENT_URL: `${facts.addresses.api}/v1/acquirer-events/${STRIPE_ACQUIRER_ID}`,
          SIMULATOR_EVENT_SECRET: secrets.stripeEventSecret,
        },
        network_mode: 'service:acquirers',
        volumes: [`${STRIPE_ACQUIRER_ID}:${DATA_FOLDER}`],
        healthcheck: health(askHealth(ports.stripeControlPort)),
        restart: 'unless-stopped',
      },
      [ADYEN_ACQUIRER_ID]: {
        ...OUR_IMAGE,
        command: ['node', '--enable-source-maps', `dist/${SIMULATOR_ENTRIES.adyen}`],
        environment: {
          SIMULATOR_PORT: String(ports.adyenPort),
          SIMULATOR_CONTROL_PORT: String(ports.adyenControlPort),
          SIMULATOR_JOURNAL: `${DATA_FOLDER}/journal.jsonl`,
          SIMULATOR_API_KEY: secrets.adyenApiKey,
          SIMULATOR_HMAC_KEY: secrets.adyenHmacKey,
          SIMULATOR_WEBHOOK_URL: acquirerEventsUrl(facts.addresses, ADYEN_ACQUIRER_ID),
        },
        network_mode: 'service:acquirers',
        volumes: [`${ADYEN_ACQUIRER_ID}:${DATA_FOLDER}`],
        healthcheck: health(askHealth(ports.adyenControlPort)),
        restart: 'unless-stopped',
      },
    },
    volumes: {
      postgres: {},
      redis: {},
      kms: {},
      [ACQUIRER_ID]: {},
      [STRIPE_ACQUIRER_ID]: {},
      [ADYEN_ACQUIRER_ID]: {},
      'ledger-head': {},
      'audit-head': {},
      certificates: {},
    },
  };

  function ownService(role: ProcessRole): Service {
    const port = healthPortOf(role, ports);
    const isCertified = CERTIFIED.some((one) => one === role);
    const published = role === 'vault' ? ports.vaultPort : port;
    return {
      ...OUR_IMAGE,
      command: ['node', '--enable-source-maps', `dist/${ENTRIES[role]}`],
      environment: processEnvironment(role, facts, { QUITTANCE_LISTEN_HOST: '0.0.0.0' }),
      depends_on: {
        setup: done,
        ...NEEDS[role],
      },
      ...(PUBLISHED.has(role)
        ? {
            ports: [
              ...loopback(published, published),
              ...(role === 'vault' ? loopback(ports.vaultPublicPort, ports.vaultPublicPort) : []),
            ],
          }
        : {}),
      ...volumesOf(role, isCertified),
      healthcheck: health(askHealth(port)),
      restart: 'unless-stopped',
      // Above the process's own grace, so that a drain is not cut off.
      stop_grace_period: '25s',
    };
  }
}

/** Certificates for who shows one; the heads of the chains of seals, kept apart from the databases. */
function volumesOf(role: ProcessRole, isCertified: boolean): { readonly volumes?: readonly string[] } {
  const heads = { vault: 'audit-head', 'back-office': 'ledger-head' } as const;
  const volumes = [
    ...(isCertified ? [`${CERTIFICATES}:ro`] : []),
    ...(role in heads ? [`${heads[role as keyof typeof heads]}:${DATA_FOLDER}`] : []),
  ];
  return volumes.length === 0 ? {} : { volumes };
}

function askHealth(port: number): readonly string[] {
  return [
    'CMD',
    'node',
    '-e',
    `fetch('http://127.0.0.1:${port}/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
  ];
}

/** The dynamic configuration as the file that Temporal's server reads. */
export function dynamicConfigFile(): Readonly<
  Record<string, readonly { value: number | string | boolean; constraints: object }[]>
> {
  return Object.fromEntries(
    Object.entries(DYNAMIC_CONFIG).map(([key, value]) => [key, [{ value, constraints: {} }]]),
  );
}
