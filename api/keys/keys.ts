import { checkCursor, isFound } from '../lists/cursor.ts';
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import { originFault } from '../../platform/origin.ts';
import type { PublishRequest } from '../../vault/contract.ts';
import { hashesOf, type Credential, type KeyHolder } from '../auth/api-key.ts';
import type { Scope } from '../auth/scopes.ts';
import { pageOf } from '../ledger/page.ts';
import { KeysetQuery } from '../lists/keyset.ts';
import { invalidFields, Problem } from '../problem.ts';
import type { CreateApiKey, ListApiKeys, UpdateApiKey } from '../schemas/api-keys.ts';

type Database = Pick<pg.Pool, 'query'>;
/**
 * Has the vault told of publishable keys before the commit: it is the one that a page calls. What it
 * was told cannot be taken back, so this comes after everything else that can fail. Should the commit
 * be lost all the same, a new text was shown to nobody, and one that ends does so as was asked.
 */
export type Publish = (request: PublishRequest) => void;

interface KeyRow {
  id: string;
  mode: 'test' | 'live';
  kind: 'secret' | 'publishable';
  name: string | null;
  hint: string;
  scopes: Scope[];
  ip_allow_list: string[];
  origins: string[];
  public_key: string | null;
  version: string | null;
  previous_public_key: string | null;
  previous_until: Date | null;
  created_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const COLUMNS = `id, mode, kind, name, hint, scopes, ip_allow_list, origins, public_key, version, created_at, last_used_at, revoked_at,
  case when previous_until > clock_timestamp() then previous_public_key end as previous_public_key,
  case when previous_until > clock_timestamp() then previous_until end as previous_until`;
const KEYS_MAX = 50;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 43 characters of 62 hold 256 bits. */
const TEXT_LENGTH = 43;

/** The same words whether it does not exist, is another merchant's, or is of the other mode. */
export function keyNotFound(): Problem {
  return new Problem(
    'api_key_not_found',
    'no API key with this id belongs to this merchant and mode: check the id, and whether your key is for test or live',
  );
}

/** Random, and of letters and digits alone: one word everywhere. */
export function newKeyText(prefix: 'sk' | 'pk' | 'ocs' | 'rss', mode: 'test' | 'live'): string {
  let text = '';
  while (text.length < TEXT_LENGTH) {
    // 248 is the last multiple of 62: what is above would make some letters likelier.
    for (const byte of randomBytes(64))
      if (byte < 248 && text.length < TEXT_LENGTH) text += ALPHABET[byte % 62] ?? '';
  }
  return `${prefix}_${mode}_${text}`;
}

/** A key gives no more than it has itself, or the scope admin would be all of them. @throws Problem `scope_exceeded` */
export function refuseMore(caller: KeyHolder, scopes: readonly Scope[]): void {
  const missing = scopes.filter((scope) => !caller.scopes.has(scope));
  if (missing.length > 0)
    throw new Problem(
      'scope_exceeded',
      `${caller.key} does not have ${missing.join(', ')} itself: ask with a key that has it`,
    );
}

/** What the schema lets in for a test key need not be good for a live one. @throws Problem `field_invalid` */
function refuseOrigins(mode: 'test' | 'live', origins: readonly string[]): void {
  origins.forEach((origin, index) => {
    const detail = originFault(origin, mode);
    if (detail === null) return;
    const param = `/origins/${index}`;
    throw invalidFields([{ code: 'field_invalid', param, detail: `${param} ${detail} for a ${mode} key` }]);
  });
}

/** A new key with its text. @throws Problem `scope_exceeded`, `api_key_limit`, `field_invalid` */
export async function createKey(
  client: Database,
  keySecret: string,
  publish: Publish,
  caller: KeyHolder,
  { kind, name, scopes = [], ip_allow_list: networks, origins, version }: CreateApiKey,
): Promise<Record<string, unknown>> {
  refuseMore(caller, scopes);
  const { merchant, mode } = caller;
  refuseOrigins(mode, origins);
  const text = newKeyText(kind === 'secret' ? 'sk' : 'pk', mode);
  const { rows } = await client.query<KeyRow>({
    name: 'create_api_key',
    text: `insert into api_keys (merchant_id, id, mode, kind, key_hash, keyed, hint, name, scopes, ip_allow_list, origins, public_key, version)
           select $1, $2, $3, $4, $5, true, $6, $7, $8, $9, $10, $11, $12
           where (select count(*) from api_keys where merchant_id = $1 and mode = $3 and revoked_at is null) < ${KEYS_MAX}
           returning ${COLUMNS}`,
    values: [
      merchant,
      newId('key'),
      mode,
      kind,
      hashesOf(keySecret, text).keyed,
      hintOf(text),
      name ?? null,
      scopes,
      networks,
      origins,
      kind === 'publishable' ? text : null,
      version ?? null,
    ],
  });
  const [row] = rows;
  if (row === undefined)
    throw new Problem(
      'api_key_limit',
      `there are ${KEYS_MAX} API keys in use in this mode: revoke one that is not needed`,
    );
  // Before the commit: a key that only the vault knows was never shown to anybody, one that the vault
  // does not know would be shown and refused.
  if (kind === 'publishable') publish({ merchant, mode, key: text, origins, until: null });
  return { ...onWire(row), key: text };
}

/** What is not wished for stays. @throws Problem `api_key_not_found`, `api_key_revoked`, `field_invalid` */
export async function updateKey(
  client: Database,
  publish: Publish,
  { merchant, mode }: Credential,
  id: string,
  { name, ip_allow_list: networks, origins, version }: UpdateApiKey,
): Promise<Record<string, unknown>> {
  const before = await lockKey(client, { merchant, mode }, id);
  refuseOfOtherKind(before.kind, networks, origins);
  refuseOrigins(mode, origins ?? []);
  const { rows } = await client.query<KeyRow>({
    name: 'update_api_key',
    text: `update api_keys set name = coalesce($4, name), ip_allow_list = coalesce($5, ip_allow_list), origins = coalesce($6, origins), version = coalesce($7, version)
           where merchant_id = $1 and mode = $2 and id = $3 returning ${COLUMNS}`,
    values: [merchant, mode, id, name ?? null, networks ?? null, origins ?? null, version ?? null],
  });
  const row = found(rows);
  const tell = (key: string, until: string | null): void => {
    publish({ merchant, mode, key, origins: row.origins, until });
  };
  if (row.public_key !== null) tell(row.public_key, null);
  if (row.previous_public_key !== null)
    tell(row.previous_public_key, row.previous_until?.toISOString() ?? null);
  return onWire(row);
}

function refuseOfOtherKind(
  kind: KeyRow['kind'],
  networks: readonly string[] | undefined,
  origins: readonly string[] | undefined,
): void {
  const param = kind === 'secret' ? '/origins' : '/ip_allow_list';
  const wrong = kind === 'secret' ? origins : networks;
  if (wrong === undefined || wrong.length === 0) return;
  throw invalidFields([{ code: 'field_invalid', param, detail: `${param} cannot stand with a ${kind} key` }]);
}

/** Another text for the same key; the one before is good beside it while they overlap. @throws as updateKey, and `scope_exceeded` */
export async function rollKey(
  client: Database,
  keySecret: string,
  publish: Publish,
  caller: KeyHolder,
  id: string,
  overlapSeconds: number,
): Promise<Record<string, unknown>> {
  const { merchant, mode } = caller;
  const before = await lockKey(client, caller, id);
  refuseMore(caller, before.scopes);
  const text = newKeyText(before.kind === 'secret' ? 'sk' : 'pk', mode);
  const publicKey = before.kind === 'publishable' ? text : null;
  const { rows: ends } = await client.query<{ now: Date }>({
    name: 'roll_api_key',
    text: `select clock_timestamp() as now, roll_api_key($1, $2, $3, $4, $5, $6, $7 * interval '1 second')`,
    values: [merchant, mode, id, hashesOf(keySecret, text).keyed, hintOf(text), publicKey, overlapSeconds],
  });
  const row = await readRow(client, caller, id);
  if (before.public_key !== null) {
    const { origins } = row;
    // The database's clock, which the vault's database has too; this process may be ahead of it.
    const now = (ends[0]?.now ?? new Date()).toISOString();
    publish({ merchant, mode, key: text, origins, until: null });
    publish({
      merchant,
      mode,
      key: before.public_key,
      origins,
      until: row.previous_until?.toISOString() ?? now,
    });
    if (before.previous_public_key !== null)
      publish({ merchant, mode, key: before.previous_public_key, origins, until: now });
  }
  return { ...onWire(row), key: text };
}

/** For good, and with the key that it is rolled from. Revoked again, it stays as it is. @throws Problem `api_key_not_found` */
export async function revokeKey(
  client: Database,
  publish: Publish,
  { merchant, mode }: Credential,
  id: string,
): Promise<Record<string, unknown>> {
  // The texts are those of the row that is written: a roll may just have given it another.
  const { rows } = await client.query<KeyRow>({
    name: 'revoke_api_key',
    text: `update api_keys set revoked_at = coalesce(revoked_at, clock_timestamp())
           where merchant_id = $1 and mode = $2 and id = $3 returning ${COLUMNS}`,
    values: [merchant, mode, id],
  });
  const row = found(rows);
  const until = row.revoked_at?.toISOString() ?? null;
  for (const key of [row.public_key, row.previous_public_key]) {
    if (key !== null) publish({ merchant, mode, key, origins: row.origins, until });
  }
  return onWire(row);
}

/** @throws Problem `api_key_not_found` */
export async function readKey(
  database: Database,
  credential: Credential,
  id: string,
): Promise<Record<string, unknown>> {
  return onWire(await readRow(database, credential, id));
}

/** One page of the merchant's keys in this mode, newest first. @throws Problem when the cursor is none of them. */
export async function listKeys(
  database: Database,
  credential: Credential,
  wish: ListApiKeys,
): Promise<Record<string, unknown>> {
  await checkCursor(wish, 'API key that belongs to this merchant and mode', (cursor) =>
    isFound(readRow(database, credential, cursor)),
  );
  const query = new KeysetQuery('id');
  query.equal('merchant_id', credential.merchant);
  query.equal('mode', credential.mode);
  query.equal('kind', wish.kind);
  const { rows } = await database.query<KeyRow>(query.page(COLUMNS, 'api_keys', wish));
  return pageOf(wish, rows, onWire);
}

async function readRow(database: Database, { merchant, mode }: Credential, id: string): Promise<KeyRow> {
  const { rows } = await database.query<KeyRow>({
    name: 'read_api_key',
    text: `select ${COLUMNS} from api_keys where merchant_id = $1 and mode = $2 and id = $3`,
    values: [merchant, mode, id],
  });
  return found(rows);
}

/** To be changed: nobody else changes it meanwhile. */
async function lockKey(database: Database, { merchant, mode }: Credential, id: string): Promise<KeyRow> {
  const { rows } = await database.query<KeyRow>({
    name: 'lock_api_key',
    text: `select ${COLUMNS} from api_keys where merchant_id = $1 and mode = $2 and id = $3 for no key update`,
    values: [merchant, mode, id],
  });
  const row = found(rows);
  if (row.revoked_at === null) return row;
  throw new Problem(
    'api_key_revoked',
    `${id} was revoked at ${row.revoked_at.toISOString()}: create another key`,
  );
}

function found([row]: readonly KeyRow[]): KeyRow {
  if (row === undefined) throw keyNotFound();
  return row;
}

/** How it begins and ends. */
export function hintOf(text: string): string {
  return `…${text.slice(-4)}`;
}

function onWire(row: KeyRow): Record<string, unknown> {
  const prefix = row.kind === 'secret' ? 'sk' : 'pk';
  return {
    id: row.id,
    object: 'api_key',
    mode: row.mode,
    kind: row.kind,
    name: row.name,
    hint: `${prefix}_${row.mode}_…${row.hint.slice(-4)}`,
    scopes: row.scopes,
    ip_allow_list: row.ip_allow_list,
    origins: row.origins,
    key: row.public_key,
    version: row.version,
    created: row.created_at.toISOString(),
    last_used: row.last_used_at?.toISOString() ?? null,
    previous_key_until: row.previous_until?.toISOString() ?? null,
    revoked: row.revoked_at?.toISOString() ?? null,
  };
}
