/** What a token request is refused with (RFC 6749, 5.2). */
export type OAuthErrorCode =
  'invalid_request' | 'invalid_client' | 'unauthorized_client' | 'unsupported_grant_type' | 'invalid_scope';

/** Ends a token request with an error body of RFC 6749. The text goes to the caller, and quotes nothing that was sent. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.code = code;
  }
}

/** A request for a token, as far as it can be understood without looking anything up. */
export interface TokenRequest {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Null = all that the client has. */
  readonly scope: readonly string[] | null;
}

const BASIC = /^Basic +([A-Za-z0-9+/]{1,1000}={0,2})$/i;

/**
 * Reads a token request: the grant of client credentials, the client's secret either in the header
 * (client_secret_basic) or in the body (client_secret_post), each parameter at most once. Unknown
 * parameters are passed over, as RFC 6749 asks.
 * @param body application/x-www-form-urlencoded, as it came.
 * @throws OAuthError
 */
export function parseTokenRequest(authorization: string | undefined, body: Uint8Array): TokenRequest {
  const form = formOf(body);
  const basic = authorization === undefined ? null : basicOf(authorization);
  const { client_id: id, client_secret: secret, grant_type: grant, scope } = form;
  if (basic !== null && (secret !== undefined || (id !== undefined && id !== basic.clientId)))
    throw new OAuthError(
      'invalid_request',
      'the client is named twice: send its secret in the Authorization header or in the body, not in both',
    );
  const client =
    basic ?? (id === undefined || secret === undefined ? null : { clientId: id, clientSecret: secret });
  if (client === null)
    throw new OAuthError(
      'invalid_client',
      'send client_id and client_secret, in the Authorization header (Basic) or in the body',
    );
  if (grant === undefined)
    throw new OAuthError('invalid_request', 'grant_type is missing: send client_credentials');
  if (grant !== 'client_credentials')
    throw new OAuthError('unsupported_grant_type', 'the one grant_type here is client_credentials');
  return { ...client, scope: scope === undefined ? null : scope.split(' ').filter((one) => one !== '') };
}

const NAMES = ['grant_type', 'scope', 'client_id', 'client_secret'] as const;

/** What is empty counts as not sent (RFC 6749, 3.2). */
function formOf(body: Uint8Array): Partial<Record<(typeof NAMES)[number], string>> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new OAuthError('invalid_request', 'the body is not UTF-8');
  }
  const sent = new URLSearchParams(text);
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const values = sent.getAll(name);
      if (values.length > 1) throw new OAuthError('invalid_request', `${name} was sent more than once`);
      return values[0] === undefined || values[0] === '' ? [] : [[name, values[0]]];
    }),
  );
}

function basicOf(authorization: string): Pick<TokenRequest, 'clientId' | 'clientSecret'> {
  const decoded = Buffer.from(BASIC.exec(authorization)?.[1] ?? '', 'base64').toString();
  const colon = decoded.indexOf(':');
  if (colon < 1)
    throw new OAuthError(
      'invalid_client',
      'the Authorization header is not "Basic" with client_id and client_secret',
    );
  return {
    clientId: formDecoded(decoded.slice(0, colon)),
    clientSecret: formDecoded(decoded.slice(colon + 1)),
  };
}

/** Both are encoded like a form before they are joined (RFC 6749, 2.3.1). */
function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? '';
}
