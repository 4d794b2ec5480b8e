import { join } from 'node:path';
import { migrate } from '../platform/migrate.ts';
import { packageRoot } from '../platform/package-root.ts';

/**
 * Brings the main database to the newest schema. The roles quittance_owner, quittance_api,
 * quittance_worker, quittance_operator and quittance_gateway exist before: the migrations grant to them.
 * @param ownerUrl of quittance_owner.
 */
export async function migrateMain(ownerUrl: string): Promise<void> {
  const schema = join(packageRoot(), 'schema');
  await migrate(ownerUrl, { migrations: join(schema, 'migrations'), functions: join(schema, 'functions') });
}
