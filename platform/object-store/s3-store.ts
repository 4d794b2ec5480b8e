import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { partsOf, type ObjectStore } from './object-store.ts';

export interface S3StoreOptions {
  /** Null = AWS's own, of the region. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly bucket: string;
  /** Before every name, with the stroke that ends it: `histories/`; empty = none. */
  readonly prefix: string;
  /** Null = the AWS client's own search (environment, role of the machine). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** Whether the bucket is a part of the path instead of the host's name: most servers that are not AWS. */
  readonly pathStyle: boolean;
  /** What the server seals objects with; null = what the bucket says. */
  readonly encryption: 'AES256' | 'aws:kms' | null;
  /** Names asked for at once; 1,000, the most that a server gives, when left out. */
  readonly page?: number;
  /** How long the server may say nothing (ms); as below when left out. */
  readonly silenceLimitMs?: number;
}

const CONNECT_LIMIT_MS = 3_000;
/** From the request to the answer's head, and the longest silence in what follows. */
const ANSWER_LIMIT_MS = 15_000;
/** One call, with everything that is tried again, to the last byte. */
const CALL_LIMIT_MS = 45_000;
/** The client tries again what may pass (throttling, 5xx, sockets that broke), with growing pauses. */
const TRIES = 4;
const CONNECTIONS = 16;
const PAGE_MAX = 1_000;
const CONFLICT = 409;
const PRECONDITION_FAILED = 412;

/**
 * A store in a bucket of S3, or of whatever speaks its protocol. The server is told the SHA-256 of what is
 * sent, refuses anything else, and keeps it: what is read is held against it. It must know conditional
 * writes (`If-None-Match: *`): an object that is there is never written over.
 */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  const { bucket, prefix, encryption, page = PAGE_MAX } = options;
  const client = createClient(options);
  const keyOf = (name: string): string => `${prefix}${partsOf(name).join('/')}`;
  const limit = () => ({ abortSignal: AbortSignal.timeout(CALL_LIMIT_MS) });
  const failed = (what: string, error: unknown): Error =>
    new Error(`the store s3://${bucket} did not ${what}: ${reasonOf(error)}`, { cause: error });

  return {
    async add(name, bytes) {
      const Key = keyOf(name);
      for (let attempt = 1; ; attempt += 1) {
        try {
          await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key,
              Body: bytes,
              ContentLength: bytes.byteLength,
              ContentType: 'application/octet-stream',
              ChecksumSHA256: sha256Of(bytes),
              IfNoneMatch: '*',
              ...(encryption === null ? {} : { ServerSideEncryption: encryption }),
            }),
            limit(),
          );
          return true;
        } catch (error) {
          // Also where our own first try was written and only its answer lost.
          if (isStatus(error, PRECONDITION_FAILED)) return false;
          // Another one wrote it at this moment: who was first is known when it is asked again.
          if (isStatus(error, CONFLICT) && attempt < TRIES) continue;
          throw failed(`take ${Key}`, error);
        }
      }
    },
    async get(name) {
      const Key = keyOf(name);
      try {
        const answer = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }),
          limit(),
        );
        const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        // One that was put there in several parts has the checksum of their checksums.
        if (
          answer.ChecksumType !== 'COMPOSITE' &&
          (answer.ChecksumSHA256 ?? sha256Of(bytes)) !== sha256Of(bytes)
        )
          throw new Error('its checksum differs');
        return bytes;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw failed(`give ${Key} as it was written`, error);
      }
    },
    async *list() {
      let ContinuationToken: string | undefined;
      do {
        const answer = await client
          .send(
            new ListObjectsV2Command({
              Bucket: bucket,
              MaxKeys: page,
              ...(prefix === '' ? {} : { Prefix: prefix }),
              ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
            }),
            limit(),
          )
          .catch((error: unknown) => {
            throw failed('list what it holds', error);
          });
        for (const { Key, Size } of answer.Contents ?? [])
          if (Key !== undefined) yield { name: Key.slice(prefix.length), bytes: Size ?? 0 };
        ContinuationToken = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
      } while (ContinuationToken !== undefined);
    },
    close() {
      client.destroy();
    },
  };
}

function createClient(options: S3StoreOptions): S3Client {
  const { endpoint, region, credentials, pathStyle, silenceLimitMs = ANSWER_LIMIT_MS } = options;
  return new S3Client({
    region,
    forcePathStyle: pathStyle,
    // AWS_ENDPOINT_URL and profiles would lead to where no setting of ours has looked for TLS.
    ignoreConfiguredEndpointUrls: true,
    maxAttempts: TRIES,
    // Ours is sent and looked at; the client's default (CRC-32) beside it is what some servers refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_LIMIT_MS,
      requestTimeout: silenceLimitMs,
      socketTimeout: silenceLimitMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: CONNECTIONS },
      httpsAgent: { keepAlive: true, maxSockets: CONNECTIONS },
    },
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials === null ? {} : { credentials }),
  });
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

const isStatus = (error: unknown, status: number): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}
