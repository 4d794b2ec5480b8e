import { z } from 'zod';
import { ALL_SCOPES } from '../../auth/scopes.ts';
import { VERSIONS } from '../../versions.ts';
import { idOf, listOf, mode, orNull, text, time } from './common.ts';

/** A client as it can be looked at. */
export const oauthClient = z.object({
  id: idOf('oac').describe('Its `client_id`.'),
  object: z.literal('oauth_client'),
  mode,
  name: orNull(text),
  hint: text.describe('How its secret begins and ends, to tell secrets apart.'),
  scopes: z.array(z.enum(ALL_SCOPES)),
  ip_allow_list: z.array(text).describe('Empty: any address.'),
  version: orNull(z.enum(VERSIONS)).describe(
    'In which it is answered where a request names none; null: the newest.',
  ),
  created: time,
  last_used: orNull(time).describe('When it last got a token, to the minute.'),
  previous_secret_until: orNull(time).describe(
    'While it is rolled: until when the secret before gets tokens as well.',
  ),
  revoked: orNull(time),
});
export const oauthClientWithSecret = oauthClient.extend({
  client_secret: text.regex(/^ocs_(?:test|live)_/).describe('Shown now and never again.'),
});
export const oauthClientList = listOf(oauthClient);
