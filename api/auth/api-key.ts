import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { MerchantId } from '../../workflows/domain/ids.ts';
import { Problem } from '../problem.ts';

/** Who asks. The merchant and the mode of a request come from here and from nowhere else. */
export interface Credential {
  readonly merchant: MerchantId;
  readonly mode: 'test' | 'live';
}

const BEARER_KEY = /^Bearer +(sk_[A-Za-z0-9_]{16,200})$/i;

/**
 * Who a request's Authorization header stands for.
 * @throws Problem 401 when there is no key, or it is unknown or revoked: the two cannot be told apart.
 */
export async function authenticate(
  database: Pick<pg.Pool, 'query'>,
  authorization: string | undefined,
): Promise<Credential> {
  if (authorization === undefined) {
    throw new Problem('api_key_missing', 'send your secret key as "Authorization: Bearer sk_…"', {
      headers: { 'www-authenticate': 'Bearer realm="quittance"' },
    });
  }
  const key = BEARER_KEY.exec(authorization)?.[1];
  const credential = key === undefined ? null : await findKey(database, key);
  if (credential === null) {
    throw new Problem(
      'api_key_invalid',
      'no merchant has this key, or it was revoked: send "Authorization: Bearer sk_…" with a key in use',
      {
        headers: { 'www-authenticate': 'Bearer realm="quittance", error="invalid_token"' },
      },
    );
  }
  return credential;
}

/** Keys are found by their hash: the table cannot be read back into keys, and no comparison leaks time. */
async function findKey(database: Pick<pg.Pool, 'query'>, key: string): Promise<Credential | null> {
  const { rows } = await database.query<{ merchant_id: MerchantId; mode: 'test' | 'live' }>({
    name: 'find_api_key',
    text: 'select merchant_id, mode from api_keys where key_hash = $1 and revoked_at is null',
    values: [createHash('sha256').update(key).digest()],
  });
  const [row] = rows;
  return row === undefined ? null : { merchant: row.merchant_id, mode: row.mode };
}
