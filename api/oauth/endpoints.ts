import type { Request, RequestHandler, Response } from 'express';
import type pg from 'pg';
import { clientAddress } from '../../platform/client-address.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { isAllowed } from '../auth/allow-list.ts';
import { hashesOf, type KeyHolder } from '../auth/api-key.ts';
import { readBytes } from '../body.ts';
import { sendReply, setHeaders, traceOf, whenClosed, type Entry } from '../call.ts';
import { holderOf, type AccessTokens, type ClientRow } from './access-tokens.ts';
import { JWKS_PATH, TOKEN_PATH } from './paths.ts';
import { TOKEN_LIFETIME_S, type TokenKeys } from './token-keys.ts';
import { OAuthError, parseTokenRequest, type TokenRequest } from './token-request.ts';

export interface OAuthEndpointsOptions extends Pick<Entry, 'load' | 'limits' | 'trustedProxies'> {
  readonly database: Pick<pg.Pool, 'query'>;
  /** Keys the hashes under which secrets are found. */
  readonly keySecret: string;
  readonly keys: TokenKeys;
  readonly tokens: AccessTokens;
}

const BODY_BYTES_MAX = 8 * 1_024;
/** How long others may keep our keys: a new one is published a day before it signs. */
const KEYS_KEPT_S = 300;

/**
 * Where access tokens are given out, and the keys by which they can be checked. Neither is behind a key,
 * and errors of the first are those of RFC 6749, by which OAuth libraries go.
 */
export function oauthEndpoints(options: OAuthEndpointsOptions): {
  readonly token: RequestHandler;
  readonly jwks: RequestHandler;
} {
  const { load, keys } = options;
  return {
    token: async (request, response) => {
      traceOf(response).route = TOKEN_PATH;
      try {
        await giveToken(options, request, response);
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        refuse(response, error);
      }
    },
    jwks: async (_request, response) => {
      traceOf(response).route = JWKS_PATH;
      whenClosed(response, load.take('read'));
      sendReply(response, {
        status: 200,
        body: JSON.stringify({ keys: await keys.published() }),
        headers: {
          'content-type': 'application/jwk-set+json',
          'cache-control': `public, max-age=${KEYS_KEPT_S}`,
        },
      });
    },
  };
}

async function giveToken(
  { database, keySecret, trustedProxies, load, limits, tokens }: OAuthEndpointsOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const media = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (media !== 'application/x-www-form-urlencoded')
    throw new OAuthError('invalid_request', 'send the parameters as application/x-www-form-urlencoded');
  const body = await readBytes(request, BODY_BYTES_MAX);
  const asked = parseTokenRequest(request.headers.authorization, body);
  // Only now: who sends no body, slowly, and has no secret takes no place from who has one.
  whenClosed(response, load.take('manage'));
  const client = await prove(database, keySecret, asked);
  traceOf(response).credential = client;
  if (!isAllowed(clientAddress(request, trustedProxies), client.allowList))
    throw new OAuthError('unauthorized_client', 'this client may not be used from this address');
  setHeaders(response, await limits.rate(client, 'manage'));
  const scopes = narrowed(client, asked.scope);
  const token = await tokens.give({ ...client, scopes });
  sendReply(response, {
    status: 200,
    body: JSON.stringify({
      access_token: token,
      token_type: 'Bearer',
      expires_in: TOKEN_LIFETIME_S,
      scope: [...scopes].join(' '),
    }),
    headers: { pragma: 'no-cache' },
  });
}

/** @throws OAuthError `invalid_client`: the same for an unknown client, a wrong secret and a revoked one. */
async function prove(
  database: Pick<pg.Pool, 'query'>,
  keySecret: string,
  { clientId, clientSecret }: TokenRequest,
): Promise<KeyHolder> {
  const { rows } = isId('oac', clientId)
    ? await database.query<ClientRow>({
        name: 'prove_oauth_client',
        text: 'select * from prove_oauth_client($1, $2)',
        values: [clientId, hashesOf(keySecret, clientSecret).keyed],
      })
    : { rows: [] };
  const [row] = rows;
  if (row === undefined)
    throw new OAuthError('invalid_client', 'there is no such client with this secret, or it was revoked');
  return holderOf(row, () => true);
}

/** @throws OAuthError `invalid_scope` for one that the client does not have, rather than a token with less than was asked. */
function narrowed({ scopes }: KeyHolder, wished: readonly string[] | null): KeyHolder['scopes'] {
  if (wished === null) return scopes;
  const given = new Set([...scopes].filter((scope) => wished.includes(scope)));
  if (given.size === 0 || given.size < new Set(wished).size)
    throw new OAuthError('invalid_scope', `this client has ${[...scopes].join(', ')}: ask for some of them`);
  return given;
}

function refuse(response: Response, { code, message }: OAuthError): void {
  const unknown = code === 'invalid_client';
  sendReply(response, {
    status: unknown ? 401 : 400,
    body: JSON.stringify({ error: code, error_description: message }),
    headers: {
      'content-type': 'application/json',
      pragma: 'no-cache',
      ...(unknown ? { 'www-authenticate': 'Basic realm="quittance"' } : {}),
    },
  });
}
