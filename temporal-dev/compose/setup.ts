import { CreateAliasCommand, CreateKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { migrateMain } from '../../schema/migrate.ts';
import { migrateVault } from '../../vault/migrate.ts';
import { KMS_REGION, PLATFORM_KEY_ALIAS, VAULT_KEY_ALIAS } from '../key-aliases.ts';
import { bootstrapPostgres, rolePasswords } from '../parts/postgres-bootstrap.ts';
import { seedMerchant } from '../seed.ts';
import { seedOperators } from '../seed-operators.ts';
import { composeFacts } from './facts.ts';

/**
 * What the stack in containers needs before its processes start: roles, databases, migrations, the
 * master keys' aliases, and a demo merchant. Run again it changes nothing.
 */
const { addresses, secrets } = composeFacts();
const { superuserUrl, urls } = addresses.postgres;

await bootstrapPostgres(superuserUrl, rolePasswords(secrets));
await Promise.all([migrateMain(urls.owner), migrateVault(urls.vaultOwner), createKeys()]);
const acquirers = addresses.acquirers.map(({ id }) => id);
const merchant = await seedMerchant({
  ownerUrl: urls.owner,
  apiKey: secrets.demoApiKey,
  name: 'Demo merchant',
  acquirers,
});
await seedOperators(urls.owner, addresses.gateway.operators);
process.stdout.write(`demo merchant ${merchant}, key ${secrets.demoApiKey}\n`);

async function createKeys(): Promise<void> {
  const client = new KMSClient({
    endpoint: addresses.kms.endpoint,
    region: KMS_REGION,
    credentials: { accessKeyId: 'emulator', secretAccessKey: 'emulator' },
  });
  const { Aliases = [] } = await client.send(new ListAliasesCommand({}));
  for (const AliasName of [VAULT_KEY_ALIAS, PLATFORM_KEY_ALIAS]) {
    if (Aliases.some((alias) => alias.AliasName === AliasName)) continue;
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: `for ${AliasName}` }));
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
  }
  client.destroy();
}
