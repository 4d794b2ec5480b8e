import { join } from 'node:path';
import { migrate } from '../platform/migrate.ts';
import { packageRoot } from '../platform/package-root.ts';

/**
 * Brings the vault's database to the newest schema. The roles vault_owner and vault_app exist before:
 * the migrations grant to them.
 * @param ownerUrl of vault_owner.
 */
export async function migrateVault(ownerUrl: string): Promise<void> {
  await migrate(ownerUrl, { migrations: join(packageRoot(), 'vault', 'migrations') });
}
