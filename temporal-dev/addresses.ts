import { join } from 'node:path';
import type { Config } from '../platform/config.ts';
import { KMS_REGION, VAULT_KEY_ALIAS } from './key-aliases.ts';
import { METRICS_PORTS } from './metrics-ports.ts';
import { MAIN_DATABASE, rolePasswords, urlFor, VAULT_DATABASE } from './parts/postgres-bootstrap.ts';
import type { RoleName } from './parts/postgres-bootstrap.ts';
import { superuserUrl } from './parts/postgres.ts';
import type { RunFile } from './run-file.ts';
import type { StackSecrets } from './secrets.ts';
import type { Ports, StackSettings } from './settings.ts';

const HOST = '127.0.0.1';
/** The acquirer simulators of a stack, and what each speaks; routing tries their accounts in this order. */
export const ACQUIRER_WIRES = {
  'acquirer-1': 'iso8583',
  'acquirer-3': 'stripe',
  'acquirer-4': 'adyen',
} as const;
export type AcquirerName = keyof typeof ACQUIRER_WIRES;
export const ACQUIRER_ID = 'acquirer-1';
export const STRIPE_ACQUIRER_ID = 'acquirer-3';
export const ADYEN_ACQUIRER_ID = 'acquirer-4';

/** Where everything is: all that the run file says before anything runs. */
export type Addresses = Omit<RunFile, 'ready' | 'processes' | 'merchant'>;

/** Where a stack keeps the published heads of the ledger's seal chain. */
export function ledgerHeadFile(dir: string): string {
  return join(dir, 'ledger-head.jsonl');
}

/** The published heads of the vault's audit log, outside of its database. */
export function auditHeadFile(dir: string): string {
  return join(dir, 'audit-head.jsonl');
}

/** Where the histories of finished payments are kept when Temporal forgets them. */
export function historyFolder(dir: string): string {
  return join(dir, 'histories');
}

/** Where what an acquirer reports by itself is received. */
export function acquirerEventsUrl({ api }: Pick<Addresses, 'api'>, acquirer: AcquirerName): string {
  return `${api}/v1/acquirer-events/${acquirer}`;
}

/** The addresses of a stack from its ports; a part given by configuration keeps the address given. */
export function addressesOf(
  dir: string,
  ports: Ports,
  settings: StackSettings,
  secrets: StackSecrets,
  { temporalNamespace, kmsRegion }: Config<'temporalNamespace' | 'kmsRegion'>,
): Addresses {
  const superuser = settings.postgresUrl ?? superuserUrl(HOST, ports.postgresPort, secrets.postgresSuperuser);
  const { hostname, port } = new URL(superuser);
  const passwords = rolePasswords(secrets);
  const as = (database: string, name: RoleName) =>
    urlFor(superuser, database, { name, password: passwords[name] });
  return {
    dir,
    api: `http://${HOST}:${ports.apiPort}`,
    vault: `https://${HOST}:${ports.vaultPort}`,
    vaultPublic: `http://${HOST}:${ports.vaultPublicPort}`,
    temporal: {
      address: settings.temporalAddress ?? `${HOST}:${ports.temporalPort}`,
      namespace: temporalNamespace,
      web: settings.temporalWeb ?? `http://${HOST}:${ports.temporalWebPort}`,
    },
    gateway: {
      url: `http://${HOST}:${ports.gatewayPort}`,
      operators: [
        { login: 'viewer', role: 'viewer', password: secrets.gatewayViewer },
        { login: 'operator', role: 'operator', password: secrets.gatewayOperator },
        { login: 'admin', role: 'admin', password: secrets.gatewayAdmin },
      ],
    },
    postgres: {
      host: hostname,
      port: Number(port === '' ? 5432 : port),
      superuserUrl: superuser,
      urls: {
        owner: as(MAIN_DATABASE, 'quittance_owner'),
        api: as(MAIN_DATABASE, 'quittance_api'),
        worker: as(MAIN_DATABASE, 'quittance_worker'),
        operator: as(MAIN_DATABASE, 'quittance_operator'),
        gateway: as(MAIN_DATABASE, 'quittance_gateway'),
        vaultOwner: as(VAULT_DATABASE, 'vault_owner'),
        vault: as(VAULT_DATABASE, 'vault_app'),
      },
    },
    redis: settings.redisUrl ?? `redis://${HOST}:${ports.redisPort}`,
    kms: {
      endpoint: settings.kmsEndpoint ?? `http://${HOST}:${ports.kmsPort}`,
      region: settings.kmsEndpoint === null ? KMS_REGION : kmsRegion,
      keyId: VAULT_KEY_ALIAS,
    },
    acquirers: [
      {
        id: ACQUIRER_ID,
        wire: { host: HOST, port: ports.acquirerWirePort },
        control: `http://${HOST}:${ports.acquirerControlPort}`,
        journal: join(dir, ACQUIRER_ID, 'journal.jsonl'),
      },
      {
        id: STRIPE_ACQUIRER_ID,
        wire: { host: HOST, port: ports.stripePort },
        control: `http://${HOST}:${ports.stripeControlPort}`,
        journal: join(dir, STRIPE_ACQUIRER_ID, 'journal.jsonl'),
      },
      {
        id: ADYEN_ACQUIRER_ID,
        wire: { host: HOST, port: ports.adyenPort },
        control: `http://${HOST}:${ports.adyenControlPort}`,
        journal: join(dir, ADYEN_ACQUIRER_ID, 'journal.jsonl'),
      },
    ],
    metrics: Object.fromEntries(
      Object.entries(METRICS_PORTS).map(([role, name]) => [role, `http://${HOST}:${ports[name]}/metrics`]),
    ),
    logs: join(dir, 'logs'),
  };
}
