import type { Query } from '../../platform/key-rotation/records.ts';
import type { WrappedKeys } from '../../platform/key-rotation/rotation.ts';

interface KeyRow {
  readonly id: string;
  readonly purpose: string;
  readonly master_key: string;
  readonly wrapped: Buffer;
}

/** The vault's wrapped data keys, the fingerprint key among them, as rotation sees them. */
export function vaultKeys(query: Query): WrappedKeys {
  return {
    name: 'vault.data_keys',
    async notUnder(masterKey, after, limit) {
      const rows = await query<KeyRow>(
        'keys_to_rewrap',
        `SELECT id, purpose, master_key, wrapped FROM vault.data_keys
          WHERE master_key <> $1 AND id > $2 ORDER BY id LIMIT $3`,
        [masterKey, after, limit],
      );
      return rows.map(({ id, purpose, master_key, wrapped }) => ({
        id,
        masterKey: master_key,
        wrapped,
        context: { purpose, data_key: id },
      }));
    },
    async countNotUnder(masterKey) {
      const [row] = await query<{ count: number }>(
        'count_to_rewrap',
        'SELECT count(*)::integer AS count FROM vault.data_keys WHERE master_key <> $1',
        [masterKey],
      );
      return row?.count ?? 0;
    },
    async replace({ id, wrapped: before }, masterKey, wrapped) {
      const [row] = await query<{ replaced: boolean }>(
        'rewrap_data_key',
        'SELECT vault.rewrap_data_key($1, $2, $3, $4) AS replaced',
        [id, before, masterKey, wrapped],
      );
      return row?.replaced ?? false;
    },
  };
}
