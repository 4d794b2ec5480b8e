import { z } from 'zod';
import { VERSIONS } from '../../versions.ts';
import { ALL_SCOPES } from '../../auth/scopes.ts';
import { idOf, listOf, mode, orNull, text, time } from './common.ts';

/** A key as it can be looked at. */
export const apiKey = z.object({
  id: idOf('key'),
  object: z.literal('api_key'),
  mode,
  kind: z.enum(['secret', 'publishable']),
  name: orNull(text),
  hint: text.describe('How it begins and ends, to tell keys apart.'),
  scopes: z.array(z.enum(ALL_SCOPES)),
  ip_allow_list: z.array(text).describe('Empty: any address.'),
  origins: z.array(text),
  key: orNull(text).describe(
    'The key itself: always of a publishable one; of a secret one only in the answer that makes it.',
  ),
  version: orNull(z.enum(VERSIONS)).describe(
    'In which it is answered where a request names none; null: the newest.',
  ),
  created: time,
  last_used: orNull(time).describe('To the minute, of a secret key.'),
  previous_key_until: orNull(time).describe('While it is rolled: until when the key before is good as well.'),
  revoked: orNull(time),
});
export const apiKeyWithText = apiKey.extend({
  key: text.regex(/^[sp]k_(?:test|live)_/).describe('Of a secret key: shown now and never again.'),
});
export const apiKeyList = listOf(apiKey);
