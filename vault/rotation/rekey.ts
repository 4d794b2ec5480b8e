import { createRotationRecords } from '../../platform/key-rotation/records.ts';
import { createRotate, type Rotate } from '../../platform/key-rotation/rotation.ts';
import type { Logger } from '../../platform/logger.ts';
import type { MasterKeys } from '../../platform/master-keys.ts';
import type { VaultDatabase } from '../database.ts';
import { vaultKeys } from './vault-keys.ts';

/** A batch takes a second at 80 ms a call: far from the caller's patience. */
const BATCH = 50;
const CONCURRENCY = 4;

/** The rotation of the vault's own master key, a batch a call. */
export function createVaultRotate(masterKeys: MasterKeys, database: VaultDatabase, logger: Logger): Rotate {
  return createRotate({
    masterKeys,
    records: createRotationRecords(database.query, 'vault'),
    places: [vaultKeys(database.query)],
    logger,
    batch: BATCH,
    concurrency: CONCURRENCY,
  });
}
