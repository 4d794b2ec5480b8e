import { ConnectionError, QuittanceError } from './errors.ts';

/** An OAuth client: `POST /v1/oauth-clients`. */
export interface OAuthOptions {
  /** `oac_…` */
  readonly clientId: string;
  /** `ocs_test_…` or `ocs_live_…` */
  readonly clientSecret: string;
  /** Less than all of its scopes, with spaces between. */
  readonly scope?: string;
}

/** No access token was given: `error` as in RFC 6749, such as `invalid_client`. */
export class AccessTokenError extends QuittanceError {
  override readonly name = 'AccessTokenError';
  readonly error: string;

  constructor(error: string, description: string) {
    super(`${error}: ${description}`, null);
    this.error = error;
  }
}

/** Access tokens as they are needed: one is used until shortly before it ends. */
export interface AccessTokens {
  /** @throws ConnectionError when none comes now, AccessTokenError when none is given. */
  current(): Promise<string>;
  /** That one was refused: the next one is new. */
  forget(token: string): void;
}

/** So long before its end a token is not used any more (ms): a request takes its time. */
const RENEWED_BEFORE_MS = 60_000;

interface Given {
  readonly token: string;
  /** Epoch ms. */
  readonly until: number;
}

export function createAccessTokens(
  origin: string,
  { clientId, clientSecret, scope }: OAuthOptions,
  timeoutMs: number,
): AccessTokens {
  let given: Given | null = null;
  /** Who asks while one is on its way gets that one. */
  let coming: Promise<Given> | null = null;

  async function get(): Promise<Given> {
    const asked = Date.now();
    const url = `${origin}/v1/oauth/token`;
    let status: number;
    let body: Record<string, unknown>;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          ...(scope === undefined ? {} : { scope }),
        }),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      body = (await response.json()) as Record<string, unknown>;
    } catch (cause) {
      throw new ConnectionError(`POST ${url} was not answered: no access token came`, null, { cause });
    }
    const { access_token: token, expires_in: seconds, error, error_description: description } = body;
    if (status === 200 && typeof token === 'string' && typeof seconds === 'number')
      return { token, until: asked + seconds * 1_000 };
    if (typeof error === 'string') throw new AccessTokenError(error, String(description));
    throw new ConnectionError(`POST ${url} was answered ${status}: no access token came`, null);
  }

  return {
    async current() {
      if (given !== null && Date.now() < given.until - RENEWED_BEFORE_MS) return given.token;
      coming ??= get().finally(() => {
        coming = null;
      });
      given = await coming;
      return given.token;
    },
    forget(token) {
      if (given?.token === token) given = null;
    },
  };
}
