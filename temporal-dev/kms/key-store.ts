import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { readIfThere, writeWhole } from '../files.ts';
import { KmsError } from './errors.ts';

const ACCOUNT = '000000000000';

/** What a key is for follows from its spec here: one usage per spec. */
export const KEY_SPECS = {
  SYMMETRIC_DEFAULT: { usage: 'ENCRYPT_DECRYPT' },
  HMAC_256: { usage: 'GENERATE_VERIFY_MAC' },
  ECC_NIST_P256: { usage: 'SIGN_VERIFY' },
} as const;

export type KeySpec = keyof typeof KEY_SPECS;
export type KeyUsage = (typeof KEY_SPECS)[KeySpec]['usage'];

const keySchema = z.object({
  id: z.uuid(),
  spec: z.enum(['SYMMETRIC_DEFAULT', 'HMAC_256', 'ECC_NIST_P256']),
  description: z.string(),
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion']),
  /** Seconds since 1970. */
  createdAt: z.number(),
  /** Seconds since 1970; the key is gone from then on. */
  deletedAt: z.number().nullable(),
  /** Base64: 32 random bytes, or a PKCS #8 private key. */
  material: z.string(),
});
const stateSchema = z.object({ keys: z.array(keySchema), aliases: z.record(z.string(), z.string()) });

export type MasterKey = Readonly<z.infer<typeof keySchema>>;
interface State {
  readonly keys: readonly MasterKey[];
  readonly aliases: Readonly<Record<string, string>>;
}

export interface KeyStore {
  keys(): readonly MasterKey[];
  /** Alias name (with `alias/`) to key id. */
  aliases(): Readonly<Record<string, string>>;
  /** By id, ARN, alias or alias ARN. @throws KmsError NotFoundException */
  find(keyId: string): MasterKey;
  create(spec: KeySpec, description: string): Promise<MasterKey>;
  /** Replaces a key of the same id. */
  save(key: MasterKey): Promise<void>;
  setAlias(name: string, keyId: string): Promise<void>;
  arnOf(resource: string): string;
}

/**
 * Master keys and aliases in one file (mode 0600): written whole and synced before a change is
 * answered. Keys in the clear in a file: for development only, as the whole emulator.
 * @param seededAliases each gets a key of its own, of that spec, at the first start.
 * @param now seconds since 1970.
 */
export async function openKeyStore(
  path: string,
  region: string,
  seededAliases: Readonly<Record<string, KeySpec>>,
  now: () => number,
): Promise<KeyStore> {
  const text = await readIfThere(path);
  let state: State = text === null ? { keys: [], aliases: {} } : stateSchema.parse(JSON.parse(text));
  let writing = Promise.resolve();

  function change(next: (current: State) => State): Promise<void> {
    const done = writing.then(async () => {
      const changed = next(state);
      await writeWhole(path, `${JSON.stringify(changed, null, 2)}\n`);
      state = changed;
    });
    writing = done.catch(() => undefined);
    return done;
  }

  const arnOf = (resource: string) => `arn:aws:kms:${region}:${ACCOUNT}:${resource}`;
  const isThere = (key: MasterKey) => key.deletedAt === null || key.deletedAt > now();

  const store: KeyStore = {
    keys: () => state.keys.filter(isThere),
    aliases: () => state.aliases,
    arnOf,
    find(keyId) {
      const resource = keyId.startsWith(arnOf('')) ? keyId.slice(arnOf('').length) : keyId;
      const id = resource.startsWith('alias/') ? state.aliases[resource] : resource.replace(/^key\//, '');
      const key = state.keys.find((candidate) => candidate.id === id);
      if (key !== undefined && isThere(key)) return key;
      throw resource.startsWith('alias/')
        ? new KmsError('NotFoundException', `Alias ${arnOf(resource)} is not found.`)
        : new KmsError(
            'NotFoundException',
            `Key '${arnOf(`key/${resource.replace(/^key\//, '')}`)}' does not exist`,
          );
    },
    async create(spec, description) {
      const material = newMaterial(spec);
      const key: MasterKey = {
        id: randomUUID(),
        spec,
        description,
        state: 'Enabled',
        createdAt: now(),
        deletedAt: null,
        material,
      };
      await change((current) => ({ ...current, keys: [...current.keys, key] }));
      return key;
    },
    save: (key) =>
      change((current) => ({ ...current, keys: current.keys.map((old) => (old.id === key.id ? key : old)) })),
    setAlias: (name, keyId) =>
      change((current) => ({ ...current, aliases: { ...current.aliases, [name]: keyId } })),
  };

  for (const [alias, spec] of Object.entries(seededAliases)) {
    if (state.aliases[alias] !== undefined) continue;
    const key = await store.create(spec, `seeded for ${alias}`);
    await store.setAlias(alias, key.id);
  }
  return store;
}

function newMaterial(spec: KeySpec): string {
  switch (spec) {
    case 'SYMMETRIC_DEFAULT':
    case 'HMAC_256':
      return randomBytes(32).toString('base64');
    case 'ECC_NIST_P256': {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    }
  }
}
