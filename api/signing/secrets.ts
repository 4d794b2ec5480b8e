import { checkCursor, isFound } from '../lists/cursor.ts';
import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import type { SigningSecretId } from '../../workflows/domain/ids.ts';
import type { Credential } from '../auth/api-key.ts';
import { hintOf, newKeyText } from '../keys/keys.ts';
import { pageOf } from '../ledger/page.ts';
import { KeysetQuery } from '../lists/keyset.ts';
import type { Secrets } from '../managed.ts';
import { Problem } from '../problem.ts';
import type { CreateSigningSecret, ListSigningSecrets } from '../schemas/request-signing.ts';

type Database = Pick<pg.Pool, 'query'>;

interface SecretRow {
  id: string;
  mode: 'test' | 'live';
  name: string | null;
  hint: string;
  created_at: Date;
  revoked_at: Date | null;
}

const COLUMNS = 'id, mode, name, hint, created_at, revoked_at';
const SECRETS_MAX = 10;

/** The same words whether it does not exist, is another merchant's, or is of the other mode. */
export function secretNotFound(): Problem {
  return new Problem(
    'signing_secret_not_found',
    'no signing secret with this id belongs to this merchant and mode: check the id, and whether your key is for test or live',
  );
}

/** A new secret with its text. @throws Problem `signing_secret_limit`, `signature_missing` */
export async function createSecret(
  client: Database,
  secrets: Secrets,
  credential: Credential,
  { name }: CreateSigningSecret,
  signedWith: SigningSecretId | null,
): Promise<Record<string, unknown>> {
  const { merchant, mode } = credential;
  mustBeSigned(await lockSigning(client, credential), signedWith);
  const id = newId('sgs');
  const secret = newKeyText('rss', mode);
  const { rows } = await client.query<SecretRow>({
    name: 'create_signing_secret',
    text: `insert into signing_secrets (id, merchant_id, mode, name, hint, sealed_secret)
           select $1, $2, $3, $4, $5, $6
           where (select count(*) from signing_secrets where merchant_id = $2 and mode = $3 and revoked_at is null) < ${SECRETS_MAX}
           returning ${COLUMNS}`,
    values: [id, merchant, mode, name ?? null, hintOf(secret), await secrets.seal({ merchant, id }, secret)],
  });
  const [row] = rows;
  if (row === undefined)
    throw new Problem(
      'signing_secret_limit',
      `there are ${SECRETS_MAX} signing secrets in use in this mode: revoke one that is not needed`,
    );
  return { ...onWire(row), secret };
}

/** For good. Revoked again, it stays as it is. @throws Problem `signing_secret_not_found`, `signing_secret_needed`, `signature_missing` */
export async function revokeSecret(
  client: Database,
  credential: Credential,
  id: string,
  signedWith: SigningSecretId | null,
): Promise<Record<string, unknown>> {
  const { merchant, mode } = credential;
  const required = await lockSigning(client, credential);
  mustBeSigned(required, signedWith);
  const { rows } = await client.query<SecretRow>({
    name: 'revoke_signing_secret',
    text: `update signing_secrets set revoked_at = coalesce(revoked_at, clock_timestamp())
           where merchant_id = $1 and mode = $2 and id = $3 returning ${COLUMNS}`,
    values: [merchant, mode, id],
  });
  const row = found(rows);
  if (required && (await countInUse(client, credential)) === 0)
    throw new Problem(
      'signing_secret_needed',
      `requests have to be signed in this mode, and ${id} is the last secret to sign them with: create another one first`,
    );
  return onWire(row);
}

/** @throws Problem `signing_secret_not_found` */
export async function readSecret(
  database: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<SecretRow>({
    name: 'read_signing_secret',
    text: `select ${COLUMNS} from signing_secrets where merchant_id = $1 and mode = $2 and id = $3`,
    values: [merchant, mode, id],
  });
  return onWire(found(rows));
}

/** One page of the merchant's secrets in this mode, newest first. @throws Problem when the cursor is none of them. */
export async function listSecrets(
  database: Database,
  credential: Credential,
  wish: ListSigningSecrets,
): Promise<Record<string, unknown>> {
  await checkCursor(wish, 'signing secret that belongs to this merchant and mode', (cursor) =>
    isFound(readSecret(database, credential, cursor)),
  );
  const query = new KeysetQuery('id');
  query.equal('merchant_id', credential.merchant);
  query.equal('mode', credential.mode);
  const { rows } = await database.query<SecretRow>(query.page(COLUMNS, 'signing_secrets', wish));
  return pageOf(wish, rows, onWire);
}

/** Whether requests of this mode have to be signed. */
export async function readSigning(
  database: Database,
  { merchant, mode }: Credential,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<{ required: boolean }>({
    name: 'read_request_signing',
    text: 'select $2 = any (signed_modes) as required from merchants where id = $1',
    values: [merchant, mode],
  });
  return signingOnWire(mode, rows[0]?.required ?? false);
}

/**
 * Says whether requests of this mode have to be signed.
 * @param signedWith the secret of the request that asks; null = it is not signed. Who cannot sign one
 * would be shut out, and could not change it back: so only a signed request asks for signed ones.
 * @throws Problem `signature_missing`
 */
export async function setSigning(
  client: Database,
  credential: Credential,
  required: boolean,
  signedWith: SigningSecretId | null,
): Promise<Record<string, unknown>> {
  const { merchant, mode } = credential;
  mustBeSigned(await lockSigning(client, credential), signedWith);
  // Asked under the lock: the secret may have been revoked while it was proven.
  if (required && (signedWith === null || (await countInUse(client, credential)) === 0))
    throw new Problem(
      'signature_missing',
      'sign this very request with one of your signing secrets: from then on every other one has to be, and this shows that you can',
    );
  await client.query({
    name: 'set_request_signing',
    text: `update merchants set signed_modes = case when $3 then array_append(array_remove(signed_modes, $2), $2) else array_remove(signed_modes, $2) end
           where id = $1`,
    values: [merchant, mode, required],
  });
  return signingOnWire(mode, required);
}

/** Whether they have to be, and nobody changes that, or revokes a secret, meanwhile. */
async function lockSigning(client: Database, { merchant, mode }: Credential): Promise<boolean> {
  const { rows } = await client.query<{ required: boolean }>({
    name: 'lock_request_signing',
    text: 'select $2 = any (signed_modes) as required from merchants where id = $1 for no key update',
    values: [merchant, mode],
  });
  return rows[0]?.required ?? false;
}

/**
 * Under the lock, for what would open what was closed: for some seconds another process may not have heard
 * that requests have to be signed, and has let one through that is not.
 * @throws Problem `signature_missing`
 */
function mustBeSigned(required: boolean, signedWith: SigningSecretId | null): void {
  if (required && signedWith === null)
    throw new Problem('signature_missing', 'requests of this mode have to be signed: sign this one');
}

async function countInUse(client: Database, { merchant, mode }: Credential): Promise<number> {
  const { rows } = await client.query<{ count: number }>({
    name: 'count_signing_secrets',
    text: `select count(*)::integer as count from signing_secrets
           where merchant_id = $1 and mode = $2 and revoked_at is null`,
    values: [merchant, mode],
  });
  return rows[0]?.count ?? 0;
}

function found([row]: readonly SecretRow[]): SecretRow {
  if (row === undefined) throw secretNotFound();
  return row;
}

function signingOnWire(mode: Credential['mode'], required: boolean): Record<string, unknown> {
  return { object: 'request_signing', mode, required };
}

function onWire(row: SecretRow): Record<string, unknown> {
  return {
    id: row.id,
    object: 'signing_secret',
    mode: row.mode,
    name: row.name,
    hint: `rss_${row.mode}_${row.hint}`,
    created: row.created_at.toISOString(),
    revoked: row.revoked_at?.toISOString() ?? null,
  };
}
