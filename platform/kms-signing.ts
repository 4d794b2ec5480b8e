import { GetPublicKeyCommand, SignCommand } from '@aws-sdk/client-kms';
import { KmsUnavailable } from './key-errors.ts';
import { createKmsClient, kmsError, type KmsOptions } from './kms.ts';

/** A key pair (ECC_NIST_P256, SIGN_VERIFY) whose private half never leaves the key service. */
export interface KmsSigningKey {
  /**
   * ECDSA with SHA-256 over the message, DER; at most 4,096 bytes are signed.
   * @throws KmsUnavailable, KmsRefused or UnknownKey.
   */
  sign(message: Uint8Array): Promise<Buffer>;
  /** The public half as SPKI, DER. Throws as `sign`. */
  publicKey(): Promise<Buffer>;
  close(): void;
}

/** `options.keyId` is the key pair's id, ARN or alias. */
export function createKmsSigningKey(options: KmsOptions): KmsSigningKey {
  const client = createKmsClient(options);
  const { keyId: KeyId } = options;
  return {
    async sign(message) {
      const { Signature } = await client
        .send(
          new SignCommand({
            KeyId,
            Message: message,
            MessageType: 'RAW',
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        )
        .catch((error: unknown) => {
          throw kmsError(`sign with ${KeyId}`, error);
        });
      if (Signature === undefined)
        throw new KmsUnavailable(`the key service answered Sign with ${KeyId} without a signature`);
      return Buffer.from(Signature);
    },
    async publicKey() {
      const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId })).catch((error: unknown) => {
        throw kmsError(`show the public key of ${KeyId}`, error);
      });
      if (PublicKey === undefined)
        throw new KmsUnavailable(`the key service answered GetPublicKey of ${KeyId} without a key`);
      return Buffer.from(PublicKey);
    },
    close() {
      client.destroy();
    },
  };
}
