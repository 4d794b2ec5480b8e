import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpConnections } from '../../../activities/acquirers/http.ts';
import {
  createStripeActivities,
  createStripeClient,
  createStripePlanner,
} from '../../../activities/acquirers/stripe/index.ts';
import type { AcquirerAccountId } from '../../../workflows/domain/ids.ts';
import type { AcquirerActivities, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { AcquirerAccount } from '../../../workflows/ports/wire.ts';
import type { Logger } from '../../../platform/logger.ts';
import { createMemoryAttempts, silent, type MemoryAttempt } from '../testing/memory-attempts.ts';
import { startSimulator } from './server.ts';

const ACQUIRER = 'acquirer-3';
const API_KEY = 'sk_test_of_the_simulator';
export const MERCHANT_ACCOUNT = 'acct_test';
const account: AcquirerAccount = {
  id: 'aca_test' as AcquirerAccountId,
  acquirer: ACQUIRER,
  merchantAccount: MERCHANT_ACCOUNT,
  mcc: '5999',
  iso8583: null,
};

/** How long nothing that was sent can be under way, in these tests (ms). */
export const IN_FLIGHT_MS = 600_000;

/** The adapter and a simulator, on real sockets of 127.0.0.1, with rows and cards in memory. */
export async function startHarness({ callLimitMs = 20_000 }: { readonly callLimitMs?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'stripe-simulator-'));
  const journalPath = join(folder, 'journal.jsonl');
  const options = {
    controlPort: 0,
    journalPath,
    apiKey: API_KEY,
    refundsPendMs: null,
    events: null,
    logger: silent,
  };
  let simulator = await startSimulator({ ...options, port: 0 });
  const { port } = simulator;

  const planner = createStripePlanner();
  const memory = createMemoryAttempts(planner, account, {
    fencesByReversal: true,
    inFlightMs: IN_FLIGHT_MS,
  });
  const clock = { extraMs: 0 };
  const alarms: string[] = [];
  const logger: Logger = { ...silent, error: (event) => void alarms.push(event) };
  const http = createHttpConnections(4);
  const clientWithin = (limitMs: number, apiKey: string) =>
    createStripeClient({ url: `http://127.0.0.1:${port}`, apiKey }, http, limitMs);
  /** An intent is always waited for: only what could move money is given up early. */
  const activitiesWithin = (
    limitMs: number,
    { apiKey = API_KEY, intentLimitMs = callLimitMs } = {},
  ): AcquirerActivities =>
    createStripeActivities({
      store: memory.store,
      cards: memory.cards,
      client: {
        ...clientWithin(limitMs, apiKey),
        createIntent: (intent, request) => clientWithin(intentLimitMs, apiKey).createIntent(intent, request),
      },
      logger,
      onLateReply: () => {},
      monotonicMs: () => performance.now() + clock.extraMs,
    });
  const activities = activitiesWithin(callLimitMs);

  /** Commits the undoing of an attempt, as the ledger does, and sends it. */
  async function reverse(original: MemoryAttempt): Promise<{ reversal: MemoryAttempt; result: CallResult }> {
    original.state = 'reversing';
    const reversal = await memory.plan('reversal', original.amount, { original });
    return { reversal, result: await activities.reverse(reversal.ref) };
  }

  return {
    ...memory,
    activities,
    /** The same adapter, for calls that are meant to run into their limit. */
    impatient: activitiesWithin(500),
    activitiesWithin,
    alarms,
    clock,
    reverse,
    journalPath,
    simulator: () => simulator,
    /** What happened, without what only prepared it. */
    journal: () =>
      simulator
        .entries()
        .filter(({ kind }) => kind !== 'created')
        .map(({ kind, amount }) => ({ kind, amount })),
    async restartSimulator(): Promise<void> {
      await simulator.close();
      simulator = await startSimulator({ ...options, port });
    },
    /** Time goes by for the attempts and for the simulator. */
    pass(ms: number): void {
      memory.age.ms += ms;
      simulator.advance(ms);
    },
    async stop(): Promise<void> {
      http.close();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;
