import { keyInsertError } from '../platform/key-errors.ts';
import type { DataKeyStore, StoredDataKey } from '../platform/keyring.ts';
import type { VaultDatabase } from './database.ts';

/** What a data key of the vault seals: stored cards, what is staged (cards and keys of security codes), or fingerprints. */
export type VaultKeyPurpose = 'card' | 'staging' | 'fingerprint';

interface DataKeyRow {
  readonly id: string;
  readonly purpose: VaultKeyPurpose;
  readonly master_key: string;
  readonly wrapped: Buffer;
}

const COLUMNS = 'id, purpose, master_key, wrapped';
const toKey = (row: DataKeyRow): StoredDataKey<VaultKeyPurpose> => ({
  id: row.id,
  purpose: row.purpose,
  masterKey: row.master_key,
  wrapped: row.wrapped,
});

export interface VaultDataKeys extends DataKeyStore<VaultKeyPurpose> {
  findFingerprintKey(): Promise<StoredDataKey<VaultKeyPurpose> | null>;
}

/** The table of wrapped data keys. A second fingerprint key is silently not inserted: the first one stays. */
export function createDataKeys(database: VaultDatabase): VaultDataKeys {
  return {
    async insert({ id, purpose, masterKey, wrapped }) {
      await database
        .query(
          'insert_data_key',
          `INSERT INTO vault.data_keys (${COLUMNS}) VALUES ($1, $2, $3, $4)
           ON CONFLICT (purpose) WHERE purpose = 'fingerprint' DO NOTHING`,
          [id, purpose, masterKey, wrapped],
        )
        .catch((error: unknown) => {
          throw keyInsertError(error);
        });
    },
    async find(id) {
      const [row] = await database.query<DataKeyRow>(
        'find_data_key',
        `SELECT ${COLUMNS} FROM vault.data_keys WHERE id = $1`,
        [id],
      );
      return row === undefined ? null : toKey(row);
    },
    async findFingerprintKey() {
      const [row] = await database.query<DataKeyRow>(
        'find_fingerprint_key',
        `SELECT ${COLUMNS} FROM vault.data_keys WHERE purpose = 'fingerprint'`,
        [],
      );
      return row === undefined ? null : toKey(row);
    },
  };
}
