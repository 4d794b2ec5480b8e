import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { migrateMain } from '../../schema/migrate.ts';
import { migrateVault } from '../../vault/migrate.ts';
import { createOwnedDatabase, urlFor, withClient } from '../parts/postgres-bootstrap.ts';
import type { DatabaseKind } from '../parts/postgres-bootstrap.ts';
import type { RunFile } from '../run-file.ts';

export interface TestDatabase {
  readonly name: string;
  /** Of a superuser, for looking at anything. */
  readonly superuserUrl: string;
  /** Of the role that owns it: quittance_owner, or vault_owner. */
  readonly ownerUrl: string;
  /** Of quittance_api; in a vault database of vault_app. */
  readonly apiUrl: string;
  /** Of quittance_worker; in a vault database of vault_app. */
  readonly workerUrl: string;
  /** Of quittance_operator; in a vault database of vault_app. */
  readonly operatorUrl: string;
  /** Of quittance_gateway; in a vault database of vault_app. */
  readonly gatewayUrl: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** How long sessions that said goodbye may take to be gone; what is left then is ended by force (ms). */
const GOODBYE_MS = 5_000;
const LOOK_EVERY_MS = 10;

async function sessionsGone(client: pg.Client, name: string): Promise<void> {
  const deadline = Date.now() + GOODBYE_MS;
  while (Date.now() < deadline) {
    const { rowCount } = await client.query('SELECT FROM pg_stat_activity WHERE datname = $1', [name]);
    if (rowCount === 0) return;
    await delay(LOOK_EVERY_MS);
  }
}

/**
 * A fresh database for one test, with the grants of the real one, brought to the newest schema
 * (`none`: owned by quittance_owner and empty).
 */
export async function createDatabase(
  runFile: RunFile,
  options: { readonly schema: 'main' | 'vault' | 'none' },
): Promise<TestDatabase> {
  const { superuserUrl, urls } = runFile.postgres;
  const kind: DatabaseKind = options.schema === 'vault' ? 'vault' : 'main';
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withClient(superuserUrl, (client) => createOwnedDatabase(client, name, kind));
  const ownerUrl = urlFor(kind === 'vault' ? urls.vaultOwner : urls.owner, name);
  const database: TestDatabase = {
    name,
    superuserUrl: urlFor(superuserUrl, name),
    ownerUrl,
    apiUrl: urlFor(kind === 'vault' ? urls.vault : urls.api, name),
    workerUrl: urlFor(kind === 'vault' ? urls.vault : urls.worker, name),
    operatorUrl: urlFor(kind === 'vault' ? urls.vault : urls.operator, name),
    gatewayUrl: urlFor(kind === 'vault' ? urls.vault : urls.gateway, name),
    drop: () =>
      withClient(superuserUrl, async (client) => {
        // A pool that has ended has only said goodbye: a session ended by force meanwhile would tell it so,
        // and an error event that nobody listens to fails the run.
        await sessionsGone(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
      }),
  };
  try {
    if (options.schema === 'main') await migrateMain(ownerUrl);
    if (options.schema === 'vault') await migrateVault(ownerUrl);
    return database;
  } catch (error) {
    await database.drop();
    throw error;
  }
}
