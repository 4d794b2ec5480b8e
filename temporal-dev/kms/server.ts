import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { KmsError } from './errors.ts';
import { keyOperations } from './key-operations.ts';
import { openKeyStore, type KeySpec } from './key-store.ts';
import type { Operation } from './operation.ts';
import { useOperations } from './use-operations.ts';

const OPERATIONS: Readonly<Record<string, Operation>> = { ...keyOperations, ...useOperations };
const TARGET_PREFIX = 'TrentService.';
const BODY_BYTES_MAX = 64 * 1024;

const faultsSchema = z.object({
  /** What the next requests are answered; KMSInternalException comes with status 500, as in AWS. */
  type: z.enum(['ThrottlingException', 'KMSInternalException']),
  times: z.number().int().min(0).max(1_000_000),
});

export interface KmsServerOptions {
  /** 0 = any free port. */
  readonly port: number;
  readonly keyFile: string;
  readonly region: string;
  readonly seededAliases: Readonly<Record<string, KeySpec>>;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export interface KmsServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * A key management service that speaks the AWS KMS protocol (JSON 1.1 over HTTP) on 127.0.0.1, for
 * development and tests. It checks no signature and no permission: whoever reaches the port may use
 * every key. Beside the protocol: GET /healthz, and POST /control/faults {type, times}, which makes
 * the next `times` requests fail.
 */
export async function startKmsServer(options: KmsServerOptions): Promise<KmsServer> {
  const store = await openKeyStore(options.keyFile, options.region, options.seededAliases, options.now);
  let faults: z.infer<typeof faultsSchema> | null = null;

  async function answer(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
    if (request.url === '/healthz') return { status: 'ok' };
    if (request.url === '/control/faults' && request.method === 'POST') {
      faults = faultsSchema.parse(JSON.parse(await readBody(request)));
      return {};
    }
    const body = await readBody(request);
    if (faults !== null && faults.times > 0) {
      faults = { ...faults, times: faults.times - 1 };
      throw new KmsError(faults.type, 'asked for by POST /control/faults');
    }
    const target = String(request.headers['x-amz-target'] ?? '');
    const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined) {
      throw new KmsError(
        'UnknownOperationException',
        `${target}: this emulator has ${Object.keys(OPERATIONS).join(', ')}`,
      );
    }
    return operation(store, parseJson(body), options.now);
  }

  const server = createServer((request, response) => {
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    };
    answer(request).then(
      (body) => {
        send(200, body);
      },
      (error: unknown) => {
        const known = error instanceof KmsError ? error : internal(error);
        send(known.type === 'KMSInternalException' ? 500 : 400, {
          __type: known.type,
          message: known.message,
        });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw new KmsError('ValidationException', 'the body is not JSON');
  }
}

function internal(error: unknown): KmsError {
  return new KmsError('KMSInternalException', error instanceof Error ? error.message : 'unknown');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX)
      throw new KmsError('ValidationException', `the body is longer than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
