import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../platform/logger.ts';
import type { Journal } from '../journal.ts';
import type { Authority, Decision } from './authority.ts';
import type { FaultAction, Faults } from './faults.ts';
import type { StripeEntry } from './journal-entry.ts';
import { renderProblem } from './render.ts';
import { readRequest, type ApiRequest } from './request.ts';

export interface WireServerParts {
  readonly authority: Authority;
  readonly journal: Journal<StripeEntry>;
  readonly faults: Faults;
  /** Its own clock: keys grow old by it. */
  readonly now: () => Date;
  /** Every request must carry it. */
  readonly apiKey: string;
  readonly logger: Logger;
}

export interface WireServer {
  readonly port: number;
  readonly connections: () => number;
  /** Requests that arrived so far, by kind; also those that were thrown away. */
  readonly arrivals: () => readonly ApiRequest[];
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64 * 1_024;

/** Speaks the API on 127.0.0.1. Every request is worked on by itself: a slow one holds up no other. */
export async function startWireServer(port: number, parts: WireServerParts): Promise<WireServer> {
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const arrivals: ApiRequest[] = [];
  const underWay = new Set<string>();
  const working = new Set<Promise<void>>();

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const done = serve(request, response, { ...parts, closing: closing.signal, arrivals, underWay })
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        // What is not in the journal must not be answered, and what cannot be written cannot go on.
        parts.logger.error('simulator_failed', { error });
        throw error;
      })
      .finally(() => working.delete(done));
    working.add(done);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    connections: () => sockets.size,
    arrivals: () => arrivals,
    async close() {
      closing.abort();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await Promise.all(working);
    },
  };
}

interface Serving extends WireServerParts {
  readonly closing: AbortSignal;
  readonly arrivals: ApiRequest[];
  /** Keys whose request is being worked on. */
  readonly underWay: Set<string>;
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  { authority, journal, faults, now, apiKey, logger, closing, arrivals, underWay }: Serving,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === null) return;
  const request = readRequest(incoming.method ?? '', incoming.url ?? '', incoming.headers, body);
  if (incoming.headers.authorization !== `Bearer ${apiKey}`) {
    sendProblem(response, 401, 'api_key_invalid', 'Invalid API Key provided');
    return;
  }
  if (request === null) {
    sendProblem(response, 404, 'url_invalid', `Unrecognized request URL (${incoming.method ?? ''})`);
    return;
  }
  arrivals.push(request);
  const fault = faults.take(request);
  if (fault !== null) logger.info('simulator_fault', { fault: fault.type, request: request.kind });
  if (fault?.type === 'no_answer_not_executed') return;
  if (fault?.type === 'reset_before') {
    incoming.socket.resetAndDestroy();
    return;
  }
  if (fault?.type === 'rate_limited') {
    response.setHeader('Retry-After', String(fault.retryAfterS));
    sendProblem(response, 429, 'rate_limit', 'Too many requests hit the API too quickly.');
    return;
  }
  if (fault?.type === 'hold') await delay(fault.holdMs, undefined, { signal: closing });
  const key = request.key === null ? null : `${request.merchantAccount} ${request.key}`;
  if (key !== null && underWay.has(key)) {
    const message = 'There is currently another in-progress request using this key.';
    sendProblem(response, 409, 'idempotency_key_in_use', message, 'idempotency_error');
    return;
  }
  if (key !== null) underWay.add(key);
  try {
    const decision = authority.handle(request, now(), treatmentOf(fault));
    // A repeat may meet its first request on the way to the disk: lines are synced in order.
    await (decision.entry === null ? journal.settled() : journal.append(decision.entry));
    if (fault?.type === 'delay') await delay(fault.delayMs, undefined, { signal: closing });
    await answer(incoming.socket, response, request, decision, fault);
  } finally {
    if (key !== null) underWay.delete(key);
  }
}

function treatmentOf(fault: FaultAction | null): Parameters<Authority['handle']>[2] {
  return {
    decline: fault?.type === 'decline' ? fault.code : null,
    pending: fault?.type === 'pending',
    fails:
      fault?.type === 'error_executed'
        ? 'executed'
        : fault?.type === 'error_not_executed'
          ? 'not_executed'
          : null,
  };
}

async function answer(
  socket: Socket,
  response: ServerResponse,
  request: ApiRequest,
  { status, reply, replayed }: Decision,
  fault: FaultAction | null,
): Promise<void> {
  const said = fault?.type === 'wrong_amount' ? withAmount(reply, fault.amount) : reply;
  const text = JSON.stringify(said);
  switch (fault?.type) {
    case 'lose_answer':
      return;
    case 'reset_after':
      socket.resetAndDestroy();
      return;
    case 'garbage':
      socket.write('this is no HTTP\r\n\r\n');
      socket.end();
      return;
    case 'half_open':
      writeHead(response, status, text, request, replayed);
      response.write(text.slice(0, text.length / 2));
      return;
    case 'byte_by_byte':
      writeHead(response, status, text, request, replayed);
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
      return;
    case 'delay':
    case 'hold':
    case 'decline':
    case 'wrong_amount':
    case 'pending':
    case 'error_executed':
    case 'error_not_executed':
    case 'rate_limited':
    case 'reset_before':
    case 'no_answer_not_executed':
    case undefined:
      writeHead(response, status, text, request, replayed);
      response.end(text);
  }
}

function writeHead(
  response: ServerResponse,
  status: number,
  text: string,
  { key }: ApiRequest,
  replayed: boolean,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(key === null ? {} : { 'idempotency-key': key }),
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
  });
}

/** The answer names another amount than was executed. */
function withAmount(reply: Readonly<Record<string, unknown>>, amount: number): Record<string, unknown> {
  const named = ['amount', 'amount_capturable', 'amount_received'].filter(
    (name) => typeof reply[name] === 'number' && reply[name] !== 0,
  );
  return { ...reply, ...Object.fromEntries(named.map((name) => [name, amount])) };
}

function sendProblem(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  type = 'invalid_request_error',
): void {
  const text = JSON.stringify(renderProblem({ type, code, message }, null));
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** Null when the client went away before it had said everything, or says too much. */
async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > BODY_BYTES_MAX) {
        incoming.destroy();
        return null;
      }
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}
