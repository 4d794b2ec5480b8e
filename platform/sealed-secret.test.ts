import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Tampered } from './key-errors.ts';
import type { KeyContext, Kms } from './kms.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';

/** A key service in memory that binds the context as the real one does. */
function memoryKms(): Kms {
  const master = randomBytes(32);
  const nonce = Buffer.alloc(12);
  const aad = (context: KeyContext) => Buffer.from(JSON.stringify(context));
  return {
    generateDataKey(context) {
      const plaintext = randomBytes(32);
      const cipher = createCipheriv('aes-256-gcm', master, nonce).setAAD(aad(context));
      const wrapped = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      return Promise.resolve({ plaintext, wrapped, masterKey: 'master-1' });
    },
    unwrap(wrapped, _masterKey, context) {
      const decipher = createDecipheriv('aes-256-gcm', master, nonce).setAAD(aad(context));
      decipher.setAuthTag(Buffer.from(wrapped.subarray(32)));
      try {
        return Promise.resolve(Buffer.concat([decipher.update(wrapped.subarray(0, 32)), decipher.final()]));
      } catch {
        return Promise.reject(new Tampered('wrapped for somebody else'));
      }
    },
    close: () => undefined,
  };
}

const owner = { merchant: 'mer_a', id: 'whe_a' };

describe('a sealed secret', () => {
  it('opens for its owner, after a walk through JSON', async () => {
    const kms = memoryKms();
    const stored: unknown = JSON.parse(JSON.stringify(await sealSecret(kms, owner, 'whsec_c2VjcmV0')));
    await expect(openSecret(kms, owner, stored)).resolves.toBe('whsec_c2VjcmV0');
    expect(JSON.stringify(stored)).not.toContain('c2VjcmV0');
  });

  it('does not open for another merchant or another endpoint', async () => {
    const kms = memoryKms();
    const stored = await sealSecret(kms, owner, 'whsec_c2VjcmV0');
    await expect(openSecret(kms, { ...owner, merchant: 'mer_b' }, stored)).rejects.toThrow(Tampered);
    await expect(openSecret(kms, { ...owner, id: 'whe_b' }, stored)).rejects.toThrow(Tampered);
  });

  it('does not open when a byte was changed or the form is unknown', async () => {
    const kms = memoryKms();
    const stored = await sealSecret(kms, owner, 'whsec_c2VjcmV0');
    const sealed = Buffer.from(stored.sealed, 'base64');
    sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1);
    await expect(openSecret(kms, owner, { ...stored, sealed: sealed.toString('base64') })).rejects.toThrow(
      Tampered,
    );
    await expect(openSecret(kms, owner, { format: 2 })).rejects.toThrow(Tampered);
  });
});
