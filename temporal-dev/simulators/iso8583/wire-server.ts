import { setMaxListeners } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';
import { CodecError, decode, encode, type Message } from '../../../activities/acquirers/iso8583/codec.ts';
import { createFrameDecoder, frame } from '../../../activities/acquirers/iso8583/frames.ts';
import type { Logger } from '../../../platform/logger.ts';
import { slowness } from '../fault-script.ts';
import { SYSTEM_MALFUNCTION, type Authority } from './authority.ts';
import type { FaultAction, Faults } from './faults.ts';
import type { Journal } from '../journal.ts';
import type { JournalEntry } from './journal-entry.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import { readFinancialRequest, type FinancialRequest } from './request.ts';

export interface WireServerParts {
  readonly authority: Authority;
  readonly journal: Journal<JournalEntry>;
  readonly faults: Faults;
  readonly logger: Logger;
  /** What it shows and asks for; left out = plain TCP. */
  readonly tls?: TlsOptions | undefined;
}

interface Serving extends WireServerParts {
  /** Aborted when the server closes: what waits then is never worked on. */
  readonly closing: AbortSignal;
  /** What is held; aborted when it is released. */
  readonly held: Set<AbortController>;
  readonly onEcho: () => void;
  readonly onSignOff: () => void;
}

export interface WireServer {
  readonly port: number;
  readonly connections: () => number;
  /** Echo requests answered so far. */
  readonly echoes: () => number;
  /** Sign-offs answered so far. */
  readonly signOffs: () => number;
  /** Looks now at what is held. */
  readonly release: () => void;
  close(): Promise<void>;
}

/** Bytes that a frame can carry and no message is. */
const GARBAGE = Buffer.from('this is not a message of ISO 8583', 'latin1');

/** Speaks the dialect on 127.0.0.1. Every message is worked on by itself: a slow one holds up no other. */
export async function startWireServer(port: number, parts: WireServerParts): Promise<WireServer> {
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  // Every message that waits listens.
  setMaxListeners(0, closing.signal);
  let echoes = 0;
  let signOffs = 0;
  const working = new Set<Promise<void>>();
  const held = new Set<AbortController>();
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const onEcho = (): number => (echoes += 1);
    const onSignOff = (): number => (signOffs += 1);
    serve(socket, { ...parts, closing: closing.signal, held, onEcho, onSignOff }, working);
  };
  const server =
    parts.tls === undefined
      ? createServer({ noDelay: true }, take)
      : createSecureServer({ ...parts.tls, noDelay: true }, take);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: portOf(server),
    connections: () => sockets.size,
    echoes: () => echoes,
    signOffs: () => signOffs,
    release: () => {
      for (const one of held) one.abort();
    },
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

function serve(socket: Socket, parts: Serving, working: Set<Promise<void>>): void {
  const { logger } = parts;
  const frames = createFrameDecoder();
  const outlet = createOutlet(socket);
  let signedOn = false;

  function receive(bytes: Buffer): void {
    const message = decode(bytes);
    if (message.type === '0800') {
      const code = message.fields[70];
      if (code === '001') signedOn = true;
      if (code === '301') parts.onEcho();
      if (code === '002') parts.onSignOff();
      send(outlet, networkReply(message));
      if (code === '002') outlet.end();
      return;
    }
    const request = readFinancialRequest(message);
    if (!signedOn || request === null) {
      logger.warn('simulator_message_refused', { mti: message.type, signed_on: signedOn });
      socket.destroy();
      return;
    }
    const done = work(outlet, request, parts)
      .catch((error: unknown) => {
        if (parts.closing.aborted) return;
        // What is not in the journal must not be answered, and what cannot be written cannot go on.
        logger.error('simulator_failed', { error });
        throw error;
      })
      .finally(() => working.delete(done));
    working.add(done);
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const bytes of frames.push(chunk)) receive(bytes);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      logger.warn('simulator_unreadable', { problem: error.kind, detail: error.message });
      socket.destroy();
    }
  });
  // A client that goes away is its own business.
  socket.on('error', () => socket.destroy());
}

async function work(
  outlet: Outlet,
  request: FinancialRequest,
  { authority, journal, faults, logger, closing, held }: Serving,
): Promise<void> {
  const fault = faults.take(request);
  if (fault !== null)
    logger.info('simulator_fault', { fault: fault.type, kind: request.kind, stan: request.stan });
  if (fault?.type === 'no_answer_not_executed') return;
  if (fault?.type === 'reset_before') {
    outlet.reset();
    return;
  }
  if (fault?.type === 'error_not_executed') {
    send(outlet, authority.unable(request));
    return;
  }
  if (fault?.type === 'hold') await hold(fault.holdMs, held, closing);

  const { entry, reply } = authority.handle(request, new Date(), {
    decline: fault?.type === 'decline' ? fault.code : null,
    approvedAmount: fault?.type === 'partial_approval' ? fault.amount : null,
  });
  // A repeat may meet its first message on the way to the disk: lines are synced in order, so wait for the last.
  await (entry === null ? journal.settled() : journal.append(entry));
  await answer(outlet, reply, fault, closing);
}

async function hold(ms: number, held: Set<AbortController>, closing: AbortSignal): Promise<void> {
  const released = new AbortController();
  held.add(released);
  try {
    await delay(ms, undefined, { signal: AbortSignal.any([released.signal, closing]) });
  } catch (error) {
    if (!released.signal.aborted) throw error;
  } finally {
    held.delete(released);
  }
}

async function answer(
  outlet: Outlet,
  reply: Message,
  fault: FaultAction | null,
  closing: AbortSignal,
): Promise<void> {
  switch (fault?.type) {
    case 'lose_answer':
      return;
    case 'reset_after':
      outlet.reset();
      return;
    case 'garbage':
      outlet.write(frame(GARBAGE));
      return;
    case 'duplicate_answer':
      send(outlet, reply);
      send(outlet, reply);
      return;
    case 'wrong_reference':
      send(outlet, { ...reply, fields: { ...reply.fields, 11: otherStan(reply.fields[11] ?? '') } });
      return;
    case 'wrong_amount':
      send(outlet, { ...reply, fields: { ...reply.fields, 4: String(fault.amount).padStart(12, '0') } });
      return;
    case 'byte_by_byte':
      outlet.trickle(frame(encode(reply)));
      return;
    case 'half_open':
      outlet.stop(frame(encode(reply)));
      return;
    case 'error_executed':
      send(outlet, failureOf(reply));
      return;
    case 'slow':
      await delay(slowness(fault), undefined, { signal: closing });
      send(outlet, reply);
      return;
    case 'delay':
      await delay(fault.delayMs, undefined, { signal: closing });
      send(outlet, reply);
      return;
    case 'hold':
    case 'decline':
    case 'partial_approval':
    case 'error_not_executed':
    case 'no_answer_not_executed':
    case 'reset_before':
    case undefined:
      send(outlet, reply);
  }
}

/** The answer of a host that failed after it had done what was asked. */
function failureOf({ type, fields }: Message): Message {
  const { 38: _approvalCode, 48: _additional, ...rest } = fields;
  return { type, fields: { ...rest, 39: SYSTEM_MALFUNCTION } };
}

function otherStan(stan: string): string {
  return String((Number(stan) + 500_000) % 1_000_000).padStart(6, '0');
}

function networkReply({ fields }: Message): Message {
  const { 7: at, 11: stan, 70: code } = fields;
  return {
    type: '0810',
    fields: {
      ...(at === undefined ? {} : { 7: at }),
      ...(stan === undefined ? {} : { 11: stan }),
      39: '00',
      ...(code === undefined ? {} : { 70: code }),
    },
  };
}

function send(outlet: Outlet, message: Message): void {
  outlet.write(frame(encode(message)));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
