import { createHash, createHmac } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';
import type { ApiKeyId, MerchantId, OAuthClientId } from '../../workflows/domain/ids.ts';
import type { Tier } from '../limits/tiers.ts';
import { Problem } from '../problem.ts';
import { createMemory, REMEMBERED_MS } from './memory.ts';
import type { Scope } from './scopes.ts';

/** Who asks. The merchant and the mode of a request come from here and from nowhere else. */
export interface Credential {
  readonly merchant: MerchantId;
  readonly mode: 'test' | 'live';
}

/** A credential with what its key, or the token of its OAuth client, may do. */
export interface KeyHolder extends Credential {
  readonly key: ApiKeyId | OAuthClientId;
  readonly scopes: ReadonlySet<Scope>;
  /** Addresses and networks it may be used from; none = any. */
  readonly allowList: readonly string[];
  readonly tier: Tier;
  /** The version it is answered in where a request names none; null = the newest. */
  readonly version: string | null;
}

export interface AuthenticatorOptions {
  readonly database: Pick<pg.Pool, 'query'>;
  /** Keys the hashes under which keys are found. */
  readonly keySecret: string;
  /** Knows what is no key. */
  readonly tokens: TokenReader;
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Who an access token stands for; see createAccessTokens. */
export interface TokenReader {
  /** @throws Problem `access_token_invalid`, `access_token_expired` */
  holderOf(token: string): Promise<KeyHolder>;
  /** A client was changed here: its tokens are looked at anew. */
  forget(client: string): void;
}

export interface Authenticator {
  /**
   * Who a request's Authorization header stands for.
   * @throws Problem 401 when there is no key or token, or it is unknown, has ended or was revoked.
   */
  authenticate(authorization: string | undefined): Promise<KeyHolder>;
  /** A key or client was changed here: it is looked up anew. Other processes see it within {@link REMEMBERED_MS}. */
  forget(key: string): void;
}

/** Of whose last use it is known that it was noted. */
const TOUCHED_MAX = 10_000;
/** How often the use of a key is written down. */
const TOUCH_EVERY_MS = 60_000;
const BEARER_KEY = /^Bearer +(sk_[A-Za-z0-9_]{16,200})$/i;
/** Three parts of base64url; longer than any of ours is none. */
const BEARER_TOKEN = /^Bearer +([\w-]{2,2000}\.[\w-]{2,4000}\.[\w-]{0,1000})$/i;

interface KeyRow {
  id: ApiKeyId;
  merchant_id: MerchantId;
  mode: 'test' | 'live';
  scopes: Scope[];
  ip_allow_list: string[];
  keyed: boolean;
  good_until: Date | null;
  last_used_at: Date | null;
  version: string | null;
  api_tier: Tier;
}

/** The two hashes of a key: keyed, and that of a key that was made where the secret is not known. */
export function hashesOf(keySecret: string, key: string): { readonly keyed: Buffer; readonly plain: Buffer } {
  return {
    keyed: createHmac('sha256', keySecret).update(key).digest(),
    plain: createHash('sha256').update(key).digest(),
  };
}

/**
 * Keys are found by their hash: the table cannot be read back into keys, and no comparison leaks time.
 * What was found is remembered for moments, so that a busy key costs no query.
 */
export function createAuthenticator({
  database,
  keySecret,
  tokens,
  now,
  logger,
}: AuthenticatorOptions): Authenticator {
  const remembered = createMemory<KeyHolder>(now);
  const touched = new Map<ApiKeyId, number>();

  async function find(key: string): Promise<KeyHolder | null> {
    const hashes = hashesOf(keySecret, key);
    const name = hashes.keyed.toString('base64');
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const asked = now();
    const { rows } = await database.query<KeyRow>({
      name: 'find_api_key',
      text: 'select * from find_api_key($1)',
      values: [[hashes.keyed, hashes.plain]],
    });
    const [row] = rows;
    if (row === undefined) return null;
    const holder = holderOf(row);
    remembered.keep(name, holder, Math.min(asked + REMEMBERED_MS, row.good_until?.getTime() ?? Infinity));
    touch(row, hashes);
    return holder;
  }

  /** Beside the request, which does not wait for it. What is lost of it is noted the next time. */
  function touch({ id, keyed, last_used_at: last }: KeyRow, hashes: ReturnType<typeof hashesOf>): void {
    const since = Math.max(last?.getTime() ?? 0, touched.get(id) ?? 0);
    if (keyed && now() - since < TOUCH_EVERY_MS) return;
    if (touched.size >= TOUCHED_MAX) touched.clear();
    touched.set(id, now());
    database
      .query({
        name: 'touch_api_key',
        text: 'select touch_api_key($1, $2, $3)',
        values: [id, hashes.plain, hashes.keyed],
      })
      .catch((error: unknown) => {
        touched.delete(id);
        logger.warn('api_key_use_not_noted', { key: id, error });
      });
  }

  return {
    async authenticate(authorization) {
      if (authorization === undefined) {
        throw new Problem('api_key_missing', 'send your secret key as "Authorization: Bearer sk_…"', {
          headers: { 'www-authenticate': 'Bearer realm="quittance"' },
        });
      }
      const token = BEARER_TOKEN.exec(authorization)?.[1];
      if (token !== undefined) return tokens.holderOf(token);
      const key = BEARER_KEY.exec(authorization)?.[1];
      const holder = key === undefined ? null : await find(key);
      if (holder !== null) return holder;
      throw new Problem(
        'api_key_invalid',
        'no merchant has this key, or it was revoked: send "Authorization: Bearer sk_…" with a key in use',
        { headers: { 'www-authenticate': 'Bearer realm="quittance", error="invalid_token"' } },
      );
    },
    forget(key) {
      remembered.forget((holder) => holder.key === key);
      tokens.forget(key);
    },
  };
}

function holderOf(row: KeyRow): KeyHolder {
  return {
    merchant: row.merchant_id,
    mode: row.mode,
    key: row.id,
    scopes: new Set(row.scopes),
    allowList: row.ip_allow_list,
    tier: row.api_tier,
    version: row.version,
  };
}
