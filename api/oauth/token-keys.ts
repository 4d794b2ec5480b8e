import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import type { SecretOwner } from '../../platform/sealed-secret.ts';
import { isId, type TokenKeyId } from '../../workflows/domain/ids.ts';
import { createMemory, REMEMBERED_MS } from '../auth/memory.ts';
import type { Secrets } from '../managed.ts';

/** ECDSA over P-256: what every JWT library can check. Nothing else is signed with or taken. */
export const TOKEN_ALGORITHM = 'ES256';
/** How long a token is good (s). */
export const TOKEN_LIFETIME_S = 600;
/** By how much clocks may differ (s). */
export const CLOCKS_DIFFER_S = 5;
/** A key signs for a week, from the same moment everywhere. */
export const KEY_PERIOD_MS = 7 * 24 * 3_600_000;
/** So long before it signs it is published: who keeps our keys has it when its first token comes. */
const PUBLISHED_AHEAD_MS = 24 * 3_600_000;
/** After its last token ended it is of no use; its private half goes with the row. */
const KEPT_AFTER_MS = 24 * 3_600_000;

export interface SigningKey {
  readonly kid: TokenKeyId;
  readonly key: CryptoKey;
}

/** A public key as it is published (RFC 7517). */
export type PublishedKey = JWK & { readonly kid: string };

/** The keys that access tokens are signed with: one a week, made by whichever process needs it first. */
export interface TokenKeys {
  /** The one that signs now. @throws what the key service and the database throw. */
  signing(): Promise<SigningKey>;
  /** The public half of a key of which a token may still be good; null = there is none. */
  verifying(kid: string): Promise<CryptoKey | null>;
  /** Every key of which a token may still be good, and the next one. */
  published(): Promise<readonly PublishedKey[]>;
}

export interface TokenKeysOptions {
  readonly database: Pick<pg.Pool, 'query'>;
  readonly secrets: Secrets;
  /** Epoch ms. */
  readonly now: () => number;
}

interface KeyRow {
  id: TokenKeyId;
  public_jwk: JWK;
  sealed_secret: unknown;
}

/** In the place of a merchant, for a key that is the platform's. */
const ownerOf = (id: TokenKeyId): SecretOwner => ({ merchant: 'platform', id });
/** A key's last token has ended, whatever the clock that looks. */
const ENDED_AFTER_MS = (TOKEN_LIFETIME_S + CLOCKS_DIFFER_S) * 1_000;

export function createTokenKeys({ database, secrets, now }: TokenKeysOptions): TokenKeys {
  const publicKeys = createMemory<CryptoKey>(now);
  const lists = createMemory<readonly PublishedKey[]>(now);
  const current = createMemory<SigningKey>(now);
  /** The last one that was opened here: the key service is asked once a key and process. */
  let opened: SigningKey | null = null;

  async function find(from: Date): Promise<KeyRow | null> {
    const { rows } = await database.query<KeyRow>({
      name: 'find_token_key',
      text: 'select id, public_jwk, sealed_secret from oauth_signing_keys where signs_from = $1',
      values: [from],
    });
    return rows[0] ?? null;
  }

  /** Of several processes that make it at once one is first, and all take that one. */
  async function make(from: Date): Promise<KeyRow> {
    const { publicKey, privateKey } = await generateKeyPair(TOKEN_ALGORITHM, { extractable: true });
    const id = newId('otk');
    const sealed = await secrets.seal(ownerOf(id), JSON.stringify(await exportJWK(privateKey)));
    await database.query({
      name: 'make_token_key',
      text: `insert into oauth_signing_keys (id, signs_from, signs_until, public_jwk, sealed_secret)
             values ($1, $2, $3, $4, $5) on conflict (signs_from) do nothing`,
      values: [id, from, new Date(from.getTime() + KEY_PERIOD_MS), await exportJWK(publicKey), sealed],
    });
    await database.query({
      name: 'end_token_keys',
      text: 'delete from oauth_signing_keys where signs_until < $1',
      values: [new Date(now() - ENDED_AFTER_MS - KEPT_AFTER_MS)],
    });
    const row = await find(from);
    if (row === null) throw new Error(`the key of tokens from ${from.toISOString()} on was made and is gone`);
    return row;
  }

  async function signing(): Promise<SigningKey> {
    const at = now();
    const from = Math.floor(at / KEY_PERIOD_MS) * KEY_PERIOD_MS;
    const known = current.get(String(from));
    if (known !== undefined) return known;
    const row = (await find(new Date(from))) ?? (await make(new Date(from)));
    const next = new Date(from + KEY_PERIOD_MS);
    if (at >= next.getTime() - PUBLISHED_AHEAD_MS && (await find(next)) === null) await make(next);
    // A row that was deleted ends its key here as well, within moments.
    if (opened?.kid !== row.id) opened = { kid: row.id, key: await openKey(row) };
    current.keep(String(from), opened, at + REMEMBERED_MS);
    return opened;
  }

  async function openKey({ id, sealed_secret: sealed }: KeyRow): Promise<CryptoKey> {
    const jwk = JSON.parse(await secrets.open(ownerOf(id), sealed)) as JWK;
    return imported(jwk);
  }

  return {
    signing,
    async verifying(kid) {
      if (!isId('otk', kid)) return null;
      const known = publicKeys.get(kid);
      if (known !== undefined) return known;
      const at = now();
      const { rows } = await database.query<Pick<KeyRow, 'public_jwk'>>({
        name: 'find_public_token_key',
        text: 'select public_jwk from oauth_signing_keys where id = $1 and signs_until > $2',
        values: [kid, new Date(at - ENDED_AFTER_MS)],
      });
      const [row] = rows;
      if (row === undefined) return null;
      const key = await imported(row.public_jwk);
      publicKeys.keep(kid, key, at + REMEMBERED_MS);
      return key;
    },
    async published() {
      const known = lists.get('');
      if (known !== undefined) return known;
      const at = now();
      const { rows } = await database.query<Pick<KeyRow, 'id' | 'public_jwk'>>({
        name: 'published_token_keys',
        text: 'select id, public_jwk from oauth_signing_keys where signs_until > $1 order by signs_from',
        values: [new Date(at - ENDED_AFTER_MS)],
      });
      const keys = rows.map(({ id, public_jwk: { kty = '', crv = '', x = '', y = '' } }) => ({
        kty,
        crv,
        x,
        y,
        kid: id,
        use: 'sig',
        alg: TOKEN_ALGORITHM,
      }));
      lists.keep('', keys, at + REMEMBERED_MS);
      return keys;
    },
  };
}

async function imported(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, TOKEN_ALGORITHM);
  if (key instanceof Uint8Array) throw new Error('a key of tokens is not a key pair');
  return key;
}
