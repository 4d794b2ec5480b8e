import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ServiceProblem } from '../platform/http-json.ts';
import type { Logger } from '../platform/logger.ts';
import { mayCall, type Caller, type Identify } from './callers.ts';
import { VAULT_ROUTES, type VaultOperation } from './contract.ts';
import { problemOf, VaultProblem } from './problem.ts';
import { describeIssues, REQUESTS } from './schemas.ts';
import type { VaultService } from './service.ts';

const BODY_BYTES_MAX = 4 * 1_024;
const RETRY_AFTER_S = '1';
/** Above the clients' own limit for idle sockets, so that they close them and no request meets a closing one. */
const IDLE_LIMIT_MS = 65_000;
const REQUEST_LIMIT_MS = 10_000;

const OPERATIONS = new Map<string, VaultOperation>(
  (Object.entries(VAULT_ROUTES) as [VaultOperation, string][]).map(([operation, route]) => [
    route,
    operation,
  ]),
);

export interface VaultServerParts {
  readonly service: VaultService;
  readonly identify: Identify;
  readonly healthy: () => Promise<boolean>;
  readonly logger: Logger;
}

/**
 * The vault over HTTP: POST with JSON both ways, plus GET /healthz. Nothing of a request's body is
 * logged or quoted in an answer; the JSON parser's own errors quote it, so they end here.
 */
export function createVaultServer({ service, identify, healthy, logger }: VaultServerParts): Server {
  async function call(operation: VaultOperation, request: IncomingMessage): Promise<unknown> {
    const caller = identify(request.headers.authorization);
    if (caller === null) throw new VaultProblem('unauthenticated', 'no caller of the vault has this secret');
    if (!mayCall(caller, operation))
      throw new VaultProblem('forbidden', `the ${caller} caller may not ask for ${operation}`);
    return perform(service, operation, parseJson(await readBody(request)), caller);
  }

  function refuse(response: ServerResponse, operation: string, error: unknown): void {
    const problem = problemOf(error);
    const { code, message, status, retryable, cause } = problem;
    const body: ServiceProblem = { error: { code, message, retryable } };
    const fields = { operation, code, reason: message, ...(cause === undefined ? {} : { cause }) };
    if (status === 500) logger.error('vault_call_refused', fields);
    else logger.warn('vault_call_refused', fields);
    send(response, status, body, retryable ? { 'retry-after': RETRY_AFTER_S } : {});
  }

  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    if (method === 'GET' && url === '/healthz') {
      healthy().then(
        (ok) => {
          send(response, ok ? 200 : 503, { healthy: ok });
        },
        () => {
          send(response, 503, { healthy: false });
        },
      );
      return;
    }
    const operation = method === 'POST' ? OPERATIONS.get(url) : undefined;
    if (operation === undefined) {
      request.resume();
      refuse(response, 'none', new VaultProblem('unknown_route', 'the vault has no such route'));
      return;
    }
    call(operation, request).then(
      (answer) => {
        send(response, 200, answer);
      },
      (error: unknown) => {
        refuse(response, operation, error);
      },
    );
  });
  server.keepAliveTimeout = IDLE_LIMIT_MS;
  server.requestTimeout = REQUEST_LIMIT_MS;
  server.headersTimeout = REQUEST_LIMIT_MS;
  return server;
}

function perform(
  service: VaultService,
  operation: VaultOperation,
  body: unknown,
  caller: Caller,
): Promise<unknown> {
  const parsed = REQUESTS[operation].safeParse(body);
  if (!parsed.success) throw new VaultProblem('malformed', `${operation}: ${describeIssues(parsed.error)}`);
  // The schema of an operation and its handler are rows of the same table of types.
  const run = service[operation] as (request: unknown, caller: Caller) => Promise<unknown>;
  return run(parsed.data, caller);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX)
      throw new VaultProblem('too_large', `the body is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new VaultProblem('malformed', 'the body is not JSON');
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': text.byteLength,
    'cache-control': 'no-store',
    ...(status === 413 ? { connection: 'close' } : {}),
    ...headers,
  });
  response.end(text);
}
