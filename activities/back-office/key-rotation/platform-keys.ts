import { secretKeyContext } from '../../../platform/sealed-secret.ts';
import type { Query } from '../../../platform/key-rotation/records.ts';
import type { WrappedKeys } from '../../../platform/key-rotation/rotation.ts';

interface PayloadKeyRow {
  readonly id: string;
  readonly master_key: string;
  readonly wrapped: Buffer;
}

/** The data keys of Temporal's payloads: recorded histories name them, and stay readable. */
function payloadKeys(query: Query): WrappedKeys {
  return {
    name: 'payload_keys',
    async notUnder(masterKey, after, limit) {
      const rows = await query<PayloadKeyRow>(
        'payload_keys_to_rewrap',
        'select id, master_key, wrapped from payload_keys where master_key <> $1 and id > $2 order by id limit $3',
        [masterKey, after, limit],
      );
      return rows.map(({ id, master_key, wrapped }) => ({
        id,
        masterKey: master_key,
        wrapped,
        context: { purpose: 'payload', data_key: id },
      }));
    },
    countNotUnder: (masterKey) =>
      count(query, 'count_payload_keys', 'from payload_keys where master_key <> $1', masterKey),
    replace: ({ id, wrapped: before }, masterKey, wrapped) =>
      replaced(query, 'rewrap_payload_key', 'select rewrap_payload_key($1, $2, $3, $4) as replaced', [
        id,
        before,
        masterKey,
        wrapped,
      ]),
  };
}

interface SecretRow {
  readonly owner: string;
  readonly id: string;
  readonly master_key: string;
  readonly wrapped: string;
}

/** A table of sealed secrets (column `sealed_secret`): each has a data key of its own beside it. */
interface SealedTable {
  readonly table: 'webhook_endpoints' | 'signing_secrets' | 'oauth_signing_keys';
  /** SQL of what stands for the merchant in the key's context; see SecretOwner. */
  readonly owner: string;
  /** The function that replaces one, of (owner, id, wrapped before, master key, wrapped). */
  readonly rewrap: string;
}

const SEALED_TABLES: readonly SealedTable[] = [
  // What webhooks are signed with, what requests are, and what access tokens are.
  { table: 'webhook_endpoints', owner: 'merchant_id', rewrap: 'rewrap_webhook_secret' },
  { table: 'signing_secrets', owner: 'merchant_id', rewrap: 'rewrap_signing_secret' },
  { table: 'oauth_signing_keys', owner: "'platform'", rewrap: 'rewrap_token_key' },
];

function sealedSecrets(query: Query, { table, owner, rewrap }: SealedTable): WrappedKeys {
  return {
    name: table,
    async notUnder(masterKey, after, limit) {
      const rows = await query<SecretRow>(
        `${table}_to_rewrap`,
        `select ${owner} as owner, id, sealed_secret ->> 'master_key' as master_key, sealed_secret ->> 'wrapped' as wrapped
         from ${table}
         where sealed_secret ->> 'master_key' <> $1 and ${owner} || '/' || id > $2
         order by ${owner} || '/' || id limit $3`,
        [masterKey, after, limit],
      );
      return rows.map(({ owner: merchant, id, master_key, wrapped }) => ({
        id: `${merchant}/${id}`,
        masterKey: master_key,
        wrapped: Buffer.from(wrapped, 'base64'),
        context: secretKeyContext({ merchant, id }),
      }));
    },
    countNotUnder: (masterKey) =>
      count(query, `count_${table}`, `from ${table} where sealed_secret ->> 'master_key' <> $1`, masterKey),
    replace({ id, wrapped: before }, masterKey, wrapped) {
      const [merchant, own] = id.split('/');
      return replaced(query, rewrap, `select ${rewrap}($1, $2, $3, $4, $5) as replaced`, [
        merchant,
        own,
        before,
        masterKey,
        wrapped,
      ]);
    },
  };
}

/** Everything that is wrapped by the platform's master key. */
export const platformKeys = (query: Query): readonly WrappedKeys[] => [
  payloadKeys(query),
  ...SEALED_TABLES.map((table) => sealedSecrets(query, table)),
];

async function count(query: Query, name: string, from: string, masterKey: string): Promise<number> {
  const [row] = await query<{ count: number }>(name, `select count(*)::integer as count ${from}`, [
    masterKey,
  ]);
  return row?.count ?? 0;
}

async function replaced(
  query: Query,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<boolean> {
  const [row] = await query<{ replaced: boolean }>(name, text, values);
  return row?.replaced ?? false;
}
