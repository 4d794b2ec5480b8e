import { CreateAliasCommand, CreateKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { migrateMain } from '../../schema/migrate.ts';
import { migrateVault } from '../../vault/migrate.ts';
import { keepCertificates } from '../certificates.ts';
import { keepGrantKeys } from '../grant-keys.ts';
import { GRANT_KEY_ALIAS, KMS_REGION, PLATFORM_KEY_ALIAS, VAULT_KEY_ALIAS } from '../key-aliases.ts';
import { probeTemporal } from '../parts/temporal.ts';
import { bootstrapPostgres, rolePasswords } from '../parts/postgres-bootstrap.ts';
import { seedMerchant } from '../seed.ts';
import { seedOperators } from '../seed-operators.ts';
import { composeFacts, DATA_FOLDER } from './facts.ts';

/**
 * What the stack in containers needs before its processes start: roles, databases, migrations, the
 * keys and their aliases, certificates between the vault and its callers, search attributes, and a demo
 * merchant. Run again it changes nothing but certificates that end soon.
 */
const { addresses, secrets } = composeFacts();
const EMULATOR = { accessKeyId: 'emulator', secretAccessKey: 'emulator' };
const { superuserUrl, urls } = addresses.postgres;

await bootstrapPostgres(superuserUrl, rolePasswords(secrets));
await Promise.all([
  migrateMain(urls.owner),
  migrateVault(urls.vaultOwner),
  createKeys(),
  keepCertificates(DATA_FOLDER),
  probeTemporal(addresses.temporal.address, addresses.temporal.namespace, AbortSignal.timeout(10_000)),
]);
await keepGrantKeys(DATA_FOLDER, {
  endpoint: addresses.kms.endpoint,
  region: KMS_REGION,
  keyId: GRANT_KEY_ALIAS,
  credentials: EMULATOR,
});
const acquirers = addresses.acquirers.map(({ id }) => id);
const merchant = await seedMerchant({
  ownerUrl: urls.owner,
  apiKey: secrets.demoApiKey,
  keySecret: secrets.apiKeySecret,
  name: 'Demo merchant',
  acquirers,
});
await seedOperators(urls.owner, addresses.gateway.operators);
process.stdout.write(`demo merchant ${merchant}, key ${secrets.demoApiKey}\n`);

async function createKeys(): Promise<void> {
  const client = new KMSClient({
    endpoint: addresses.kms.endpoint,
    region: KMS_REGION,
    credentials: EMULATOR,
  });
  const { Aliases = [] } = await client.send(new ListAliasesCommand({}));
  const pair = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const;
  for (const [AliasName, spec] of [
    [VAULT_KEY_ALIAS, {}],
    [PLATFORM_KEY_ALIAS, {}],
    [GRANT_KEY_ALIAS, pair],
  ] as const) {
    if (Aliases.some((alias) => alias.AliasName === AliasName)) continue;
    const { KeyMetadata } = await client.send(
      new CreateKeyCommand({ Description: `for ${AliasName}`, ...spec }),
    );
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
  }
  client.destroy();
}
