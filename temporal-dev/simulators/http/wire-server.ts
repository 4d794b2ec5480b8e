import { setMaxListeners } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../platform/logger.ts';
import { slowness } from '../fault-script.ts';
import type { Journal } from '../journal.ts';
import { treatmentOf, type HttpFaultAction, type Treatment } from './faults.ts';

/** A request that was understood as far as its path goes. */
export interface KeyedRequest {
  readonly kind: string;
  readonly merchantAccount: string;
  readonly key: string | null;
}

type Reply = Readonly<Record<string, unknown>>;

/** An answer, and the line that must be on the disk before it leaves. */
export interface Decision<Entry> {
  readonly entry: Entry | null;
  readonly status: number;
  readonly reply: Reply;
  /** From what the key holds. */
  readonly replayed: boolean;
}

/** An answer to what is turned away before it is looked at. */
export interface Problem {
  readonly status: number;
  readonly reply: Reply;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one HTTP API is, on the machinery that all of them share. */
export interface Api<Request extends KeyedRequest, Entry> {
  /** Null when there is no such endpoint. */
  read(method: string, url: string, headers: IncomingHttpHeaders, body: string): Request | null;
  authorized(headers: IncomingHttpHeaders): boolean;
  readonly problems: Readonly<Record<'unauthorized' | 'not_found' | 'rate_limited' | 'in_progress', Problem>>;
  /** What a request that is not valid is answered. */
  readonly turnedAway: (code: string) => Problem;
  handle(request: Request, at: Date, treatment: Treatment): Decision<Entry>;
  headersOf(request: Request, replayed: boolean): Readonly<Record<string, string>>;
  /** The answer, naming another amount than was executed. */
  readonly withAmount: (reply: Reply, amount: number) => Reply;
  /** The answer, as it would be about the same thing asked for by somebody else. */
  readonly withReference: (reply: Reply) => Reply;
  /** Runs when the line is on the disk, before the answer leaves. */
  readonly executed?: (decision: Decision<Entry>) => Promise<void>;
}

export interface WireServerParts<Request extends KeyedRequest, Entry> {
  readonly api: Api<Request, Entry>;
  readonly journal: Journal<Entry>;
  readonly faults: { take(request: Request): HttpFaultAction | null };
  /** Its own clock: keys grow old by it. */
  readonly now: () => Date;
  readonly logger: Logger;
}

export interface WireServer<Request> {
  readonly port: number;
  readonly connections: () => number;
  /** Requests that arrived so far, by kind; also those that were thrown away. */
  readonly arrivals: () => readonly Request[];
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64 * 1_024;

/** Speaks the API on 127.0.0.1. Every request is worked on by itself: a slow one holds up no other. */
export async function startWireServer<Request extends KeyedRequest, Entry>(
  port: number,
  parts: WireServerParts<Request, Entry>,
): Promise<WireServer<Request>> {
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const arrivals: Request[] = [];
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

interface Serving<Request extends KeyedRequest, Entry> extends WireServerParts<Request, Entry> {
  readonly closing: AbortSignal;
  readonly arrivals: Request[];
  /** Keys whose request is being worked on. */
  readonly underWay: Set<string>;
}

async function serve<Request extends KeyedRequest, Entry>(
  incoming: IncomingMessage,
  response: ServerResponse,
  { api, journal, faults, now, logger, closing, arrivals, underWay }: Serving<Request, Entry>,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === null) return;
  const request = api.read(incoming.method ?? '', incoming.url ?? '', incoming.headers, body);
  if (!api.authorized(incoming.headers)) {
    sendProblem(response, api.problems.unauthorized);
    return;
  }
  if (request === null) {
    sendProblem(response, api.problems.not_found);
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
    sendProblem(response, api.problems.rate_limited);
    return;
  }
  if (fault?.type === 'echo_card') {
    sendProblem(response, quoting(api.problems.unauthorized, body));
    return;
  }
  if (fault?.type === 'turned_away' && !fault.executed) {
    sendProblem(response, api.turnedAway(fault.code));
    return;
  }
  if (fault?.type === 'hold') await delay(fault.holdMs, undefined, { signal: closing });
  const key = request.key === null ? null : `${request.merchantAccount} ${request.key}`;
  if (key !== null && underWay.has(key)) {
    sendProblem(response, api.problems.in_progress);
    return;
  }
  if (key !== null) underWay.add(key);
  try {
    const decision = api.handle(request, now(), treatmentOf(fault));
    // A repeat may meet its first request on the way to the disk: lines are synced in order.
    await (decision.entry === null ? journal.settled() : journal.append(decision.entry));
    await api.executed?.(decision);
    if (fault?.type === 'turned_away') {
      sendProblem(response, api.turnedAway(fault.code));
      return;
    }
    if (fault?.type === 'delay') await delay(fault.delayMs, undefined, { signal: closing });
    if (fault?.type === 'slow') await delay(slowness(fault), undefined, { signal: closing });
    const text = JSON.stringify(saidOf(api, decision.reply, fault));
    const head = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...api.headersOf(request, decision.replayed),
    };
    await answer(incoming.socket, response, { status: decision.status, head, text }, fault);
  } finally {
    if (key !== null) underWay.delete(key);
  }
}

/** What the answer says, which need not be what was done. */
function saidOf(
  { withAmount, withReference }: Pick<Api<never, never>, 'withAmount' | 'withReference'>,
  reply: Reply,
  fault: HttpFaultAction | null,
): Reply {
  if (fault?.type === 'wrong_amount') return withAmount(reply, fault.amount);
  return fault?.type === 'wrong_reference' ? withReference(reply) : reply;
}

interface Answer {
  readonly status: number;
  readonly head: Readonly<Record<string, string | number>>;
  readonly text: string;
}

async function answer(
  socket: Socket,
  response: ServerResponse,
  { status, head, text }: Answer,
  fault: HttpFaultAction | null,
): Promise<void> {
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
      response.writeHead(status, head);
      response.write(text.slice(0, text.length / 2));
      return;
    case 'byte_by_byte':
      response.writeHead(status, head);
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
    case 'wrong_reference':
    case 'slow':
    case 'pending':
    case 'error_executed':
    case 'error_not_executed':
    case 'rate_limited':
    case 'echo_card':
    case 'turned_away':
    case 'reset_before':
    case 'no_answer_not_executed':
    case undefined:
      response.writeHead(status, head);
      response.end(text);
  }
}

/** The problem with the card number of the request in its message, wherever it has one. */
function quoting({ reply, ...rest }: Problem, body: string): Problem {
  const number = /\d{13,19}/.exec(body)?.[0] ?? 'none';
  const text = JSON.stringify(reply).replace(
    /("message":")([^"]*)/,
    (_, name: string, message: string) => `${name}${message}: card ${number}`,
  );
  return { ...rest, reply: JSON.parse(text) as Reply };
}

function sendProblem(response: ServerResponse, { status, reply, headers = {} }: Problem): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(reply));
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
