import { describe, expect, it } from 'vitest';
import { parseTokenRequest } from './token-request.ts';

// The grant of client credentials as RFC 6749 has it, and its errors.

const GRANT = 'grant_type=client_credentials';
const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const parse = (body: string, authorization?: string) => parseTokenRequest(authorization, Buffer.from(body));

describe('a token request', () => {
  it.each([
    ['in the header', GRANT, basic('oac_1', 'ocs_1'), null],
    ['in the header, encoded', GRANT, basic('oac%5F1', 'ocs%5F1'), null],
    ['in the header, and its id in the body', `${GRANT}&client_id=oac_1`, basic('oac_1', 'ocs_1'), null],
    ['in the body', `${GRANT}&client_id=oac_1&client_secret=ocs_1`, undefined, null],
    ['with scopes', `${GRANT}&scope=read+payments`, basic('oac_1', 'ocs_1'), ['read', 'payments']],
    ['with an empty scope, which is none', `${GRANT}&scope=`, basic('oac_1', 'ocs_1'), null],
    ['with what nobody knows', `${GRANT}&audience=a&audience=b`, basic('oac_1', 'ocs_1'), null],
  ] as const)('names its client %s', (_, body, authorization, scope) => {
    expect(parse(body, authorization)).toEqual({ clientId: 'oac_1', clientSecret: 'ocs_1', scope });
  });

  it.each([
    ['no client', GRANT, undefined, 'invalid_client'],
    ['a client without a secret', `${GRANT}&client_id=oac_1`, undefined, 'invalid_client'],
    ['an empty secret', `${GRANT}&client_id=oac_1&client_secret=`, undefined, 'invalid_client'],
    ['a secret key in the header', GRANT, 'Bearer sk_test_1', 'invalid_client'],
    ['a header that is no base64', GRANT, 'Basic !!!', 'invalid_client'],
    ['a header without a colon', GRANT, `Basic ${Buffer.from('oac_1').toString('base64')}`, 'invalid_client'],
    ['two ways at once', `${GRANT}&client_id=oac_1&client_secret=x`, basic('oac_1', 'x'), 'invalid_request'],
    ['another client in the body', `${GRANT}&client_id=oac_2`, basic('oac_1', 'x'), 'invalid_request'],
    ['a parameter twice', `${GRANT}&${GRANT}`, basic('oac_1', 'x'), 'invalid_request'],
    ['no grant', 'scope=read', basic('oac_1', 'x'), 'invalid_request'],
    ['another grant', 'grant_type=password', basic('oac_1', 'x'), 'unsupported_grant_type'],
  ] as const)('with %s is refused', (_, body, authorization, code) => {
    expect(() => parse(body, authorization)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('that is not UTF-8 is refused', () => {
    expect(() => parseTokenRequest(undefined, Buffer.from([0xff, 0xfe]))).toThrow(
      expect.objectContaining({ code: 'invalid_request' }) as Error,
    );
  });
});
