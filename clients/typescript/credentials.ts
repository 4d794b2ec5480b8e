import { createAccessTokens, type OAuthOptions } from './access-token.ts';
import { signatureHeaders, type Outgoing, type SigningOptions } from './signing.ts';

/** Who calls: a secret key, or an OAuth client. */
export type CredentialOptions = (
  | {
      /** The secret key, `sk_test_…` or `sk_live_…`. */
      readonly apiKey: string;
      readonly oauth?: never;
    }
  | {
      readonly apiKey?: never;
      /** In place of a key: access tokens are fetched, and renewed before they end. */
      readonly oauth: OAuthOptions;
    }
) & {
  /** Every attempt is signed with it, where the merchant's requests have to be. */
  readonly signing?: SigningOptions | undefined;
};

/** Proves requests, attempt by attempt. */
export interface Credentials {
  /** The headers of one attempt, with those that prove it. @throws as AccessTokens.current */
  prove(outgoing: Outgoing): Promise<Record<string, string>>;
  /** An attempt was answered 401: whether another one may be proven otherwise. */
  renewed(headers: Readonly<Record<string, string>>): boolean;
}

export function createCredentials(
  origin: string,
  options: CredentialOptions,
  timeoutMs: number,
): Credentials {
  const { apiKey, oauth, signing } = options;
  const tokens = oauth === undefined ? null : createAccessTokens(origin, oauth, timeoutMs);
  return {
    async prove(outgoing) {
      const headers = {
        ...outgoing.headers,
        authorization: `Bearer ${tokens === null ? (apiKey ?? '') : await tokens.current()}`,
      };
      if (signing === undefined) return headers;
      return { ...headers, ...signatureHeaders(signing, { ...outgoing, headers }, Date.now()) };
    },
    renewed({ authorization = '' }) {
      tokens?.forget(authorization.slice('Bearer '.length));
      return tokens !== null;
    },
  };
}
