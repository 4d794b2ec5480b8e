import { z } from 'zod';
import { KmsError } from './errors.ts';
import { KEY_SPECS } from './key-store.ts';
import type { KeyStore, MasterKey } from './key-store.ts';
import { keyId, operation } from './operation.ts';

const DAY_SECONDS = 86_400;
const aliasName = z.string().regex(/^alias\/[a-zA-Z0-9/_-]{1,250}$/, 'must be alias/ and a name');
const none = z.object({}).loose();

/** The operations that make, list and change keys and aliases. */
export const keyOperations = {
  CreateKey: operation(
    z.object({
      KeySpec: z.enum(['SYMMETRIC_DEFAULT', 'HMAC_256', 'ECC_NIST_P256']).default('SYMMETRIC_DEFAULT'),
      KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', 'SIGN_VERIFY']).optional(),
      Description: z.string().max(8192).default(''),
    }),
    async (store, { KeySpec, KeyUsage, Description }) => {
      if ((KeyUsage ?? 'ENCRYPT_DECRYPT') !== KEY_SPECS[KeySpec].usage) {
        throw new KmsError(
          'ValidationException',
          `KeyUsage ${KeyUsage ?? 'ENCRYPT_DECRYPT'} is not for KeySpec ${KeySpec}`,
        );
      }
      return { KeyMetadata: metadata(store, await store.create(KeySpec, Description)) };
    },
  ),
  DescribeKey: operation(z.object({ KeyId: keyId }), async (store, { KeyId }) => ({
    KeyMetadata: metadata(store, store.find(KeyId)),
  })),
  ListKeys: operation(none, async (store) => ({
    Keys: store.keys().map((key) => ({ KeyId: key.id, KeyArn: store.arnOf(`key/${key.id}`) })),
    Truncated: false,
  })),
  CreateAlias: operation(
    z.object({ AliasName: aliasName, TargetKeyId: keyId }),
    async (store, { AliasName, TargetKeyId }) => {
      if (AliasName.startsWith('alias/aws/')) {
        throw new KmsError(
          'InvalidAliasNameException',
          `${AliasName}: names that begin with alias/aws/ are reserved`,
        );
      }
      if (store.aliases()[AliasName] !== undefined) {
        throw new KmsError(
          'AlreadyExistsException',
          `An alias with the name ${store.arnOf(AliasName)} already exists`,
        );
      }
      await store.setAlias(AliasName, store.find(TargetKeyId).id);
      return {};
    },
  ),
  UpdateAlias: operation(
    z.object({ AliasName: aliasName, TargetKeyId: keyId }),
    async (store, { AliasName, TargetKeyId }) => {
      const [before, after] = [store.find(AliasName), store.find(TargetKeyId)];
      if (before.spec !== after.spec)
        throw new KmsError(
          'ValidationException',
          `${AliasName} is of ${before.spec}, the key of ${after.spec}`,
        );
      await store.setAlias(AliasName, after.id);
      return {};
    },
  ),
  ListAliases: operation(z.object({ KeyId: keyId.optional() }), async (store, { KeyId }) => {
    const only = KeyId === undefined ? null : store.find(KeyId).id;
    const aliases = Object.entries(store.aliases()).filter(([, target]) => only === null || target === only);
    return {
      Aliases: aliases.map(([AliasName, TargetKeyId]) => ({
        AliasName,
        AliasArn: store.arnOf(AliasName),
        TargetKeyId,
      })),
      Truncated: false,
    };
  }),
  DisableKey: operation(z.object({ KeyId: keyId }), async (store, { KeyId }) => {
    await store.save({ ...notPendingDeletion(store, KeyId), state: 'Disabled' });
    return {};
  }),
  EnableKey: operation(z.object({ KeyId: keyId }), async (store, { KeyId }) => {
    await store.save({ ...notPendingDeletion(store, KeyId), state: 'Enabled' });
    return {};
  }),
  ScheduleKeyDeletion: operation(
    z.object({ KeyId: keyId, PendingWindowInDays: z.number().int().min(7).max(30).default(30) }),
    async (store, { KeyId, PendingWindowInDays }, now) => {
      const deletedAt = now() + PendingWindowInDays * DAY_SECONDS;
      const key: MasterKey = { ...notPendingDeletion(store, KeyId), state: 'PendingDeletion', deletedAt };
      await store.save(key);
      return {
        KeyId: store.arnOf(`key/${key.id}`),
        DeletionDate: deletedAt,
        KeyState: key.state,
        PendingWindowInDays,
      };
    },
  ),
  CancelKeyDeletion: operation(z.object({ KeyId: keyId }), async (store, { KeyId }) => {
    const key = store.find(KeyId);
    if (key.state !== 'PendingDeletion') {
      throw new KmsError(
        'KMSInvalidStateException',
        `${store.arnOf(`key/${key.id}`)} is not pending deletion.`,
      );
    }
    await store.save({ ...key, state: 'Disabled', deletedAt: null });
    return { KeyId: store.arnOf(`key/${key.id}`) };
  }),
};

function notPendingDeletion(store: KeyStore, id: string): MasterKey {
  const key = store.find(id);
  if (key.state !== 'PendingDeletion') return key;
  throw new KmsError('KMSInvalidStateException', `${store.arnOf(`key/${key.id}`)} is pending deletion.`);
}

function metadata(store: KeyStore, key: MasterKey): Readonly<Record<string, unknown>> {
  const { usage } = KEY_SPECS[key.spec];
  return {
    AWSAccountId: store.arnOf('').split(':')[4],
    KeyId: key.id,
    Arn: store.arnOf(`key/${key.id}`),
    CreationDate: key.createdAt,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: usage,
    KeyState: key.state,
    ...(key.deletedAt === null ? {} : { DeletionDate: key.deletedAt }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    KeySpec: key.spec,
    CustomerMasterKeySpec: key.spec,
    MultiRegion: false,
    ...(usage === 'ENCRYPT_DECRYPT' ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] } : {}),
    ...(usage === 'GENERATE_VERIFY_MAC' ? { MacAlgorithms: ['HMAC_SHA_256'] } : {}),
    ...(usage === 'SIGN_VERIFY' ? { SigningAlgorithms: ['ECDSA_SHA_256'] } : {}),
  };
}
