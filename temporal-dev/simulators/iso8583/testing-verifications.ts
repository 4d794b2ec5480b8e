import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createIso8583Planner,
  createIso8583Verification,
  createLinkPool,
  createNumberBlocks,
} from '../../../activities/acquirers/iso8583/index.ts';
import type {
  VerificationAttemptRef,
  VerificationAttemptStore,
  VerificationRecord,
  VerificationReply,
} from '../../../activities/acquirers/verification-attempts.ts';
import type { VerifyDependencies } from '../../../activities/acquirers/verify.ts';
import type {
  AcquirerAccountId,
  AttemptId,
  CardToken,
  MerchantId,
  VerificationId,
} from '../../../workflows/domain/ids.ts';
import type { CallResult } from '../../../workflows/ports/acquirer.ts';
import type { WireFields } from '../../../workflows/ports/wire.ts';
import { silent } from '../testing/memory-attempts.ts';
import { startSimulator, type Simulator } from './server.ts';

const ACQUIRER = 'acquirer-1';
/** How long an answer is waited for (ms). */
const CALL_LIMIT_MS = 10_000;
/** Below the delay of the tests that want to be late. */
const IMPATIENT_LIMIT_MS = 1_000;

/** A row of verification_attempts in memory. */
export interface MemoryVerification {
  readonly ref: VerificationAttemptRef;
  readonly wire: WireFields;
  readonly number: string;
  state: VerificationRecord['state'];
  reply: VerificationReply | null;
  givenUp: boolean;
}

export interface VerificationHarness {
  readonly simulator: Simulator;
  readonly vault: {
    readonly burnt: VerificationId[];
    readonly spent: AttemptId[];
    readonly released: AttemptId[];
    fails: Error | null;
  };
  sendWithinMs: number;
  /** Called when an attempt fetches its card. */
  onCard: () => void;
  plan(number?: string): Promise<MemoryVerification>;
  verify(attempt: Pick<MemoryVerification, 'ref'>): Promise<CallResult>;
  /** The same, for a call that is meant to run into its limit. */
  verifyImpatiently(attempt: Pick<MemoryVerification, 'ref'>): Promise<CallResult>;
  stop(): Promise<void>;
}

/** The adapter of verifications and a simulator, on real sockets, with rows and cards in memory. */
export async function startVerificationHarness(): Promise<VerificationHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  const journalPath = join(folder, 'journal.jsonl');
  const simulator = await startSimulator({
    port: 0,
    controlPort: 0,
    journalPath,
    slowMs: 100,
    logger: silent,
  });
  const pool = createLinkPool({
    acquirer: ACQUIRER,
    host: '127.0.0.1',
    port: simulator.port,
    connections: 1,
    logger: silent,
    onStray: () => undefined,
  });
  let next = 1n;
  const planner = createIso8583Planner({
    blocks: createNumberBlocks({
      lease(_series, size) {
        const first = next;
        next += BigInt(size);
        return Promise.resolve(first);
      },
    }),
  });
  const account = {
    id: 'aca_test' as AcquirerAccountId,
    acquirer: ACQUIRER,
    merchantAccount: 'MERCHANT1',
    mcc: '5999',
    iso8583: { institution: '400123', terminals: ['TERM0001'], acceptorName: 'EXAMPLE SHOP AMSTERDAM NL' },
  };
  const rows = new Map<string, MemoryVerification>();
  const vault: VerificationHarness['vault'] = { burnt: [], spent: [], released: [], fails: null };

  const moved = (
    { attempt }: VerificationAttemptRef,
    from: readonly MemoryVerification['state'][],
    change: (row: MemoryVerification) => void,
  ): Promise<boolean> => {
    const row = rows.get(attempt);
    if (row === undefined || !from.includes(row.state)) return Promise.resolve(false);
    change(row);
    return Promise.resolve(true);
  };
  const store: VerificationAttemptStore = {
    load({ attempt }) {
      const row = rows.get(attempt);
      if (row === undefined) return Promise.resolve(null);
      return Promise.resolve({
        number: 1,
        state: row.state,
        outcome: row.reply?.outcome ?? null,
        responseCode: row.reply?.responseCode ?? null,
        reason: null,
        acquirer: ACQUIRER,
        account: account.id,
        wire: row.wire,
        sendWithinMs: harness.sendWithinMs,
        card: { token: 'card_test' as CardToken, expiryMonth: 12, expiryYear: 2034 },
      });
    },
    markSending: (ref) => moved(ref, ['planned'], (row) => (row.state = 'sending')),
    fenceUnsent: (ref) => moved(ref, ['sending', 'fenced'], (row) => (row.state = 'fenced')),
    recordReply: (ref, reply) =>
      moved(ref, ['sending'], (row) => Object.assign(row, { state: 'answered', reply })),
    async giveUp(ref) {
      await moved(ref, ['sending'], (row) => (row.givenUp = true));
    },
  };
  const cards: VerifyDependencies['cards'] = {
    detokenize({ attempt }) {
      harness.onCard();
      if (vault.fails !== null) return Promise.reject(vault.fails);
      const number = rows.get(attempt)?.number ?? '';
      return Promise.resolve({ number, expiryMonth: 12, expiryYear: 2034, cvv: '123' });
    },
    release: ({ attempt }) => Promise.resolve(void vault.released.push(attempt)),
    async burn({ payment, answered }) {
      await Promise.resolve();
      if (answered === undefined) vault.burnt.push(payment);
      else vault.spent.push(answered);
    },
  };
  const activitiesWithin = (callLimitMs: number) =>
    createIso8583Verification({
      verifications: store,
      cards,
      logger: silent,
      poolOf: () => pool,
      callLimitMs,
      linkWaitMs: 2_000,
    });
  const activities = activitiesWithin(CALL_LIMIT_MS);
  const impatient = activitiesWithin(IMPATIENT_LIMIT_MS);

  const harness: VerificationHarness = {
    simulator,
    vault,
    sendWithinMs: 10_000,
    onCard: () => undefined,
    async plan(number = '4242424242424242') {
      if (planner.planVerification === null) throw new Error('this wire verifies cards');
      const count = rows.size + 1;
      const row: MemoryVerification = {
        ref: {
          merchant: 'mer_test' as MerchantId,
          verification: `ver_${count}` as VerificationId,
          attempt: `att_ver_${count}` as AttemptId,
        },
        wire: await planner.planVerification({ account, currency: 'EUR', at: new Date() }),
        number,
        state: 'planned',
        reply: null,
        givenUp: false,
      };
      rows.set(row.ref.attempt, row);
      return row;
    },
    verify: ({ ref }) => activities.verify({ ...ref, grant: 'a grant' }),
    verifyImpatiently: ({ ref }) => impatient.verify({ ...ref, grant: 'a grant' }),
    async stop() {
      await pool.drain(100);
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return harness;
}
