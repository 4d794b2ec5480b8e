import { presentSettings, SETTINGS } from '../platform/config.ts';
import type { Environment, SettingName } from '../platform/config.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import type { ProcessRole } from '../platform/process-settings.ts';
import { ACQUIRER_ID, ADYEN_ACQUIRER_ID, ledgerHeadFile, STRIPE_ACQUIRER_ID } from './addresses.ts';
import type { AcquirerName, Addresses } from './addresses.ts';
import { KMS_REGION, PLATFORM_KEY_ALIAS, VAULT_KEY_ALIAS } from './key-aliases.ts';
import type { StackSecrets } from './secrets.ts';
import type { PortName, Ports } from './settings.ts';

/** What differs from process to process. */
interface Own {
  readonly databaseUrl: (addresses: Addresses) => string;
  readonly kmsKeyId: string;
  readonly vaultCallerSecret: (secrets: StackSecrets) => string;
  readonly healthPort: PortName;
}

const api = (addresses: Addresses) => addresses.postgres.urls.api;
const gateway = (addresses: Addresses) => addresses.postgres.urls.gateway;
const worker = (addresses: Addresses) => addresses.postgres.urls.worker;
const none = () => '';

const OWN = {
  vault: { databaseUrl: none, kmsKeyId: VAULT_KEY_ALIAS, vaultCallerSecret: none, healthPort: 'vaultPort' },
  api: {
    databaseUrl: api,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    vaultCallerSecret: (secrets) => secrets.vaultSecretApi,
    healthPort: 'apiPort',
  },
  gateway: {
    databaseUrl: gateway,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    vaultCallerSecret: none,
    healthPort: 'gatewayPort',
  },
  payments: {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    vaultCallerSecret: (secrets) => secrets.vaultSecretPayments,
    healthPort: 'paymentsHealthPort',
  },
  acquirers: {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    vaultCallerSecret: (secrets) => secrets.vaultSecretAcquirers,
    healthPort: 'acquirersHealthPort',
  },
  webhooks: {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    vaultCallerSecret: none,
    healthPort: 'webhooksHealthPort',
  },
  'back-office': {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    vaultCallerSecret: none,
    healthPort: 'backOfficeHealthPort',
  },
} as const satisfies Record<ProcessRole, Own>;

/** The acquirers that are called over HTTP, with whose key. */
const HTTP_APIS = {
  [ACQUIRER_ID]: null,
  [STRIPE_ACQUIRER_ID]: { wire: 'stripe', apiKey: (secrets) => secrets.stripeApiKey },
  [ADYEN_ACQUIRER_ID]: { wire: 'adyen', apiKey: (secrets) => secrets.adyenApiKey },
} as const satisfies Record<
  AcquirerName,
  { readonly wire: string; readonly apiKey: (secrets: StackSecrets) => string } | null
>;

/** The AWS client signs with something; the emulator does not look at it. */
const EMULATOR = {
  kmsRegion: KMS_REGION,
  kmsAccessKeyId: 'emulator',
  kmsSecretAccessKey: 'emulator',
} as const;

export interface StackFacts {
  readonly addresses: Addresses;
  readonly ports: Ports;
  readonly secrets: StackSecrets;
  /** false = a key service given by configuration, with its own region and credentials. */
  readonly isKmsOurs: boolean;
}

/** The port on which that process answers GET /healthz. */
export function healthPortOf(role: ProcessRole, ports: Ports): number {
  return ports[OWN[role].healthPort];
}

/**
 * The variables of one of our processes: exactly its settings of PROCESS_SETTINGS. What the stack
 * decides (addresses, secrets) is not open to the caller's environment; every other setting is
 * passed on from there, so that `QUITTANCE_LOG_LEVEL=debug npm start` does what it says.
 * @param env the caller's environment; that of this process when left out.
 */
export function processEnvironment(
  role: ProcessRole,
  facts: StackFacts,
  env?: Environment,
): Record<string, string> {
  const { addresses, ports, secrets } = facts;
  const own: Own = OWN[role];
  const decided: Partial<Record<SettingName, string>> = {
    healthPort: String(ports[own.healthPort]),
    apiPort: String(ports.apiPort),
    vaultPort: String(ports.vaultPort),
    gatewayPort: String(ports.gatewayPort),
    gatewayOrigin: addresses.gateway.url,
    gatewaySecret: secrets.gatewaySecret,
    temporalWebUrl: addresses.temporal.web,
    databaseUrl: own.databaseUrl(addresses),
    vaultDatabaseUrl: addresses.postgres.urls.vault,
    redisUrl: addresses.redis,
    temporalAddress: addresses.temporal.address,
    temporalNamespace: addresses.temporal.namespace,
    kmsEndpoint: addresses.kms.endpoint,
    kmsKeyId: own.kmsKeyId,
    ...(facts.isKmsOurs ? EMULATOR : {}),
    vaultUrl: addresses.vault,
    vaultCallerSecret: own.vaultCallerSecret(secrets),
    vaultSecretApi: secrets.vaultSecretApi,
    vaultSecretPayments: secrets.vaultSecretPayments,
    vaultSecretAcquirers: secrets.vaultSecretAcquirers,
    fingerprintSecret: secrets.fingerprintSecret,
    sealHeadFile: ledgerHeadFile(addresses.dir),
    acquirerLinks: JSON.stringify(
      addresses.acquirers
        .filter(({ id }) => id === ACQUIRER_ID)
        .map(({ id, wire }) => ({ acquirer: id, host: wire.host, port: wire.port, connections: 2 })),
    ),
    acquirerEventSecrets: JSON.stringify([
      { acquirer: ADYEN_ACQUIRER_ID, wire: 'adyen', secrets: [secrets.adyenHmacKey] },
      { acquirer: STRIPE_ACQUIRER_ID, wire: 'stripe', secrets: [secrets.stripeEventSecret] },
    ]),
    acquirerEndpoints: JSON.stringify(
      addresses.acquirers.flatMap(({ id, wire: { host, port } }) => {
        const api = HTTP_APIS[id as AcquirerName];
        if (api === null) return [];
        const { wire, apiKey } = api;
        return [
          { acquirer: id, wire, url: `http://${host}:${port}`, apiKey: apiKey(secrets), connections: 50 },
        ];
      }),
    ),
  };
  const names: readonly SettingName[] = PROCESS_SETTINGS[role];
  // Here a merchant's receiver is on this machine.
  const environment: Record<string, string> = names.includes('webhookAllowPrivate')
    ? { [SETTINGS.webhookAllowPrivate.env]: 'true' }
    : {};
  Object.assign(environment, presentSettings(names, env));
  for (const name of names) {
    const value = decided[name];
    if (value !== undefined) environment[SETTINGS[name].env] = value;
  }
  return environment;
}
