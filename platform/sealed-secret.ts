import { z } from 'zod';
import { open, seal } from './envelope.ts';
import { Tampered } from './key-errors.ts';
import type { Kms } from './kms.ts';

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));

/**
 * A secret of ours at rest, as JSON: sealed under a data key of its own, which stands beside it,
 * wrapped by the master key. Key rotation re-wraps `wrapped` and leaves `sealed` as it is.
 */
const sealedSecretSchema = z.strictObject({
  format: z.literal(1),
  /** The master key that wrapped the data key, as the key service names it. */
  master_key: z.string().min(1),
  wrapped: base64,
  sealed: base64,
});

/** The JSON form, for a jsonb column. */
export type SealedSecret = z.input<typeof sealedSecretSchema>;

/** Whose secret it is; sealed in with it, so that a row moved to another owner does not open. */
export interface SecretOwner {
  readonly merchant: string;
  /** The id of what the secret belongs to, for example a webhook endpoint. */
  readonly id: string;
}

/** What the key service is told about the data key of a secret. */
export const secretKeyContext = ({ merchant, id }: SecretOwner) => ({
  purpose: 'secret',
  merchant,
  owner: id,
});
const sealContext = ({ merchant, id }: SecretOwner) => ['secret', merchant, id];

/**
 * Seals a secret for its owner under a new data key.
 * @throws KmsUnavailable, KmsRefused or UnknownKey, as the key service.
 */
export async function sealSecret(kms: Kms, owner: SecretOwner, secret: string): Promise<SealedSecret> {
  const { plaintext: key, wrapped, masterKey } = await kms.generateDataKey(secretKeyContext(owner));
  const plaintext = Buffer.from(secret);
  try {
    const sealed = seal(key, owner.id, sealContext(owner), plaintext);
    return {
      format: 1,
      master_key: masterKey,
      wrapped: wrapped.toString('base64'),
      sealed: sealed.toString('base64'),
    };
  } finally {
    key.fill(0);
    plaintext.fill(0);
  }
}

/**
 * Opens what {@link sealSecret} made for that owner. `stored` is the column's value.
 * @throws Tampered when it is another owner's, was changed, or is not of this form; KmsUnavailable,
 * KmsRefused or UnknownKey as the key service.
 */
export async function openSecret(kms: Kms, owner: SecretOwner, stored: unknown): Promise<string> {
  const parsed = sealedSecretSchema.safeParse(stored);
  if (!parsed.success) throw new Tampered(`the sealed secret of ${owner.id} is not of a known form`);
  const { master_key, wrapped, sealed } = parsed.data;
  const key = await kms.unwrap(wrapped, master_key, secretKeyContext(owner));
  try {
    const plaintext = open(key, owner.id, sealContext(owner), sealed);
    const secret = plaintext.toString();
    plaintext.fill(0);
    return secret;
  } finally {
    key.fill(0);
  }
}
