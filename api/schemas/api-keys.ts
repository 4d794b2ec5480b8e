import { z } from 'zod';
import { originFault } from '../../platform/origin.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { parseNetwork } from '../auth/allow-list.ts';
import { VERSIONS } from '../versions.ts';
import { ALL_SCOPES } from '../auth/scopes.ts';
import { isOneDirection, once, ONE_DIRECTION, pages } from './query-parts.ts';
import { text } from './payments.ts';

const NETWORKS_MAX = 50;
const ORIGINS_MAX = 20;

export const name = text(100).describe('Your own name for it.');
export const scopes = z
  .array(z.enum(ALL_SCOPES, `must be one of ${ALL_SCOPES.join(', ')}`), 'must be a list of scopes')
  .min(1, 'must have at least one scope')
  .max(ALL_SCOPES.length, 'must not have more scopes than there are');
export const allowList = z
  .array(
    z
      .string('must be a text')
      .max(49, 'must have at most 49 characters')
      .refine(
        (value) => parseNetwork(value) !== null,
        'must be an address or a network, such as 192.0.2.0/24',
      ),
    'must be a list of addresses',
  )
  .max(NETWORKS_MAX, `must have at most ${NETWORKS_MAX} addresses`)
  .describe('Addresses and networks (IPv4, IPv6) that it may be used from; an empty list is all.');
const origins = z
  .array(
    z
      .string('must be a text')
      .max(200, 'must have at most 200 characters')
      .superRefine((value, context) => {
        // The mode is the key's that asks: see keys.ts for what is more for a live one.
        const fault = originFault(value, 'test');
        if (fault !== null) context.addIssue({ code: 'custom', message: fault });
      }),
    'must be a list of origins',
  )
  .max(ORIGINS_MAX, `must have at most ${ORIGINS_MAX} origins`)
  .describe(
    'Of a publishable key: the pages that may use it, each as a browser names it, all `https://`; in test mode also `http://` of the own machine. An empty list is none.',
  );

export const version = z
  .enum(VERSIONS, `must be one of ${VERSIONS.join(', ')}`)
  .describe('The version of the API that it is answered in where a request names none.');

/** POST /v1/api-keys. */
export const createApiKey = z
  .strictObject(
    {
      kind: z
        .enum(['secret', 'publishable'], 'must be "secret" or "publishable"')
        .default('secret')
        .describe('A publishable key stands in pages and makes card tokens; it may do nothing here.'),
      name: name.optional(),
      scopes: scopes.optional().describe('Of a secret key: what it may do; it needs at least one.'),
      ip_allow_list: allowList.default([]),
      origins: origins.default([]),
      version: version.optional(),
    },
    'must be an object',
  )
  .superRefine((value, context) => {
    const secret = value.kind === 'secret';
    const wrong = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (secret && value.scopes === undefined) wrong('scopes', 'is needed for a secret key');
    if (!secret && value.scopes !== undefined) wrong('scopes', 'cannot stand with a publishable key');
    if (!secret && value.ip_allow_list.length > 0)
      wrong('ip_allow_list', 'cannot stand with a publishable key: its card tokens come from everywhere');
    if (secret && value.origins.length > 0)
      wrong('origins', 'cannot stand with a secret key: it belongs in no page');
  });
export type CreateApiKey = z.output<typeof createApiKey>;

/** POST /v1/api-keys/{id}: what is not sent stays. */
export const updateApiKey = z.strictObject(
  {
    name: name.optional(),
    ip_allow_list: allowList.optional(),
    origins: origins.optional(),
    version: version.optional(),
  },
  'must be an object',
);
export type UpdateApiKey = z.output<typeof updateApiKey>;

const OVERLAP_MAX_S = 7 * 24 * 3_600;
export const overlapSeconds = z
  .int('must be a whole number of seconds')
  .min(0, 'must be at least 0')
  .max(OVERLAP_MAX_S, `must be at most ${OVERLAP_MAX_S}`)
  .default(24 * 3_600);

/** POST /v1/api-keys/{id}/roll. */
export const rollApiKey = z.strictObject(
  {
    overlap_seconds: overlapSeconds.describe('How long the key before is good as well; 0 ends it at once.'),
  },
  'must be an object',
);

export const revokeApiKey = z.strictObject({}, 'must be an object');

/** GET /v1/api-keys. */
export const listApiKeys = z
  .strictObject({
    kind: once.pipe(z.enum(['secret', 'publishable'], 'must be secret or publishable')).optional(),
    ...pages<string>((value) => (isId('key', value) ? value : null), 'an API key (key_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListApiKeys = z.output<typeof listApiKeys>;
