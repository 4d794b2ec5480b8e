import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  ReEncryptCommand,
  UpdateAliasCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { KmsUnavailable } from './key-errors.ts';
import { createKmsClient, kmsError, type KeyContext, type KmsOptions } from './kms.ts';

/**
 * What rotation asks of the key service about master keys, each named by its ARN. The alias
 * (`KmsOptions.keyId`) is what writers use. Every call throws as {@link Kms}.
 */
export interface MasterKeys {
  /** The master key behind the alias. */
  current(): Promise<string>;
  /** A new one, behind no alias. Not repeatable: one whose answer is lost stays unused. */
  create(description: string): Promise<string>;
  /** Makes it the one that writers use. */
  use(masterKey: string): Promise<void>;
  /** Wraps a data key anew; it is never in the clear outside of the key service. */
  rewrap(wrapped: Uint8Array, from: string, to: string, context: KeyContext): Promise<Buffer>;
  /** Nothing that it wrapped can be unwrapped until it is enabled again. */
  disable(masterKey: string): Promise<void>;
  close(): void;
}

/** @throws RangeError when the writing key is not named by an alias: then it cannot be exchanged. */
export function createMasterKeys(options: KmsOptions): MasterKeys {
  const { keyId: alias } = options;
  if (!alias.startsWith('alias/'))
    throw new RangeError(
      `the key service’s key is ${alias}: only what is named by an alias (alias/…) can be rotated`,
    );
  const client: KMSClient = createKmsClient(options);
  const asking = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw kmsError(what, error);
    }
  };
  const whole = <T>(value: T | undefined, what: string): T => {
    if (value === undefined)
      throw new KmsUnavailable(`the key service answered ${what} without what was asked`);
    return value;
  };

  return {
    async current() {
      const { KeyMetadata } = await asking(`describe ${alias}`, () =>
        client.send(new DescribeKeyCommand({ KeyId: alias })),
      );
      return whole(KeyMetadata?.Arn, 'DescribeKey');
    },
    async create(description) {
      const { KeyMetadata } = await asking('create a master key', () =>
        client.send(
          new CreateKeyCommand({
            Description: description,
            KeySpec: 'SYMMETRIC_DEFAULT',
            KeyUsage: 'ENCRYPT_DECRYPT',
          }),
        ),
      );
      return whole(KeyMetadata?.Arn, 'CreateKey');
    },
    async use(masterKey) {
      await asking(`let ${alias} mean ${masterKey}`, () =>
        client.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: masterKey })),
      );
    },
    async rewrap(wrapped, from, to, context) {
      const { CiphertextBlob } = await asking(`wrap a data key of ${from} with ${to}`, () =>
        client.send(
          new ReEncryptCommand({
            CiphertextBlob: wrapped,
            SourceKeyId: from,
            SourceEncryptionContext: { ...context },
            DestinationKeyId: to,
            DestinationEncryptionContext: { ...context },
          }),
        ),
      );
      return Buffer.from(whole(CiphertextBlob, 'ReEncrypt'));
    },
    async disable(masterKey) {
      await asking(`disable ${masterKey}`, () => client.send(new DisableKeyCommand({ KeyId: masterKey })));
    },
    close() {
      client.destroy();
    },
  };
}
