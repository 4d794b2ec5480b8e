import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { z } from 'zod';
import { keyIdOf, seal, unseal } from './ciphertext.ts';
import { KmsError } from './errors.ts';
import type { KeyStore, MasterKey } from './key-store.ts';
import { blob, encryptionContext, keyId, operation, usableKey } from './operation.ts';

const plaintext = blob(1, 4096);
const ciphertext = blob(1, 6144);
const message = blob(1, 4096);
const DATA_KEY_BYTES = { AES_256: 32, AES_128: 16 } as const;
const SYMMETRIC = 'SYMMETRIC_DEFAULT';

const dataKeyRequest = z.object({
  KeyId: keyId,
  KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
  NumberOfBytes: z.number().int().min(1).max(1024).optional(),
  EncryptionContext: encryptionContext,
});

/** The operations that use a key. */
export const useOperations = {
  GenerateDataKey: operation(dataKeyRequest, async (store, request) => {
    const { dataKey, ...rest } = newDataKey(store, request);
    return { Plaintext: dataKey.toString('base64'), ...rest };
  }),
  GenerateDataKeyWithoutPlaintext: operation(dataKeyRequest, async (store, request) => {
    const { CiphertextBlob, KeyId } = newDataKey(store, request);
    return { CiphertextBlob, KeyId };
  }),
  GenerateRandom: operation(
    z.object({ NumberOfBytes: z.number().int().min(1).max(1024) }),
    async (_, { NumberOfBytes }) => ({
      Plaintext: randomBytes(NumberOfBytes).toString('base64'),
    }),
  ),
  Encrypt: operation(
    z.object({ KeyId: keyId, Plaintext: plaintext, EncryptionContext: encryptionContext }),
    async (store, { KeyId, Plaintext, EncryptionContext }) => {
      const key = usableKey(store, KeyId, 'ENCRYPT_DECRYPT');
      return {
        CiphertextBlob: seal(key, Plaintext, EncryptionContext).toString('base64'),
        KeyId: arn(store, key),
        EncryptionAlgorithm: SYMMETRIC,
      };
    },
  ),
  Decrypt: operation(
    z.object({ CiphertextBlob: ciphertext, KeyId: keyId.optional(), EncryptionContext: encryptionContext }),
    async (store, { CiphertextBlob, KeyId, EncryptionContext }) => {
      const key = keyOf(store, CiphertextBlob, KeyId);
      return {
        Plaintext: unseal(key, CiphertextBlob, EncryptionContext).toString('base64'),
        KeyId: arn(store, key),
        EncryptionAlgorithm: SYMMETRIC,
      };
    },
  ),
  ReEncrypt: operation(
    z.object({
      CiphertextBlob: ciphertext,
      SourceKeyId: keyId.optional(),
      SourceEncryptionContext: encryptionContext,
      DestinationKeyId: keyId,
      DestinationEncryptionContext: encryptionContext,
    }),
    async (store, request) => {
      const source = keyOf(store, request.CiphertextBlob, request.SourceKeyId);
      const destination = usableKey(store, request.DestinationKeyId, 'ENCRYPT_DECRYPT');
      const opened = unseal(source, request.CiphertextBlob, request.SourceEncryptionContext);
      return {
        CiphertextBlob: seal(destination, opened, request.DestinationEncryptionContext).toString('base64'),
        SourceKeyId: arn(store, source),
        KeyId: arn(store, destination),
        SourceEncryptionAlgorithm: SYMMETRIC,
        DestinationEncryptionAlgorithm: SYMMETRIC,
      };
    },
  ),
  GenerateMac: operation(
    z.object({ KeyId: keyId, Message: message, MacAlgorithm: z.literal('HMAC_SHA_256') }),
    async (store, { KeyId, Message, MacAlgorithm }) => {
      const key = usableKey(store, KeyId, 'GENERATE_VERIFY_MAC');
      return { Mac: mac(key, Message).toString('base64'), MacAlgorithm, KeyId: arn(store, key) };
    },
  ),
  VerifyMac: operation(
    z.object({ KeyId: keyId, Message: message, Mac: blob(1, 6144), MacAlgorithm: z.literal('HMAC_SHA_256') }),
    async (store, { KeyId, Message, Mac, MacAlgorithm }) => {
      const key = usableKey(store, KeyId, 'GENERATE_VERIFY_MAC');
      const expected = mac(key, Message);
      if (Mac.length !== expected.length || !timingSafeEqual(Mac, expected)) {
        throw new KmsError('KMSInvalidMacException', 'The MAC is not that of the message.');
      }
      return { MacValid: true, MacAlgorithm, KeyId: arn(store, key) };
    },
  ),
  // Whole messages only: node:crypto does not sign a digest that was made elsewhere.
  Sign: operation(
    z.object({
      KeyId: keyId,
      Message: message,
      MessageType: z.literal('RAW').default('RAW'),
      SigningAlgorithm: z.literal('ECDSA_SHA_256'),
    }),
    async (store, { KeyId, Message, SigningAlgorithm }) => {
      const key = usableKey(store, KeyId, 'SIGN_VERIFY');
      return {
        Signature: sign('sha256', Message, privateKey(key)).toString('base64'),
        SigningAlgorithm,
        KeyId: arn(store, key),
      };
    },
  ),
  Verify: operation(
    z.object({
      KeyId: keyId,
      Message: message,
      MessageType: z.literal('RAW').default('RAW'),
      Signature: blob(1, 6144),
      SigningAlgorithm: z.literal('ECDSA_SHA_256'),
    }),
    async (store, { KeyId, Message, Signature, SigningAlgorithm }) => {
      const key = usableKey(store, KeyId, 'SIGN_VERIFY');
      if (!verify('sha256', Message, createPublicKey(privateKey(key)), Signature)) {
        throw new KmsError('KMSInvalidSignatureException', 'The signature is not that of the message.');
      }
      return { SignatureValid: true, SigningAlgorithm, KeyId: arn(store, key) };
    },
  ),
  GetPublicKey: operation(z.object({ KeyId: keyId }), async (store, { KeyId }) => {
    const key = usableKey(store, KeyId, 'SIGN_VERIFY');
    const der = createPublicKey(privateKey(key)).export({ format: 'der', type: 'spki' });
    return {
      PublicKey: der.toString('base64'),
      KeyId: arn(store, key),
      KeySpec: key.spec,
      CustomerMasterKeySpec: key.spec,
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: ['ECDSA_SHA_256'],
    };
  }),
};

function newDataKey(store: KeyStore, request: z.infer<typeof dataKeyRequest>) {
  const { KeySpec, NumberOfBytes, EncryptionContext } = request;
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw new KmsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  const key = usableKey(store, request.KeyId, 'ENCRYPT_DECRYPT');
  const dataKey = randomBytes(KeySpec === undefined ? (NumberOfBytes ?? 0) : DATA_KEY_BYTES[KeySpec]);
  return {
    dataKey,
    CiphertextBlob: seal(key, dataKey, EncryptionContext).toString('base64'),
    KeyId: arn(store, key),
  };
}

/** The key of a ciphertext. @throws KmsError IncorrectKeyException when the caller expects another */
function keyOf(store: KeyStore, sealed: Buffer, expected: string | undefined): MasterKey {
  const id = keyIdOf(sealed);
  if (expected !== undefined && usableKey(store, expected, 'ENCRYPT_DECRYPT').id !== id) {
    throw new KmsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a key that can perform this operation.',
    );
  }
  return usableKey(store, id, 'ENCRYPT_DECRYPT');
}

function arn(store: KeyStore, key: MasterKey): string {
  return store.arnOf(`key/${key.id}`);
}

function mac(key: MasterKey, bytes: Buffer): Buffer {
  return createHmac('sha256', Buffer.from(key.material, 'base64')).update(bytes).digest();
}

function privateKey(key: MasterKey) {
  return createPrivateKey({ key: Buffer.from(key.material, 'base64'), format: 'der', type: 'pkcs8' });
}
