import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../platform/logger.ts';
import type { CommandId, MerchantId, PaymentId } from '../workflows/domain/ids.ts';
import { createRing, type CommandRef, type Ring } from './ring.ts';
import { deferred } from './testing/deferred.ts';

// Ringing never fails a request, and never rings one payment more often than the server admits.

const quiet: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
const never = new AbortController().signal;
const command = (payment: number, number: number): CommandRef => ({
  merchant: 'mer_1' as MerchantId,
  payment: `pay_${payment}` as PaymentId,
  command: `cmd_${number}` as CommandId,
});

function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details, metadata: {} });
}

/** A client whose updates end as `update` does. */
function ringThrough(update: () => Promise<unknown>): Ring {
  const client = {
    withDeadline: (_at: number, run: () => Promise<unknown>) => run(),
    workflow: { executeUpdateWithStart: update },
  };
  return createRing({ client: client as unknown as Client }, quiet);
}

describe('a ring', () => {
  it.each([
    ['returned', () => Promise.resolve({ state: 'answered' })],
    ['late', () => Promise.reject(new WorkflowUpdateRPCTimeoutOrCancelledError('deadline'))],
    ['unreachable', () => Promise.reject(new Error('14 UNAVAILABLE'))],
    // Other processes ring too, and the server counts all of them.
    ['busy', () => Promise.reject(new ServiceError('failed', { cause: grpcError(8, 'ten are in flight') }))],
    ['busy', () => Promise.reject(grpcError(10, 'workflow update was aborted'))],
    [
      'busy',
      () => Promise.reject(new WorkflowNotFoundError('workflow update was aborted', 'pay_1', undefined)),
    ],
    ['busy', () => Promise.reject(new WorkflowUpdateFailedError('Workflow Update failed', undefined))],
    ['unreachable', () => Promise.reject(grpcError(14, 'unavailable'))],
  ])('is %s', async (outcome, update) => {
    expect(await ringThrough(update)(command(1, 1), 5_000, never)).toBe(outcome);
  });

  it('is late when its time is over, though it goes on', async () => {
    const open = deferred<unknown>();
    expect(await ringThrough(() => open.promise)(command(1, 1), 0, never)).toBe('late');
    open.resolve(null);
  });

  it('is late at once when the process leaves', async () => {
    const leaving = new AbortController();
    const open = deferred<unknown>();
    const rung = ringThrough(() => open.promise)(command(1, 1), 60_000, leaving.signal);
    leaving.abort();
    expect(await rung).toBe('late');
    open.resolve(null);
  });

  it('is one of at most eight of its payment; other payments are not kept waiting', async () => {
    const open = deferred<unknown>();
    const ring = ringThrough(() => open.promise);
    const first = Array.from({ length: 8 }, (_, number) => ring(command(1, number), 60_000, never));
    expect(await ring(command(1, 9), 60_000, never)).toBe('busy');
    const other = ring(command(2, 1), 60_000, never);
    open.resolve(null);
    expect(new Set(await Promise.all([...first, other]))).toEqual(new Set(['returned']));
    expect(await ring(command(1, 9), 60_000, never)).toBe('returned');
  });
});
