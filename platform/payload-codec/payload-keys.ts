import type pg from 'pg';
import { keyInsertError } from '../key-errors.ts';
import type { DataKeyStore, StoredDataKey } from '../keyring.ts';
import type { PayloadKeyPurpose } from './codec.ts';

interface PayloadKeyRow {
  readonly id: string;
  readonly master_key: string;
  readonly wrapped: Buffer;
}

/** The wrapped data keys of Temporal's payloads (table `payload_keys` of the main database). */
export function createPayloadKeys(pool: pg.Pool): DataKeyStore<PayloadKeyPurpose> {
  return {
    async insert({ id, masterKey, wrapped }) {
      await pool
        .query({
          name: 'insert_payload_key',
          text: 'insert into payload_keys (id, master_key, wrapped) values ($1, $2, $3)',
          values: [id, masterKey, wrapped],
        })
        .catch((error: unknown) => {
          throw keyInsertError(error);
        });
    },
    async find(id) {
      const { rows } = await pool.query<PayloadKeyRow>({
        name: 'find_payload_key',
        text: 'select id, master_key, wrapped from payload_keys where id = $1',
        values: [id],
      });
      const [row] = rows;
      return row === undefined ? null : toKey(row);
    },
  };
}

function toKey({ id, master_key, wrapped }: PayloadKeyRow): StoredDataKey<PayloadKeyPurpose> {
  return { id, purpose: 'payload', masterKey: master_key, wrapped };
}
