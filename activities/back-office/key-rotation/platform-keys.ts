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

/** A column of sealed secrets: each has a data key of its own beside it. */
interface SealedColumn {
  /** For people; distinct. */
  readonly name: string;
  readonly table: 'webhook_endpoints' | 'signing_secrets' | 'oauth_signing_keys' | 'idempotency_keys';
  readonly column: 'sealed_secret' | 'previous_secret' | 'sealed_answer';
  /** SQL of what stands for the merchant in the key's context, and of what for its id; see SecretOwner. */
  readonly owner: string;
  readonly id: string;
  /** SQL of which rows are still read by anybody; all of them unless told. */
  readonly inUse?: string;
  /** The function that replaces one, of (owner, id, wrapped before, master key, wrapped). */
  readonly rewrap: string;
}

const SECRETS = { column: 'sealed_secret', owner: 'merchant_id', id: 'id' } as const;

const SEALED_COLUMNS: readonly SealedColumn[] = [
  // What webhooks are signed with, what requests are, and what access tokens are. A secret that is rolled
  // goes from the first to the second, and so is counted in this order.
  { ...SECRETS, name: 'webhook_endpoints', table: 'webhook_endpoints', rewrap: 'rewrap_webhook_secret' },
  {
    ...SECRETS,
    name: 'previous_secrets',
    table: 'webhook_endpoints',
    column: 'previous_secret',
    // One whose overlap is over signs nothing more; under a key that is gone it must keep no rotation open.
    inUse: 'previous_until > now()',
    rewrap: 'rewrap_previous_secret',
  },
  { ...SECRETS, name: 'signing_secrets', table: 'signing_secrets', rewrap: 'rewrap_signing_secret' },
  {
    ...SECRETS,
    name: 'oauth_signing_keys',
    table: 'oauth_signing_keys',
    owner: "'platform'",
    rewrap: 'rewrap_token_key',
  },
  // What a repeat is answered (api/managed.ts); in this order by the index `idempotency_keys_answers`.
  {
    name: 'answers',
    table: 'idempotency_keys',
    column: 'sealed_answer',
    owner: 'merchant_id',
    id: "('answer:' || mode || ':' || key)",
    rewrap: 'rewrap_answer',
  },
];

function sealedSecrets(query: Query, sealed: SealedColumn): WrappedKeys {
  const { name, table, column, owner, id: ownId, inUse = 'true', rewrap } = sealed;
  return {
    name,
    async notUnder(masterKey, after, limit) {
      const rows = await query<SecretRow>(
        `${name}_to_rewrap`,
        `select ${owner} as owner, ${ownId} as id, ${column} ->> 'master_key' as master_key, ${column} ->> 'wrapped' as wrapped
         from ${table}
         where ${column} ->> 'master_key' <> $1 and ${inUse} and ${owner} || '/' || ${ownId} > $2
         order by ${owner} || '/' || ${ownId} limit $3`,
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
      count(
        query,
        `count_${name}`,
        `from ${table} where ${column} ->> 'master_key' <> $1 and ${inUse}`,
        masterKey,
      ),
    replace({ id, wrapped: before }, masterKey, wrapped) {
      // An idempotency key may have a slash of its own.
      const slash = id.indexOf('/');
      return replaced(query, rewrap, `select ${rewrap}($1, $2, $3, $4, $5) as replaced`, [
        id.slice(0, slash),
        id.slice(slash + 1),
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
  ...SEALED_COLUMNS.map((column) => sealedSecrets(query, column)),
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
