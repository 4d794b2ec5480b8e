import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { TLSSocket, type SecureContextOptions } from 'node:tls';
import type { ServiceProblem } from '../platform/http-json.ts';
import type { Logger } from '../platform/logger.ts';
import { goingOn, inSpan, type TraceCarrier } from '../platform/tracing/spans.ts';
import { TLS_VERSION, type TlsMaterial, type TlsSource } from '../platform/tls.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import type { Alarms } from './alarms.ts';
import { mayCall, type Caller, type Identify } from './callers.ts';
import {
  VAULT_ROUTES,
  type VaultOperation,
  type VaultOperations,
  type VaultProblemCode,
} from './contract.ts';
import { count, type VaultCounters } from './counters.ts';
import type { Limits } from './limits.ts';
import type { AnsweredCall } from './metrics.ts';
import { problemOf, VaultProblem } from './problem.ts';
import type { RefusalAudit } from './refusal-audit.ts';
import { describeIssues, REQUESTS } from './schemas.ts';
import type { VaultService } from './service.ts';
import type { SpeaksFor } from './speaks-for.ts';

const BODY_BYTES_MAX = 4 * 1_024;
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
  readonly tls: TlsSource;
  readonly identify: Identify;
  readonly limits: Limits;
  readonly alarms: Alarms;
  readonly counters: VaultCounters;
  readonly auditRefusal: RefusalAudit;
  /** Hears of every call that was answered. */
  readonly answered: (call: AnsweredCall) => void;
  readonly logger: Logger;
}

/** Refused because of the moment, the vault or its caller's certificate: no sign of somebody who tries cards. */
const SAYS_NOTHING_OF_CARDS: ReadonlySet<number> = new Set([401, 429, 500, 503]);

/** Who asks for what, as far as it is known. */
interface Asking {
  caller: Caller | null;
  speaksFor: SpeaksFor;
  merchant: MerchantId | null;
}

/**
 * The vault over HTTP and mutual TLS 1.3: POST with JSON both ways. Nothing of a request's body is
 * logged or quoted in an answer; the JSON parser's own errors quote it, so they end here. When other
 * certificate files are taken, new connections use them at once, idle ones are closed, and those that
 * are at work close after their answer.
 */
export function createVaultServer(parts: VaultServerParts): Server {
  const { service, tls, identify, limits, alarms, counters, auditRefusal, answered, logger } = parts;
  /** Connections that were made under the files in use. */
  let fresh = new WeakSet<TLSSocket>();

  async function call(
    operation: VaultOperation | undefined,
    request: IncomingMessage,
    asking: Asking,
  ): Promise<unknown> {
    const { caller, speaksFor } = identify(tlsSocketOf(request));
    asking.caller = caller;
    asking.speaksFor = speaksFor;
    if (operation === undefined) throw new VaultProblem('unknown_route', 'the vault has no such route');
    if (!mayCall(caller, operation))
      throw new VaultProblem('forbidden', `the ${caller} caller may not ask for ${operation}`);
    const mayBeLocked = operation !== 'release' && operation !== 'burn';
    if (mayBeLocked) alarms.admit(caller, null, speaksFor);
    await limits.caller(caller, operation);
    const asked = parse(operation, parseJson(await readBody(request)));
    if ('merchant' in asked) {
      const { merchant } = asked;
      asking.merchant = merchant;
      // A key for pages is revoked also, and above all, while somebody tries cards with it.
      if (mayBeLocked && operation !== 'publish') alarms.admit(caller, merchant, speaksFor);
      await limits.merchant(merchant, operation);
      if (operation === 'detokenize' && 'token' in asked) alarms.asked(caller, merchant, asked.token);
    }
    // The schema of an operation and its handler are rows of the same table of types.
    const run = service[operation] as (request: unknown, ...by: readonly unknown[]) => Promise<unknown>;
    return run(asked, caller, speaksFor);
  }

  function refuse(
    response: ServerResponse,
    operation: VaultOperation | null,
    error: unknown,
    asking: Asking,
  ): VaultProblemCode {
    const problem = problemOf(error);
    const { code, message, status, retryable, cause } = problem;
    const { caller, merchant, speaksFor } = asking;
    count(counters.refused, code);
    if (caller !== null) auditRefusal(operation, caller, merchant, code);
    if (caller !== null && !SAYS_NOTHING_OF_CARDS.has(status))
      alarms.refused(caller, merchant, speaksFor, code);
    const body: ServiceProblem = {
      error: { code, message, retryable, ...(problem.ofCaller ? { ofCaller: true } : {}) },
    };
    const fields = {
      operation: operation ?? 'none',
      caller,
      code,
      reason: message,
      ...(cause === undefined ? {} : { cause }),
    };
    if (status === 500) logger.error('vault_call_refused', fields);
    else logger.warn('vault_call_refused', fields);
    send(response, status, body, retryable ? { 'retry-after': String(problem.retryAfterS) } : {});
    return code;
  }

  const server = createServer({ ...contextOf(tls.current()), requestCert: true, rejectUnauthorized: false });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '' } = request;
    const socket = tlsSocketOf(request);
    if (!fresh.has(socket)) response.setHeader('connection', 'close');
    const asking: Asking = { caller: null, speaksFor: null, merchant: null };
    const operation = method === 'POST' ? OPERATIONS.get(url) : undefined;
    const began = performance.now();
    const ended = (outcome: AnsweredCall['outcome']): void => {
      answered({ operation: operation ?? 'none', outcome, seconds: (performance.now() - began) / 1_000 });
    };
    // Whose trace it is, is what a caller says of itself: nothing is decided by it.
    goingOn(carrierOf(request), () =>
      inSpan({ name: `vault ${operation ?? 'none'}`, kind: 'server' }, () =>
        call(operation, request, asking),
      ),
    ).then(
      (answer) => {
        send(response, 200, answer);
        ended('ok');
      },
      (error: unknown) => {
        request.resume();
        ended(refuse(response, operation ?? null, error, asking));
      },
    );
  });
  server.prependListener('secureConnection', (socket) => void fresh.add(socket));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    // Somebody who speaks an older TLS, or none at all.
    logger.warn('vault_handshake_failed', {
      reason: error.code ?? error.message,
      from: socket.remoteAddress,
    });
  });
  tls.onChange((material) => {
    server.setSecureContext(contextOf(material));
    fresh = new WeakSet();
    server.closeIdleConnections();
  });
  server.keepAliveTimeout = IDLE_LIMIT_MS;
  server.requestTimeout = REQUEST_LIMIT_MS;
  server.headersTimeout = REQUEST_LIMIT_MS;
  return server;
}

function carrierOf({ headers: { traceparent } }: IncomingMessage): TraceCarrier {
  return typeof traceparent === 'string' ? { traceparent } : {};
}

function tlsSocketOf({ socket }: IncomingMessage): TLSSocket {
  if (socket instanceof TLSSocket) return socket;
  throw new Error('a request came in the clear to a server that speaks TLS alone');
}

/** Certificates are asked for and looked at anew for every connection: no session is taken up again. */
function contextOf({ certificate, key, authority }: TlsMaterial): SecureContextOptions {
  return {
    cert: certificate,
    key,
    ca: authority,
    minVersion: TLS_VERSION,
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

function parse(operation: VaultOperation, body: unknown): VaultOperations[VaultOperation]['request'] {
  const parsed = REQUESTS[operation].safeParse(body);
  if (!parsed.success) throw new VaultProblem('malformed', `${operation}: ${describeIssues(parsed.error)}`);
  return parsed.data;
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
    // What is left of a body that was not read must not be taken for the next request.
    ...(status === 413 || status === 401 ? { connection: 'close' } : {}),
    ...headers,
  });
  response.end(text);
}
