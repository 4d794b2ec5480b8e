import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KmsError } from './errors.ts';
import type { MasterKey } from './key-store.ts';

/** Additional data that has to be the same at decryption; not a secret. */
export type EncryptionContext = Readonly<Record<string, string>>;

// A ciphertext: version (1 byte), key id (16), nonce (12), tag (16), AES-256-GCM ciphertext. As with
// AWS it names its key, so that Decrypt needs none.
const VERSION = 1;
const KEY_ID_LENGTH = 16;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const HEADER_LENGTH = 1 + KEY_ID_LENGTH;
const OVERHEAD = HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH;

export function seal(key: MasterKey, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(key.id.replaceAll('-', ''), 'hex')]);
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce);
  cipher.setAAD(Buffer.concat([header, canonical(context)]));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]);
}

/** @throws KmsError InvalidCiphertextException when it was changed, or the context is another. */
export function unseal(key: MasterKey, ciphertext: Buffer, context: EncryptionContext): Buffer {
  const header = ciphertext.subarray(0, HEADER_LENGTH);
  const nonce = ciphertext.subarray(HEADER_LENGTH, HEADER_LENGTH + NONCE_LENGTH);
  const tag = ciphertext.subarray(HEADER_LENGTH + NONCE_LENGTH, OVERHEAD);
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce, {
    authTagLength: TAG_LENGTH,
  });
  decipher.setAAD(Buffer.concat([header, canonical(context)]));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(OVERHEAD)), decipher.final()]);
  } catch {
    throw invalid();
  }
}

/** The id of the key that sealed it. @throws KmsError InvalidCiphertextException */
export function keyIdOf(ciphertext: Buffer): string {
  if (ciphertext.length <= OVERHEAD || ciphertext[0] !== VERSION) throw invalid();
  const hex = ciphertext.subarray(1, HEADER_LENGTH).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function invalid(): KmsError {
  return new KmsError('InvalidCiphertextException', 'The ciphertext or its encryption context is not valid.');
}

/** The same bytes for the same pairs, in whatever order they were given. */
function canonical(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([left], [right]) => (left < right ? -1 : 1));
  return Buffer.from(JSON.stringify(pairs), 'utf8');
}
