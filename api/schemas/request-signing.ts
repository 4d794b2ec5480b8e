import { z } from 'zod';
import { isId } from '../../workflows/domain/ids.ts';
import { name } from './api-keys.ts';
import { isOneDirection, ONE_DIRECTION, pages } from './query-parts.ts';

/** POST /v1/signing-secrets. */
export const createSigningSecret = z.strictObject({ name: name.optional() }, 'must be an object');
export type CreateSigningSecret = z.output<typeof createSigningSecret>;

export const revokeSigningSecret = z.strictObject({}, 'must be an object');

/** GET /v1/signing-secrets. */
export const listSigningSecrets = z
  .strictObject(pages<string>((value) => (isId('sgs', value) ? value : null), 'a signing secret (sgs_…)'))
  .refine(isOneDirection, ONE_DIRECTION);
export type ListSigningSecrets = z.output<typeof listSigningSecrets>;

/** POST /v1/request-signing. */
export const setRequestSigning = z.strictObject(
  {
    required: z
      .boolean('must be true or false')
      .describe(
        'Whether every request of this mode has to be signed. The one that asks for it is signed itself.',
      ),
  },
  'must be an object',
);
