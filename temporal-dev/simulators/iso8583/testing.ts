import { mkdtemp, rm } from 'node:fs/promises';
import type { TlsOptions } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createIso8583Activities,
  createIso8583Planner,
  createLinkPool,
  createNumberBlocks,
  type Iso8583Dependencies,
  type LinkPoolOptions,
} from '../../../activities/acquirers/iso8583/index.ts';
import type { AcquirerAccountId } from '../../../workflows/domain/ids.ts';
import type { AcquirerActivities, AttemptRef, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { AcquirerAccount } from '../../../workflows/ports/wire.ts';
import { createMemoryAttempts, silent, type MemoryAttempt } from '../testing/memory-attempts.ts';

export type { MemoryAttempt } from '../testing/memory-attempts.ts';
import { startSimulator } from './server.ts';

const ACQUIRER = 'acquirer-1';
const account: AcquirerAccount = {
  id: 'aca_test' as AcquirerAccountId,
  acquirer: ACQUIRER,
  merchantAccount: 'MERCHANT1',
  mcc: '5999',
  iso8583: { institution: '400123', terminals: ['TERM0001'], acceptorName: 'EXAMPLE SHOP AMSTERDAM NL' },
};

export interface HarnessOptions {
  readonly callLimitMs?: number;
  readonly linkWaitMs?: number;
  readonly connections?: number;
  readonly slowMs?: number;
  readonly echoIdleMs?: number;
  readonly fencesByReversal?: boolean;
  /** What the simulator shows, and what the link wants to see; left out = plain TCP, each. */
  readonly hostTls?: TlsOptions;
  readonly linkTls?: LinkPoolOptions['tls'];
  /** Instead of the simulator's. */
  readonly linkPort?: number;
  /** Hears what the link logs. */
  readonly onLog?: (event: string, fields: unknown) => void;
}

/** The adapter and a simulator, on real sockets of 127.0.0.1, with rows and cards in memory. */
export async function startHarness(options: HarnessOptions = {}) {
  const {
    callLimitMs = 10_000,
    linkWaitMs = 2_000,
    connections = 1,
    slowMs = 300,
    echoIdleMs = 30_000,
    fencesByReversal = true,
    hostTls,
    onLog = () => undefined,
  } = options;
  const said = (event: string, fields: unknown): void => {
    onLog(event, fields);
  };
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  const journalPath = join(folder, 'journal.jsonl');
  const settings = { controlPort: 0, journalPath, slowMs, logger: silent, tls: hostTls };
  let simulator = await startSimulator({ ...settings, port: 0 });
  const { port } = simulator;

  const late: { ref: AttemptRef; result: CallResult }[] = [];
  const clock = { extraMs: 0 };

  let next = 1n;
  const blocks = createNumberBlocks({
    lease(_series, size) {
      const first = next;
      next += BigInt(size);
      return Promise.resolve(first);
    },
  });
  const planner = createIso8583Planner({ blocks });
  const { store, cards, vault, hooks, plan } = createMemoryAttempts(planner, account, {
    fencesByReversal,
    inFlightMs: 600_000,
  });
  const pool = createLinkPool({
    onStray: () => undefined,
    acquirer: ACQUIRER,
    host: '127.0.0.1',
    port: options.linkPort ?? port,
    tls: options.linkTls,
    connections,
    logger: { error: said, warn: said, info: said, debug: said },
    echoIdleMs,
  });
  const dependencies: Omit<Iso8583Dependencies, 'callLimitMs'> = {
    store,
    cards,
    poolOf: (acquirer) => (acquirer === ACQUIRER ? pool : undefined),
    linkWaitMs,
    logger: silent,
    onLateReply: (ref, result) => void late.push({ ref, result }),
    monotonicMs: () => performance.now() + clock.extraMs,
  };
  const activities = createIso8583Activities({ ...dependencies, callLimitMs });
  /** The same adapter, for calls that are meant to run into their limit. */
  const impatient = createIso8583Activities({ ...dependencies, callLimitMs: 200 });

  /** Commits the undoing of an attempt, as the ledger does, and sends its reversal. */
  async function reverse(
    original: MemoryAttempt,
    by: AcquirerActivities = activities,
  ): Promise<{ reversal: MemoryAttempt; result: CallResult }> {
    original.state = 'reversing';
    const reversal = await plan('reversal', original.amount, { original });
    return { reversal, result: await by.reverse(reversal.ref) };
  }

  return {
    activities,
    impatient,
    pool,
    plan,
    reverse,
    vault,
    late,
    hooks,
    clock,
    journalPath,
    simulator: () => simulator,
    journal: () =>
      simulator.entries().map(({ kind, rrn, amount, responseCode }) => ({ kind, rrn, amount, responseCode })),
    async restartSimulator(pauseWhileDown: () => Promise<void> = () => Promise.resolve()) {
      await simulator.close();
      await pauseWhileDown();
      simulator = await startSimulator({ ...settings, port });
    },
    async stop() {
      await pool.drain(100);
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;

/** Waits for a condition; fails with what was awaited after the deadline. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > until) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
