import {
  DecryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  KMSServiceException,
  type KMSClientConfig,
} from '@aws-sdk/client-kms';
import type { Config } from './config.ts';
import { KmsRefused, KmsUnavailable, Tampered, UnknownKey } from './key-errors.ts';

/** A data key as the key service hands it out: use `plaintext` and wipe it, store `wrapped`. */
export interface GeneratedDataKey {
  /** 32 bytes, for AES-256. */
  readonly plaintext: Buffer;
  readonly wrapped: Buffer;
  /** The master key that wrapped it, as the key service names it (not an alias). */
  readonly masterKey: string;
}

/** Bound to the wrapped key by the key service: unwrapping with another context fails. Never secret: it is logged there. */
export type KeyContext = Readonly<Record<string, string>>;

/** What we ask of the key service. Every call throws KmsUnavailable, KmsRefused or UnknownKey; `unwrap` also Tampered. */
export interface Kms {
  generateDataKey(context: KeyContext): Promise<GeneratedDataKey>;
  unwrap(wrapped: Uint8Array, masterKey: string, context: KeyContext): Promise<Buffer>;
  close(): void;
}

export interface KmsOptions {
  readonly endpoint: string;
  readonly region: string;
  /** Key id, ARN or alias of the master key that wraps new data keys. */
  readonly keyId: string;
  /** Null = the AWS client's own search (environment, role of the machine). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** The options as the settings of a process say them. */
export function kmsOptionsOf(
  config: Config<'kmsEndpoint' | 'kmsRegion' | 'kmsKeyId' | 'kmsAccessKeyId' | 'kmsSecretAccessKey'>,
): KmsOptions {
  const {
    kmsEndpoint: endpoint,
    kmsRegion: region,
    kmsKeyId: keyId,
    kmsAccessKeyId,
    kmsSecretAccessKey,
  } = config;
  const credentials =
    kmsAccessKeyId === null || kmsSecretAccessKey === null
      ? null
      : { accessKeyId: kmsAccessKeyId, secretAccessKey: kmsSecretAccessKey };
  return { endpoint, region, keyId, credentials };
}

const CONNECT_LIMIT_MS = 1_000;
const CALL_LIMIT_MS = 2_000;
const TRIES = 2;
const CONNECTIONS = 8;

/** The AWS client as we use it: short limits, few tries, kept sockets. */
export function createKmsClient(options: KmsOptions): KMSClient {
  const config: KMSClientConfig = {
    endpoint: options.endpoint,
    region: options.region,
    maxAttempts: TRIES,
    requestHandler: {
      connectionTimeout: CONNECT_LIMIT_MS,
      requestTimeout: CALL_LIMIT_MS,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: CONNECTIONS },
      httpsAgent: { keepAlive: true, maxSockets: CONNECTIONS },
    },
    ...(options.credentials === null ? {} : { credentials: options.credentials }),
  };
  return new KMSClient(config);
}

/** AWS KMS, or whatever speaks its protocol at `endpoint`. */
export function createKms(options: KmsOptions): Kms {
  const client = createKmsClient(options);

  return {
    async generateDataKey(context) {
      const answer = await client
        .send(
          new GenerateDataKeyCommand({
            KeyId: options.keyId,
            KeySpec: 'AES_256',
            EncryptionContext: { ...context },
          }),
        )
        .catch((error: unknown) => {
          throw kmsError(`generate a data key under ${options.keyId}`, error);
        });
      const { Plaintext, CiphertextBlob, KeyId } = answer;
      if (Plaintext?.byteLength !== 32 || CiphertextBlob === undefined || KeyId === undefined) {
        throw new KmsUnavailable(
          `the key service answered GenerateDataKey under ${options.keyId} without a whole key`,
        );
      }
      return { plaintext: take(Plaintext), wrapped: Buffer.from(CiphertextBlob), masterKey: KeyId };
    },
    async unwrap(wrapped, masterKey, context) {
      const { Plaintext } = await client
        .send(
          new DecryptCommand({
            CiphertextBlob: wrapped,
            KeyId: masterKey,
            EncryptionContext: { ...context },
          }),
        )
        .catch((error: unknown) => {
          throw kmsError(`unwrap a data key of ${masterKey}`, error);
        });
      if (Plaintext?.byteLength !== 32) {
        throw new Tampered(
          `a data key of ${masterKey} unwrapped to ${Plaintext?.byteLength ?? 0} bytes instead of 32`,
        );
      }
      return take(Plaintext);
    },
    close() {
      client.destroy();
    },
  };
}

/** Copies key bytes out of the client's answer and wipes the original. */
function take(bytes: Uint8Array): Buffer {
  const own = Buffer.alloc(bytes.byteLength);
  own.set(bytes);
  bytes.fill(0);
  return own;
}

/** Names as in the KMS API reference, common errors included. Whatever is not listed may pass: ask again. */
const LASTING: Readonly<Record<string, (message: string, code: string, cause: unknown) => Error>> = {
  InvalidCiphertextException: (message, _code, cause) => new Tampered(message, { cause }),
  NotFoundException: (message, _code, cause) => new UnknownKey(message, { cause }),
  IncorrectKeyException: (message, _code, cause) => new UnknownKey(message, { cause }),
  DisabledException: (message, code, cause) => new KmsRefused(message, code, { cause }),
  KMSInvalidStateException: (message, code, cause) => new KmsRefused(message, code, { cause }),
  InvalidKeyUsageException: (message, code, cause) => new KmsRefused(message, code, { cause }),
  AccessDeniedException: (message, code, cause) => new KmsRefused(message, code, { cause }),
};

/** What the AWS client threw, by our names. */
export function kmsError(what: string, cause: unknown): Error {
  const code = cause instanceof Error ? cause.name : 'unknown';
  const message = `the key service did not ${what}: ${code}`;
  const lasting = cause instanceof KMSServiceException ? LASTING[code] : undefined;
  return lasting?.(message, code, cause) ?? new KmsUnavailable(message, { cause });
}
