import { z } from 'zod';
import { isId } from '../../workflows/domain/ids.ts';
import { allowList, name, overlapSeconds, scopes, version } from './api-keys.ts';
import { isOneDirection, ONE_DIRECTION, pages } from './query-parts.ts';

/** POST /v1/oauth-clients. */
export const createOAuthClient = z.strictObject(
  {
    name: name.optional(),
    scopes: scopes.describe('What its tokens may at most do.'),
    ip_allow_list: allowList.default([]),
    version: version.optional(),
  },
  'must be an object',
);
export type CreateOAuthClient = z.output<typeof createOAuthClient>;

/** POST /v1/oauth-clients/{id}: what is not sent stays. */
export const updateOAuthClient = z.strictObject(
  { name: name.optional(), ip_allow_list: allowList.optional(), version: version.optional() },
  'must be an object',
);
export type UpdateOAuthClient = z.output<typeof updateOAuthClient>;

/** POST /v1/oauth-clients/{id}/roll. */
export const rollOAuthClient = z.strictObject(
  {
    overlap_seconds: overlapSeconds.describe(
      'How long the secret before gets tokens as well; 0 ends it at once. Tokens that it got stay good until they end.',
    ),
  },
  'must be an object',
);

export const revokeOAuthClient = z.strictObject({}, 'must be an object');

/** GET /v1/oauth-clients. */
export const listOAuthClients = z
  .strictObject(pages<string>((value) => (isId('oac', value) ? value : null), 'an OAuth client (oac_…)'))
  .refine(isOneDirection, ONE_DIRECTION);
export type ListOAuthClients = z.output<typeof listOAuthClients>;
