import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Tampered } from './key-errors.ts';

/**
 * One sealed value: format (1 byte) | nonce (12) | tag (16) | ciphertext. AES-256-GCM with a random
 * nonce, so one key seals far fewer than 2^32 values (NIST SP 800-38D, 8.3): the keyring sees to that.
 */
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/**
 * What a sealed value belongs to, as bytes for AES-GCM's additional data: the fields in order and the
 * id of the data key. JSON keeps ["a","bc"] and ["ab","c"] apart.
 */
function additionalData(context: readonly string[], dataKey: string): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, ...context, dataKey]));
}

/** Seals `plaintext` under a 32-byte key for exactly this context and data-key id. */
export function seal(
  key: Uint8Array,
  dataKey: string,
  context: readonly string[],
  plaintext: Uint8Array,
): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(context, dataKey));
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([Uint8Array.of(FORMAT), nonce, cipher.getAuthTag(), ciphertext]);
}

/**
 * Opens what {@link seal} made. The caller wipes the result when done.
 * @throws Tampered when a bit of it, its context or its data-key id differs, or when it is cut short.
 */
export function open(
  key: Uint8Array,
  dataKey: string,
  context: readonly string[],
  sealed: Uint8Array,
): Buffer {
  if (sealed.byteLength < HEADER_BYTES || sealed[0] !== FORMAT) {
    throw new Tampered(
      `a value sealed under ${dataKey} is cut short or of an unknown format (${sealed.byteLength} bytes)`,
    );
  }
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(context, dataKey));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES));
  const plaintext = decipher.update(sealed.subarray(HEADER_BYTES));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw new Tampered(
      `a value sealed under ${dataKey} does not authenticate: it was changed or belongs to another row`,
    );
  }
  return plaintext;
}
