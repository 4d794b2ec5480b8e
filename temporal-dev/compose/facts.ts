import { addressesOf } from '../addresses.ts';
import type { Addresses } from '../addresses.ts';
import { KMS_REGION } from '../key-aliases.ts';
import type { StackFacts } from '../process-environment.ts';
import type { StackSecrets } from '../secrets.ts';
import { loadStackSettings } from '../settings.ts';

/** Where a container that keeps a file has its volume: the simulator its journal, the back office the published heads. */
export const DATA_FOLDER = '/data';

/** In the open, in a file of the repository: for a machine that nobody else reaches. */
const SECRETS: StackSecrets = {
  postgresSuperuser: 'development',
  quittanceOwner: 'development-quittance-owner',
  quittanceApi: 'development-quittance-api',
  quittanceWorker: 'development-quittance-worker',
  quittanceOperator: 'development-quittance-operator',
  quittanceGateway: 'development-quittance-gateway',
  vaultOwner: 'development-vault-owner',
  vaultApp: 'development-vault-app',
  fingerprintSecret: 'development-only-fingerprint-secret-000',
  apiKeySecret: 'development-only-api-key-secret-0000000',
  gatewaySecret: 'development-only-gateway-secret-00000000',
  gatewayViewer: 'development-viewer',
  gatewayOperator: 'development-operator',
  gatewayAdmin: 'development-admin',
  stripeApiKey: 'sk_test_development_only_stripe',
  adyenApiKey: 'simulated_adyen_development_only',
  adyenHmacKey: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
  stripeEventSecret: 'whsec_development_only_stripe',
  demoApiKey: `sk_test_${'Development'.padEnd(43, '0')}`,
};

/** Addresses and secrets of the stack in containers: each service is found by its name. */
export function composeFacts(): StackFacts & { readonly addresses: Addresses } {
  const settings = loadStackSettings({});
  const within = {
    ...settings,
    postgresUrl: `postgres://postgres:${SECRETS.postgresSuperuser}@postgres:5432/postgres`,
    redisUrl: 'redis://redis:6379',
    temporalAddress: 'temporal:7233',
    temporalWeb: 'http://temporal-web:8080',
    kmsEndpoint: 'http://kms:8080',
  };
  const names = { temporalNamespace: 'default', kmsRegion: KMS_REGION };
  const addresses = addressesOf(DATA_FOLDER, settings, within, SECRETS, names);
  return {
    addresses: {
      ...addresses,
      api: `http://api:${settings.apiPort}`,
      vault: `https://vault:${settings.vaultPort}`,
    },
    ports: settings,
    secrets: SECRETS,
    isKmsOurs: true,
    via: {},
    // The emulator has no TLS; before the vault's address for pages stands what ends it, or nobody else's machine.
    plainHosts: (role) => [new URL(within.kmsEndpoint).hostname, ...(role === 'vault' ? ['0.0.0.0'] : [])],
  };
}
