import { checkCursor, isFound } from '../lists/cursor.ts';
import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import { hashesOf, type Credential, type KeyHolder } from '../auth/api-key.ts';
import type { Scope } from '../auth/scopes.ts';
import { hintOf, newKeyText, refuseMore } from '../keys/keys.ts';
import { pageOf } from '../ledger/page.ts';
import { KeysetQuery } from '../lists/keyset.ts';
import { Problem } from '../problem.ts';
import type { CreateOAuthClient, ListOAuthClients, UpdateOAuthClient } from '../schemas/oauth-clients.ts';

type Database = Pick<pg.Pool, 'query'>;

interface ClientRow {
  id: string;
  mode: 'test' | 'live';
  name: string | null;
  hint: string;
  scopes: Scope[];
  ip_allow_list: string[];
  version: string | null;
  previous_until: Date | null;
  created_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const COLUMNS = `id, mode, name, hint, scopes, ip_allow_list, version, created_at, last_used_at, revoked_at,
  case when previous_until > clock_timestamp() then previous_until end as previous_until`;
const CLIENTS_MAX = 50;

/** The same words whether it does not exist, is another merchant's, or is of the other mode. */
export function clientNotFound(): Problem {
  return new Problem(
    'oauth_client_not_found',
    'no OAuth client with this id belongs to this merchant and mode: check the id, and whether your key is for test or live',
  );
}

/** A new client with its secret. @throws Problem `scope_exceeded`, `oauth_client_limit` */
export async function createClient(
  client: Database,
  keySecret: string,
  caller: KeyHolder,
  { name, scopes, ip_allow_list: networks, version }: CreateOAuthClient,
): Promise<Record<string, unknown>> {
  refuseMore(caller, scopes);
  const { merchant, mode } = caller;
  const secret = newKeyText('ocs', mode);
  const { rows } = await client.query<ClientRow>({
    name: 'create_oauth_client',
    text: `insert into oauth_clients (id, merchant_id, mode, name, hint, scopes, ip_allow_list, version, secret_hash)
           select $1, $2, $3, $4, $5, $6, $7, $8, $9
           where (select count(*) from oauth_clients where merchant_id = $2 and mode = $3 and revoked_at is null) < ${CLIENTS_MAX}
           returning ${COLUMNS}`,
    values: [
      newId('oac'),
      merchant,
      mode,
      name ?? null,
      hintOf(secret),
      [...new Set(scopes)],
      networks,
      version ?? null,
      hashesOf(keySecret, secret).keyed,
    ],
  });
  const [row] = rows;
  if (row === undefined)
    throw new Problem(
      'oauth_client_limit',
      `there are ${CLIENTS_MAX} OAuth clients in use in this mode: revoke one that is not needed`,
    );
  return { ...onWire(row), client_secret: secret };
}

/** What is not wished for stays. @throws Problem `oauth_client_not_found`, `oauth_client_revoked` */
export async function updateClient(
  client: Database,
  credential: Credential,
  id: string,
  { name, ip_allow_list: networks, version }: UpdateOAuthClient,
): Promise<Record<string, unknown>> {
  await lockClient(client, credential, id);
  const { rows } = await client.query<ClientRow>({
    name: 'update_oauth_client',
    text: `update oauth_clients set name = coalesce($4, name), ip_allow_list = coalesce($5, ip_allow_list), version = coalesce($6, version)
           where merchant_id = $1 and mode = $2 and id = $3 returning ${COLUMNS}`,
    values: [credential.merchant, credential.mode, id, name ?? null, networks ?? null, version ?? null],
  });
  return onWire(found(rows));
}

/** Another secret; the one before gets tokens beside it while they overlap. @throws as updateClient, and `scope_exceeded` */
export async function rollClient(
  client: Database,
  keySecret: string,
  caller: KeyHolder,
  id: string,
  overlapSeconds: number,
): Promise<Record<string, unknown>> {
  const { merchant, mode } = caller;
  const before = await lockClient(client, caller, id);
  refuseMore(caller, before.scopes);
  const secret = newKeyText('ocs', mode);
  await client.query({
    name: 'roll_oauth_client',
    text: `select roll_oauth_client($1, $2, $3, $4, $5, $6 * interval '1 second')`,
    values: [merchant, mode, id, hashesOf(keySecret, secret).keyed, hintOf(secret), overlapSeconds],
  });
  return { ...(await readClient(client, caller, id)), client_secret: secret };
}

/** For good, with its tokens. Revoked again, it stays as it is. @throws Problem `oauth_client_not_found` */
export async function revokeClient(
  client: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<Record<string, unknown>> {
  const { rows } = await client.query<ClientRow>({
    name: 'revoke_oauth_client',
    text: `update oauth_clients set revoked_at = coalesce(revoked_at, clock_timestamp())
           where merchant_id = $1 and mode = $2 and id = $3 returning ${COLUMNS}`,
    values: [merchant, mode, id],
  });
  return onWire(found(rows));
}

/** @throws Problem `oauth_client_not_found` */
export async function readClient(
  database: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<ClientRow>({
    name: 'read_oauth_client',
    text: `select ${COLUMNS} from oauth_clients where merchant_id = $1 and mode = $2 and id = $3`,
    values: [merchant, mode, id],
  });
  return onWire(found(rows));
}

/** One page of the merchant's clients in this mode, newest first. @throws Problem when the cursor is none of them. */
export async function listClients(
  database: Database,
  credential: Credential,
  wish: ListOAuthClients,
): Promise<Record<string, unknown>> {
  await checkCursor(wish, 'OAuth client that belongs to this merchant and mode', (cursor) =>
    isFound(readClient(database, credential, cursor)),
  );
  const query = new KeysetQuery('id');
  query.equal('merchant_id', credential.merchant);
  query.equal('mode', credential.mode);
  const { rows } = await database.query<ClientRow>(query.page(COLUMNS, 'oauth_clients', wish));
  return pageOf(wish, rows, onWire);
}

/** To be changed: nobody else changes it meanwhile. */
async function lockClient(
  database: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<ClientRow> {
  const { rows } = await database.query<ClientRow>({
    name: 'lock_oauth_client',
    text: `select ${COLUMNS} from oauth_clients where merchant_id = $1 and mode = $2 and id = $3 for no key update`,
    values: [merchant, mode, id],
  });
  const row = found(rows);
  if (row.revoked_at === null) return row;
  throw new Problem(
    'oauth_client_revoked',
    `${id} was revoked at ${row.revoked_at.toISOString()}: create another client`,
  );
}

function found([row]: readonly ClientRow[]): ClientRow {
  if (row === undefined) throw clientNotFound();
  return row;
}

function onWire(row: ClientRow): Record<string, unknown> {
  return {
    id: row.id,
    object: 'oauth_client',
    mode: row.mode,
    name: row.name,
    hint: `ocs_${row.mode}_${row.hint}`,
    scopes: row.scopes,
    ip_allow_list: row.ip_allow_list,
    version: row.version,
    created: row.created_at.toISOString(),
    last_used: row.last_used_at?.toISOString() ?? null,
    previous_secret_until: row.previous_until?.toISOString() ?? null,
    revoked: row.revoked_at?.toISOString() ?? null,
  };
}
