import type {
  AttemptAnswer,
  AttemptRecord,
  AttemptState,
  AttemptStore,
} from '../../../activities/acquirers/attempts.ts';
import type { CardSource } from '../../../activities/acquirers/cards.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { AttemptId, CardToken, MerchantId, PaymentId } from '../../../workflows/domain/ids.ts';
import { POLICIES } from '../../../workflows/domain/inquiry.ts';
import { CARRIES_SECURITY_CODE, type AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { AuthorizationType } from '../../../workflows/domain/payment.ts';
import type { AttemptRef } from '../../../workflows/ports/acquirer.ts';
import type { AcquirerAccount, PlanRequest, WireFields, WirePlanner } from '../../../workflows/ports/wire.ts';

/** An attempt row in memory, for tests of a wire only; the real one is a table. */
export interface MemoryAttempt {
  readonly ref: AttemptRef;
  readonly kind: AttemptKind;
  readonly amount: bigint;
  readonly currency: string;
  readonly wire: WireFields;
  readonly cardNumber: string;
  state: AttemptState;
  sends: number;
  acquirerReference: string | null;
  answer: AttemptAnswer | null;
  lateAnswer: AttemptAnswer | null;
  note: { readonly responseCode: string | null; readonly reason: string } | null;
}

export interface PlanOptions {
  readonly card?: string;
  readonly currency?: string;
  readonly original?: MemoryAttempt | null;
  /** What it is called; of a reversal after what it undoes, of others by their number, unless told. */
  readonly id?: AttemptId;
  readonly remaining?: bigint | null;
  readonly standing?: PlanRequest['standing'];
  /** All that is authorized, increments included. */
  readonly authorized?: bigint | null;
  readonly authorizationType?: AuthorizationType;
}

export const silent: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** Attempt rows, their store and the vault of one test, and the planning that the ledger does. */
export function createMemoryAttempts(
  planner: WirePlanner,
  account: AcquirerAccount,
  { fencesByReversal, inFlightMs }: { readonly fencesByReversal: boolean; readonly inFlightMs: number },
) {
  const rows = new Map<string, MemoryAttempt>();
  const vault = {
    burnt: [] as PaymentId[],
    released: [] as AttemptId[],
    /** Attempts that need no number any more. */
    spent: [] as AttemptId[],
    /** The grants that were shown. */
    grants: [] as (string | null)[],
    fails: null as Error | null,
    cvv: '123' as string | null,
  };
  /** Runs between markSending and the write: what a stopped worker sleeps through. */
  const hooks = { afterMarkSending: () => {}, afterRecordRepeat: () => {} };
  /** Makes every sent attempt look that much older (ms). */
  const age = { ms: 0 };

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

  function recordOf(row: MemoryAttempt | undefined): AttemptRecord | null {
    if (row === undefined) return null;
    return {
      kind: row.kind,
      state: row.state,
      amount: row.amount,
      currency: row.currency,
      wire: row.wire,
      onUnknown: POLICIES[planner.capabilities.inquiry][row.kind],
      acquirerReference: row.acquirerReference,
      sentForMs: row.sends === 0 ? null : age.ms,
      inFlightMs,
      sendWithinMs: 10_000 - age.ms,
      account,
      fencesByReversal,
      card: { token: 'card_test' as CardToken, expiryMonth: 12, expiryYear: 2034 },
      outcome: row.answer?.outcome ?? null,
      responseCode: row.answer?.responseCode ?? row.note?.responseCode ?? null,
      reason: row.answer?.reason ?? row.note?.reason ?? null,
    };
  }

  const store: AttemptStore = {
    load: ({ attempt }) => Promise.resolve(recordOf(rows.get(attempt))),
    async markSending(ref) {
      await Promise.resolve();
      const won = changed(ref, ['planned'], (row) => {
        row.state = 'sending';
        row.sends += 1;
      });
      hooks.afterMarkSending();
      return won;
    },
    noteReference: (ref, reference) =>
      Promise.resolve(
        changed(ref, ['planned', 'sending'], (row) => {
          row.acquirerReference ??= reference;
        }) && rows.get(ref.attempt)?.acquirerReference === reference,
      ),
    fenceUnsent: (ref) =>
      Promise.resolve(changed(ref, ['sending', 'fenced'], (row) => (row.state = 'fenced'))),
    async recordRepeat(ref) {
      await Promise.resolve();
      const counted = changed(ref, ['sending'], (row) => (row.sends += 1));
      hooks.afterRecordRepeat();
      return counted;
    },
    async recordAnswer(ref, answer) {
      await Promise.resolve();
      const recorded = changed(ref, ['sending'], (row) => {
        row.state = 'answered';
        row.answer = answer;
        row.acquirerReference ??= answer.acquirerReference;
      });
      if (recorded) return 'recorded';
      changed(ref, ['answered', 'reversing', 'reversed', 'fenced'], (row) => {
        row.lateAnswer = answer;
        row.acquirerReference ??= answer.acquirerReference;
      });
      return 'late';
    },
    async takeLate(ref, answer) {
      await Promise.resolve();
      const row = rows.get(ref.attempt);
      if (row?.state === 'answered' && row.answer?.outcome === answer.outcome) return 'known';
      if (row?.state === 'sending') {
        row.state = 'answered';
        row.answer = answer;
        return 'recorded';
      }
      if (row !== undefined) {
        row.lateAnswer = answer;
        row.acquirerReference ??= answer.acquirerReference;
      }
      return 'late';
    },
    noteUnknown: (ref, { acquirerReference, ...note }) =>
      Promise.resolve(
        void changed(ref, ['sending'], (row) => {
          row.note = note;
          row.acquirerReference ??= acquirerReference;
        }),
      ),
  };
  const cards: CardSource = {
    detokenize({ attempt, grant }) {
      vault.grants.push(grant);
      if (vault.fails !== null) return Promise.reject(vault.fails);
      const number = rows.get(attempt)?.cardNumber ?? '';
      return Promise.resolve({ number, expiryMonth: 12, expiryYear: 2034, cvv: vault.cvv });
    },
    release: ({ attempt }) => Promise.resolve(void vault.released.push(attempt)),
    async burn({ payment, answered }) {
      await Promise.resolve();
      if (answered !== undefined) vault.spent.push(answered);
      const kind = answered === undefined ? 'sale' : (rows.get(answered)?.kind ?? 'sale');
      if (CARRIES_SECURITY_CODE[kind]) vault.burnt.push(payment);
    },
  };

  let count = 0;
  /** Plans an attempt the way the ledger does: its row is there before anything is sent. */
  async function plan(
    kind: AttemptKind,
    amount: bigint,
    {
      card = '4242424242424242',
      currency = 'EUR',
      original = null,
      id,
      remaining = null,
      standing = { authorized: original?.amount ?? 0n, captured: 0n },
      authorized = null,
      authorizationType = 'final',
    }: PlanOptions = {},
  ): Promise<MemoryAttempt> {
    const wire = await planner.plan({
      account,
      kind,
      amount,
      currency,
      at: new Date(),
      original:
        original === null
          ? null
          : {
              id: original.ref.attempt,
              kind: original.kind,
              amount: original.amount,
              wire: original.wire,
              approvalCode: original.answer?.approvalCode ?? null,
              networkReference: original.answer?.networkReference ?? null,
              acquirerReference: original.acquirerReference,
            },
      remaining,
      standing,
      ...(authorized === null ? {} : { authorized }),
      authorizationType,
    });
    count += 1;
    const row: MemoryAttempt = {
      ref: {
        merchant: 'mer_test' as MerchantId,
        payment: `pay_${count}` as PaymentId,
        // As reversalIdOf names it.
        attempt:
          id ??
          ((kind === 'reversal' && original !== null
            ? `${original.ref.attempt}_reversal`
            : `att_${count}`) as AttemptId),
      },
      kind,
      amount,
      currency,
      wire,
      cardNumber: original?.cardNumber ?? card,
      state: 'planned',
      sends: 0,
      acquirerReference: null,
      answer: null,
      lateAnswer: null,
      note: null,
    };
    rows.set(row.ref.attempt, row);
    return row;
  }

  return { rows, store, cards, vault, hooks, age, plan };
}
