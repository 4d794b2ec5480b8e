import { createHash, randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type pg from 'pg';
import type { MerchantId, OAuthClientId } from '../../workflows/domain/ids.ts';
import type { KeyHolder, TokenReader } from '../auth/api-key.ts';
import { createMemory, REMEMBERED_MS } from '../auth/memory.ts';
import type { Scope } from '../auth/scopes.ts';
import type { Tier } from '../limits/tiers.ts';
import { Problem } from '../problem.ts';
import { CLOCKS_DIFFER_S, TOKEN_ALGORITHM, TOKEN_LIFETIME_S, type TokenKeys } from './token-keys.ts';

/** What find_oauth_client and prove_oauth_client answer. */
export interface ClientRow {
  id: OAuthClientId;
  merchant_id: MerchantId;
  mode: 'test' | 'live';
  scopes: Scope[];
  ip_allow_list: string[];
  version: string | null;
  api_tier: Tier;
}

export interface AccessTokensOptions {
  readonly database: Pick<pg.Pool, 'query'>;
  readonly keys: TokenKeys;
  /** Who gives tokens out, and for whom: `iss` and `aud`. */
  readonly issuer: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Short tokens (JWT, RFC 9068) in the place of a secret. */
export interface AccessTokens extends TokenReader {
  /** A token of that client with those scopes, good for {@link TOKEN_LIFETIME_S}. @throws as TokenKeys.signing */
  give(holder: KeyHolder): Promise<string>;
}

/** RFC 9068: no other kind of JWT is an access token. */
const TYPE = 'at+jwt';

/**
 * A token is believed only as far as the row of its client goes: that is looked up anew every
 * {@link REMEMBERED_MS}, as keys are, so what is revoked ends with its tokens.
 */
export function createAccessTokens({ database, keys, issuer, now }: AccessTokensOptions): AccessTokens {
  const remembered = createMemory<KeyHolder>(now);

  /** The claims of a token that we gave out and that is good now. @throws Problem */
  async function claimsOf(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = kid === undefined ? null : await keys.verifying(kid);
          if (key === null) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        {
          algorithms: [TOKEN_ALGORITHM],
          typ: TYPE,
          issuer,
          audience: issuer,
          requiredClaims: ['exp', 'nbf', 'iat', 'sub', 'jti'],
          maxTokenAge: TOKEN_LIFETIME_S,
          clockTolerance: CLOCKS_DIFFER_S,
          currentDate: new Date(now()),
        },
      );
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw refused('access_token_expired', 'the access token has ended: get another one');
      if (error instanceof errors.JOSEError)
        throw invalid(
          'it was not given out by this API for itself, its key is not published any more, or it is not good yet',
        );
      throw error;
    }
  }

  async function lookUp(token: string): Promise<{ holder: KeyHolder; until: number }> {
    const { sub = '', merchant, mode, scope, exp = 0 } = await claimsOf(token);
    const { rows } = await database.query<ClientRow>({
      name: 'find_oauth_client',
      text: 'select * from find_oauth_client($1)',
      values: [sub],
    });
    const [row] = rows;
    // What a token says of itself is never more than what its client is.
    if (row === undefined || row.merchant_id !== merchant || row.mode !== mode || typeof scope !== 'string')
      throw invalid('its client was revoked, or is of another mode');
    const wished = new Set(scope.split(' '));
    return { holder: holderOf(row, (own) => wished.has(own)), until: exp * 1_000 };
  }

  return {
    async give({ merchant, mode, key, scopes }) {
      const { kid, key: signer } = await keys.signing();
      const at = Math.floor(now() / 1_000);
      return new SignJWT({ client_id: key, merchant, mode, scope: [...scopes].join(' ') })
        .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: TYPE, kid })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(key)
        .setJti(randomUUID())
        .setIssuedAt(at)
        .setNotBefore(at)
        .setExpirationTime(at + TOKEN_LIFETIME_S)
        .sign(signer);
    },
    async holderOf(token) {
      const name = createHash('sha256').update(token).digest('base64');
      const known = remembered.get(name);
      if (known !== undefined) return known;
      const asked = now();
      const { holder, until } = await lookUp(token);
      remembered.keep(name, holder, Math.min(asked + REMEMBERED_MS, until));
      return holder;
    },
    forget(client) {
      remembered.forget(({ key }) => key === client);
    },
  };
}

/** Who a client is, with those of its scopes that are wished for. */
export function holderOf(row: ClientRow, wished: (scope: Scope) => boolean): KeyHolder {
  return {
    merchant: row.merchant_id,
    mode: row.mode,
    key: row.id,
    scopes: new Set(row.scopes.filter(wished)),
    allowList: row.ip_allow_list,
    tier: row.api_tier,
    version: row.version,
  };
}

function invalid(why: string): Problem {
  return refused(
    'access_token_invalid',
    `the access token is not taken: ${why}. Get another one from POST /v1/oauth/token`,
  );
}

function refused(code: 'access_token_invalid' | 'access_token_expired', detail: string): Problem {
  return new Problem(code, detail, {
    headers: { 'www-authenticate': 'Bearer realm="quittance", error="invalid_token"' },
  });
}
