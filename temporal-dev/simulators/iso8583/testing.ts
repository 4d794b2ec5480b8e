import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AttemptAnswer,
  AttemptRecord,
  AttemptState,
  AttemptStore,
} from '../../../activities/acquirers/attempts.ts';
import type { CardSource } from '../../../activities/acquirers/cards.ts';
import {
  createIso8583Activities,
  createIso8583Planner,
  createLinkPool,
  createNumberBlocks,
  type Iso8583Dependencies,
} from '../../../activities/acquirers/iso8583/index.ts';
import type { Logger } from '../../../platform/logger.ts';
import type {
  AcquirerAccountId,
  AttemptId,
  CardToken,
  MerchantId,
  PaymentId,
} from '../../../workflows/domain/ids.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { AuthorizationType } from '../../../workflows/domain/payment.ts';
import type { AcquirerActivities, AttemptRef, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { AcquirerAccount, WireFields } from '../../../workflows/ports/wire.ts';
import { startSimulator } from './server.ts';

/** An attempt row in memory, for tests of the wire only; the real one is a table. */
export interface MemoryAttempt {
  readonly ref: AttemptRef;
  readonly kind: AttemptKind;
  readonly amount: bigint;
  readonly wire: WireFields;
  readonly cardNumber: string;
  state: AttemptState;
  sends: number;
  answer: AttemptAnswer | null;
  lateAnswer: AttemptAnswer | null;
  note: { readonly responseCode: string | null; readonly reason: string } | null;
}

const ACQUIRER = 'acquirer-1';
const account: AcquirerAccount = {
  id: 'aca_test' as AcquirerAccountId,
  acquirer: ACQUIRER,
  institution: '400123',
  merchantAccount: 'MERCHANT1',
  terminals: ['TERM0001'],
  mcc: '5999',
  acceptorName: 'EXAMPLE SHOP AMSTERDAM NL',
};

const silent: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

export interface HarnessOptions {
  readonly callLimitMs?: number;
  readonly linkWaitMs?: number;
  readonly connections?: number;
  readonly slowMs?: number;
  readonly echoIdleMs?: number;
  readonly fencesByReversal?: boolean;
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
  } = options;
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  const journalPath = join(folder, 'journal.jsonl');
  let simulator = await startSimulator({ port: 0, controlPort: 0, journalPath, slowMs, logger: silent });
  const { port } = simulator;

  const rows = new Map<string, MemoryAttempt>();
  const vault = {
    burnt: [] as PaymentId[],
    released: [] as AttemptId[],
    fails: null as Error | null,
    cvv: '123' as string | null,
  };
  const late: { ref: AttemptRef; result: CallResult }[] = [];
  /** Runs between markSending and the write: what a stopped worker sleeps through. */
  const hooks = { afterMarkSending: () => {} };
  const clock = { extraMs: 0 };

  const changed = (
    { attempt }: AttemptRef,
    from: readonly AttemptState[],
    change: (row: MemoryAttempt) => void,
  ): boolean => {
    const row = rows.get(attempt);
    if (row === undefined || !from.includes(row.state)) return false;
    change(row);
    return true;
  };
  const store: AttemptStore = {
    load: ({ attempt }) => Promise.resolve(recordOf(rows.get(attempt), fencesByReversal)),
    async markSending(ref) {
      await Promise.resolve();
      const won = changed(ref, ['planned'], (row) => {
        row.state = 'sending';
        row.sends += 1;
      });
      hooks.afterMarkSending();
      return won;
    },
    fenceUnsent: (ref) =>
      Promise.resolve(changed(ref, ['sending', 'fenced'], (row) => (row.state = 'fenced'))),
    recordRepeat: (ref) => Promise.resolve(changed(ref, ['sending'], (row) => (row.sends += 1))),
    async recordAnswer(ref, answer) {
      await Promise.resolve();
      const recorded = changed(ref, ['sending'], (row) => {
        row.state = 'answered';
        row.answer = answer;
      });
      if (recorded) return 'recorded';
      changed(ref, ['answered', 'reversing', 'reversed', 'fenced'], (row) => (row.lateAnswer = answer));
      return 'late';
    },
    noteUnknown: (ref, note) => Promise.resolve(void changed(ref, ['sending'], (row) => (row.note = note))),
  };
  const cards: CardSource = {
    detokenize({ attempt }) {
      if (vault.fails !== null) return Promise.reject(vault.fails);
      const number = rows.get(attempt)?.cardNumber ?? '';
      return Promise.resolve({ number, expiryMonth: 12, expiryYear: 2034, cvv: vault.cvv });
    },
    release: ({ attempt }) => Promise.resolve(void vault.released.push(attempt)),
    burn: ({ payment }) => Promise.resolve(void vault.burnt.push(payment)),
  };

  let next = 1n;
  const blocks = createNumberBlocks({
    lease(_series, size) {
      const first = next;
      next += BigInt(size);
      return Promise.resolve(first);
    },
  });
  const planner = createIso8583Planner({ blocks });
  const pool = createLinkPool({
    acquirer: ACQUIRER,
    host: '127.0.0.1',
    port,
    connections,
    logger: silent,
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

  let count = 0;
  /** Plans an attempt the way the ledger does: its row is there before anything is sent. */
  async function plan(
    kind: AttemptKind,
    amount: bigint,
    {
      card = '4242424242424242',
      original = null,
      remaining = null,
      authorized = null,
      authorizationType = 'final',
    }: PlanOptions = {},
  ): Promise<MemoryAttempt> {
    const wire = await planner.plan({
      account,
      kind,
      amount,
      currency: 'EUR',
      at: new Date(),
      original:
        original === null
          ? null
          : {
              kind: original.kind,
              amount: original.amount,
              wire: original.wire,
              approvalCode: original.answer?.approvalCode ?? null,
              networkReference: original.answer?.networkReference ?? null,
            },
      remaining,
      ...(authorized === null ? {} : { authorized }),
      authorizationType,
    });
    count += 1;
    const row: MemoryAttempt = {
      ref: {
        merchant: 'mer_test' as MerchantId,
        payment: `pay_${count}` as PaymentId,
        attempt: `att_${count}` as AttemptId,
      },
      kind,
      amount,
      wire,
      cardNumber: original?.cardNumber ?? card,
      state: 'planned',
      sends: 0,
      answer: null,
      lateAnswer: null,
      note: null,
    };
    rows.set(row.ref.attempt, row);
    return row;
  }

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
      simulator = await startSimulator({ port, controlPort: 0, journalPath, slowMs, logger: silent });
    },
    async stop() {
      await pool.drain(100);
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;

interface PlanOptions {
  readonly card?: string;
  readonly original?: MemoryAttempt | null;
  readonly remaining?: bigint | null;
  /** All that is authorized, increments included. */
  readonly authorized?: bigint | null;
  readonly authorizationType?: AuthorizationType;
}

function recordOf(row: MemoryAttempt | undefined, fencesByReversal: boolean): AttemptRecord | null {
  if (row === undefined) return null;
  return {
    kind: row.kind,
    state: row.state,
    amount: row.amount,
    currency: 'EUR',
    wire: row.wire,
    sendWithinMs: 10_000,
    account,
    fencesByReversal,
    card: { token: 'card_test' as CardToken, expiryMonth: 12, expiryYear: 2034 },
    outcome: row.answer?.outcome ?? null,
    responseCode: row.answer?.responseCode ?? row.note?.responseCode ?? null,
    reason: row.answer?.reason ?? row.note?.reason ?? null,
  };
}

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
