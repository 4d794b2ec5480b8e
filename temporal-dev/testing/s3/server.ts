import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOn } from '../../../platform/http-server.ts';
import { S3Error } from './error.ts';
import { listPage } from './list-page.ts';
import { checkSignature, type Signer } from './signature.ts';

/** What happens to the next request of a kind. */
export type S3Fault =
  /** 503 SlowDown, nothing done. */
  | 'slow_down'
  /** 409 ConditionalRequestConflict, nothing done: two wrote at once. */
  | 'conflict'
  /** Done, and its socket is cut before an answer. */
  | 'lose_answer'
  /** The object is given with one bit of it turned, under the checksum of what was written. */
  | 'damage'
  /** Half of the object is given, then nothing more, and the socket stays open. */
  | 'stall';

export interface StoredObject {
  readonly bytes: Uint8Array;
  /** As it was sent. */
  readonly checksumSha256: string | null;
  readonly encryption: string | null;
}

export interface S3Server {
  readonly endpoint: string;
  readonly signer: Signer;
  /** What the bucket holds, by key. */
  readonly objects: Map<string, StoredObject>;
  /** The kinds of the requests that came, in order. */
  readonly requests: string[];
  /** Lets the next request of that method go wrong. */
  fault(method: string, fault: S3Fault): void;
  close(): Promise<void>;
}

const SIGNER: Signer = {
  accessKeyId: 'AKIATESTONLY',
  secretAccessKey: 'test-only-secret-access-key',
  region: 'eu-west-1',
};
/** What a request may say; anything else is refused instead of being passed over. */
const QUERY = new Set(['x-id', 'list-type', 'prefix', 'max-keys', 'continuation-token']);
const HEADERS = new Set([
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-user-agent',
  'x-amz-checksum-sha256',
  'x-amz-checksum-mode',
  'x-amz-server-side-encryption',
]);
const ENCRYPTIONS = new Set(['AES256', 'aws:kms']);

/**
 * One bucket of S3, in memory, on 127.0.0.1, for tests: objects are put (also conditionally, with a
 * checksum), got and listed page by page, addressed by path. It is strict where S3 is: every request must be
 * signed for the region by the one key, a body must be what its hashes say, and what it does not know it
 * answers with NotImplemented.
 */
export async function startS3Server(bucket: string): Promise<S3Server> {
  const objects = new Map<string, StoredObject>();
  const requests: string[] = [];
  const faults = new Map<string, S3Fault>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/' } = request;
    const headers = headersOf(request);
    const body = await bodyOf(request);
    requests.push(method);
    checkSignature({ method, target: url, headers, body }, SIGNER, new Date());
    const { pathname, searchParams } = new URL(url, 'http://server');
    const unknown = [
      ...[...searchParams.keys()].filter((name) => !QUERY.has(name)),
      ...Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !HEADERS.has(name)),
    ];
    if (unknown.length > 0)
      throw new S3Error('NotImplemented', `this server does not know ${unknown.join()}`);
    const [, of, ...rest] = pathname.split('/').map(decodeURIComponent);
    if (of !== bucket) throw new S3Error('NoSuchBucket', `there is no bucket ${of ?? ''}`);
    const key = rest.join('/');
    const fault = faults.get(method);
    faults.delete(method);
    if (fault === 'slow_down') throw new S3Error('SlowDown', 'reduce your request rate');
    if (fault === 'conflict')
      throw new S3Error('ConditionalRequestConflict', 'a conflicting conditional operation is going on');
    if (method === 'PUT' && key !== '') put(key, headers, body, request);
    if (fault === 'lose_answer') {
      request.socket.destroy();
      return;
    }
    if (method === 'PUT' && key !== '') response.writeHead(200, { etag: etagOf(body) }).end();
    else if (method === 'GET' && key !== '') get(key, headers, response, fault);
    else if (method === 'GET' && searchParams.get('list-type') === '2')
      response
        .writeHead(200, { 'content-type': 'application/xml' })
        .end(listPage(bucket, objects, searchParams));
    else throw new S3Error('NotImplemented', `this server does not know ${method} of that`);
  }

  function put(
    key: string,
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array,
    request: IncomingMessage,
  ): void {
    if (request.headers['content-length'] === undefined)
      throw new S3Error('MissingContentLength', 'say how long the object is');
    const checksumSha256 = headers['x-amz-checksum-sha256'] ?? null;
    if (checksumSha256 !== null && checksumSha256 !== createHash('sha256').update(bytes).digest('base64'))
      throw new S3Error('BadDigest', 'the object is not what its checksum says');
    const encryption = headers['x-amz-server-side-encryption'] ?? null;
    if (encryption !== null && !ENCRYPTIONS.has(encryption))
      throw new S3Error('InvalidArgument', `there is no encryption ${encryption}`);
    const condition = headers['if-none-match'];
    if (condition !== undefined && condition !== '*')
      throw new S3Error('NotImplemented', 'If-None-Match of a PUT can only be *');
    if (condition === '*' && objects.has(key))
      throw new S3Error('PreconditionFailed', 'at least one of the preconditions did not hold');
    objects.set(key, { bytes, checksumSha256, encryption });
  }

  function get(
    key: string,
    headers: Readonly<Record<string, string>>,
    response: ServerResponse,
    fault: S3Fault | undefined,
  ): void {
    const object = objects.get(key);
    if (object === undefined) throw new S3Error('NoSuchKey', `there is no ${key}`);
    const { bytes, checksumSha256, encryption } = object;
    response.writeHead(200, {
      'content-length': bytes.byteLength,
      etag: etagOf(bytes),
      ...(encryption === null ? {} : { 'x-amz-server-side-encryption': encryption }),
      ...(checksumSha256 === null || headers['x-amz-checksum-mode'] !== 'ENABLED'
        ? {}
        : { 'x-amz-checksum-sha256': checksumSha256, 'x-amz-checksum-type': 'FULL_OBJECT' }),
    });
    const sent = Buffer.from(bytes);
    if (fault === 'damage') sent.writeUInt8(sent.readUInt8(0) ^ 1, 0);
    if (fault === 'stall') response.write(sent.subarray(0, sent.length >> 1));
    else response.end(sent);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const known = error instanceof S3Error ? error : new S3Error('InternalError', String(error));
      response
        .writeHead(known.status, { 'content-type': 'application/xml' })
        .end(`<Error><Code>${known.code}</Code><Message>${known.message}</Message></Error>`);
    });
  });
  const listening = await listenOn(server, 0, '127.0.0.1');
  return {
    endpoint: `http://127.0.0.1:${listening.port}`,
    signer: SIGNER,
    objects,
    requests,
    fault: (method, fault) => void faults.set(method, fault),
    close: () => listening.close(0),
  };
}

/** Names in small letters; those that came twice joined as in the signature. */
const headersOf = ({ headers }: IncomingMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(',')]));

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;
