import { z } from 'zod';
import { idOf, listOf, mode, orNull, text, time } from './common.ts';

/** A signing secret as it can be looked at. */
export const signingSecret = z.object({
  id: idOf('sgs').describe('The `keyid` of signatures.'),
  object: z.literal('signing_secret'),
  mode,
  name: orNull(text),
  hint: text.describe('How it begins and ends, to tell secrets apart.'),
  created: time,
  revoked: orNull(time),
});
export const signingSecretWithText = signingSecret.extend({
  secret: text
    .regex(/^rss_(?:test|live)_/)
    .describe('Shown now and never again. These characters, as they are, are the key of the HMAC.'),
});
export const signingSecretList = listOf(signingSecret);

export const requestSigning = z.object({
  object: z.literal('request_signing'),
  mode,
  required: z.boolean().describe('Whether requests that are not signed are refused.'),
});
