/** Where access tokens are given out. */
export const TOKEN_PATH = '/v1/oauth/token';
/** Where the keys are by which they can be checked. */
export const JWKS_PATH = '/.well-known/jwks.json';
