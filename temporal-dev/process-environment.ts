import { presentSettings, SETTINGS } from '../platform/config.ts';
import type { Environment, SettingName } from '../platform/config.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import type { ProcessRole } from '../platform/process-settings.ts';
import {
  ACQUIRER_ID,
  ADYEN_ACQUIRER_ID,
  auditHeadFile,
  historyFolder,
  ledgerHeadFile,
  STRIPE_ACQUIRER_ID,
} from './addresses.ts';
import type { AcquirerName, Addresses } from './addresses.ts';
import { CERTIFIED, certificateFiles, grantKeysFile } from './certificates.ts';
import { GRANT_KEY_ALIAS, KMS_REGION, PLATFORM_KEY_ALIAS, VAULT_KEY_ALIAS } from './key-aliases.ts';
import { METRICS_PORTS } from './metrics-ports.ts';
import type { StackSecrets } from './secrets.ts';
import type { PortName, Ports } from './settings.ts';
import { portVia, urlVia, type Via } from './via.ts';

/** What differs from process to process. */
interface Own {
  readonly databaseUrl: (addresses: Addresses) => string;
  readonly kmsKeyId: string;
  readonly healthPort: PortName;
}

const api = (addresses: Addresses) => addresses.postgres.urls.api;
const gateway = (addresses: Addresses) => addresses.postgres.urls.gateway;
const worker = (addresses: Addresses) => addresses.postgres.urls.worker;
const none = () => '';

const OWN = {
  vault: { databaseUrl: none, kmsKeyId: VAULT_KEY_ALIAS, healthPort: 'vaultHealthPort' },
  api: {
    databaseUrl: api,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    healthPort: 'apiPort',
  },
  gateway: {
    databaseUrl: gateway,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    healthPort: 'gatewayPort',
  },
  payments: {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    healthPort: 'paymentsHealthPort',
  },
  acquirers: {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    healthPort: 'acquirersHealthPort',
  },
  webhooks: {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    healthPort: 'webhooksHealthPort',
  },
  'back-office': {
    databaseUrl: worker,
    kmsKeyId: PLATFORM_KEY_ALIAS,
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
  readonly via: Via;
  /** true = for others than whoever develops: every limit and guard is as a process has it by itself. */
  readonly guarded?: boolean;
  /** Which hosts a process may speak to without TLS off its own machine; left out = what the caller's environment says. */
  readonly plainHosts?: (role: ProcessRole) => readonly string[];
}

/** Guards that a stack on one machine does without, unless the caller's environment says otherwise. */
export const UNGUARDED = {
  // A merchant's receiver is on this machine.
  webhookAllowPrivate: 'true',
  // Proofs and benches ask as much of one merchant as there is.
  apiRate: '100000',
  apiAtOnce: '100000',
  apiPlaces: '100000',
} as const satisfies Partial<Record<SettingName, string>>;

/** The port on which that process answers GET /healthz. */
export function healthPortOf(role: ProcessRole, ports: Ports): number {
  return ports[OWN[role].healthPort];
}

/** Of those that speak with the vault, or are it. */
function tlsSettings(dir: string, role: ProcessRole): Partial<Record<SettingName, string>> {
  const certified = CERTIFIED.find((one) => one === role);
  if (certified === undefined) return {};
  const { certificate, key, authority } = certificateFiles(dir, certified);
  return { tlsCertificateFile: certificate, tlsKeyFile: key, tlsAuthorityFile: authority };
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
  const { addresses, ports, secrets, via } = facts;
  const own: Own = OWN[role];
  const through = (part: string, url: string): string => urlVia(via, role, part, url);
  const [temporalHost = '', temporalPort = ''] = addresses.temporal.address.split(':');
  const temporal = portVia(via, role, 'temporal', Number(temporalPort));
  const decided: Partial<Record<SettingName, string>> = {
    healthPort: String(ports[own.healthPort]),
    ...(role in METRICS_PORTS ? { metricsPort: String(ports[METRICS_PORTS[role]]) } : {}),
    apiPort: String(ports.apiPort),
    vaultPort: String(ports.vaultPort),
    vaultPublicPort: String(ports.vaultPublicPort),
    gatewayPort: String(ports.gatewayPort),
    gatewayOrigin: addresses.gateway.url,
    gatewaySecret: secrets.gatewaySecret,
    temporalWebUrl: addresses.temporal.web,
    databaseUrl: through('postgres', own.databaseUrl(addresses)),
    vaultDatabaseUrl: through('postgres', addresses.postgres.urls.vault),
    redisUrl: through('redis', addresses.redis),
    temporalAddress: `${temporalHost}:${temporal}`,
    temporalNamespace: addresses.temporal.namespace,
    kmsEndpoint: through('kms', addresses.kms.endpoint),
    ...(facts.plainHosts === undefined ? {} : { plainHosts: facts.plainHosts(role).join(',') }),
    kmsKeyId: own.kmsKeyId,
    ...(facts.isKmsOurs ? EMULATOR : {}),
    vaultUrl: through('vault', addresses.vault),
    ...tlsSettings(addresses.dir, role),
    grantKeyId: GRANT_KEY_ALIAS,
    grantKeysFile: grantKeysFile(addresses.dir),
    fingerprintSecret: secrets.fingerprintSecret,
    apiKeySecret: secrets.apiKeySecret,
    // The vault seals its audit log, the back office the ledger.
    sealHeadFile: (role === 'vault' ? auditHeadFile : ledgerHeadFile)(addresses.dir),
    historyExportFolder: historyFolder(addresses.dir),
    acquirerLinks: JSON.stringify(
      addresses.acquirers
        .filter(({ id }) => id === ACQUIRER_ID)
        .map(({ id, wire: { host, port } }) => ({
          acquirer: id,
          host,
          port: portVia(via, role, id, port),
          connections: 2,
        })),
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
          {
            acquirer: id,
            wire,
            url: through(id, `http://${host}:${port}`),
            apiKey: apiKey(secrets),
            connections: 50,
          },
        ];
      }),
    ),
  };
  const names: readonly SettingName[] = PROCESS_SETTINGS[role];
  const environment: Record<string, string> = {};
  if (facts.guarded !== true)
    for (const [name, value] of Object.entries(UNGUARDED))
      if (names.includes(name as keyof typeof UNGUARDED))
        environment[SETTINGS[name as keyof typeof UNGUARDED].env] = value;
  Object.assign(environment, presentSettings(names, env));
  for (const name of names) {
    const value = decided[name];
    if (value !== undefined) environment[SETTINGS[name].env] = value;
  }
  return environment;
}
