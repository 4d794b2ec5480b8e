import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open, seal } from '../../platform/envelope.ts';
import { UnknownKey } from '../../platform/key-errors.ts';
import type { Keyring } from '../../platform/keyring.ts';
import { packageRoot } from '../../platform/package-root.ts';
import type { PayloadKeyPurpose } from '../../platform/payload-codec/codec.ts';

/** `metadata.key` of the payloads in recorded histories. */
export const DEVELOPMENT_KEY = 'dk_development_histories';

/**
 * The keys of recorded histories: one, checked in beside this file and known to everybody. Whoever has
 * the repository can open them, and they replay through the same codec as any other.
 */
export async function developmentKeyring(): Promise<Keyring<PayloadKeyPurpose>> {
  const path = join(packageRoot(), 'tools', 'histories', 'development-key.json');
  const { id, key: text } = JSON.parse(await readFile(path, 'utf8')) as { id: string; key: string };
  const key = Buffer.from(text, 'base64');
  if (id !== DEVELOPMENT_KEY || key.length !== 32) throw new Error(`${path} is not the development key`);
  return {
    seal: (_purpose, context, plaintext) =>
      Promise.resolve({ dataKey: id, sealed: seal(key, id, context, plaintext) }),
    async open(dataKey, context, sealed) {
      if (dataKey !== id) throw new UnknownKey(`${dataKey} is not the development key`);
      return open(key, id, context, sealed);
    },
    close: () => undefined,
  };
}

/** Opens recorded histories with their own key, and everything else with the keys of a running system. */
export async function withDevelopmentKey(
  others: Keyring<PayloadKeyPurpose>,
): Promise<Keyring<PayloadKeyPurpose>> {
  const development = await developmentKeyring();
  return {
    seal: (purpose, context, plaintext) => others.seal(purpose, context, plaintext),
    open: (dataKey, context, sealed) =>
      (dataKey === DEVELOPMENT_KEY ? development : others).open(dataKey, context, sealed),
    close: () => others.close(),
  };
}
