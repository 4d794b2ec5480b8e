import { createPublicKey } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createKmsSigningKey } from '../platform/kms-signing.ts';
import type { KmsOptions } from '../platform/kms.ts';
import { grantKeysFile } from './certificates.ts';
import { readIfThere, writeWhole } from './files.ts';

/**
 * Pins the public key by which the vault believes grants: asked of the key service once at the start of
 * the stack, kept in a file after. A key that was there before stays beside it: what it certified is
 * still under way.
 * @param kms its `keyId` is the key pair of grants.
 */
export async function keepGrantKeys(dir: string, kms: KmsOptions): Promise<void> {
  const key = createKmsSigningKey(kms);
  try {
    const der = await key.publicKey();
    const pem = createPublicKey({ key: der, format: 'der', type: 'spki' }).export({
      format: 'pem',
      type: 'spki',
    }) as string;
    const path = grantKeysFile(dir);
    const before = (await readIfThere(path)) ?? '';
    if (before.includes(pem)) return;
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, `${pem}${before}`);
  } finally {
    key.close();
  }
}
