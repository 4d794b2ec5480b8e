import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptStore } from '../../../activities/acquirers/attempts.ts';
import { persistently } from '../../../activities/acquirers/persistently.ts';
import type { AttemptKind, OutcomeClass } from '../../../workflows/domain/outcome.ts';
import type { AttemptRef } from '../../../workflows/ports/acquirer.ts';
import type { Reply, WalkAcquirer } from './acquirer.ts';
import type { Random } from './random.ts';

/** What happens to one message on its way there and back. */
const FATES = {
  answered: 70,
  /** Its worker dies before it begins. */
  never_begun: 4,
  /** Begun, called back before the first byte. */
  unsent: 4,
  request_lost: 4,
  answer_lost: 3,
  /** The answer comes after we have given up. */
  answered_late: 10,
  declined: 5,
} as const;
type Fate = keyof typeof FATES;

const PARTS = { whole: 100, less: 60, more: 130 } as const;
const PART_WEIGHTS = { whole: 85, less: 12, more: 3 } as const;

export type Ending = { readonly outcome: OutcomeClass; readonly reason: string | null };

/** Kinds whose message may be sent again while their answer is unknown. */
const REPEATED: Readonly<Record<AttemptKind, boolean>> = {
  authorization: false,
  sale: false,
  increment: false,
  capture: true,
  void: true,
  partial_void: true,
  refund: false,
  reversal: true,
};

/** More of a mistake than of a decline; it leaves the payment to a person. */
const ADVICES: ReadonlySet<AttemptKind> = new Set(['capture', 'void', 'partial_void']);

export interface Sender {
  /** Sends an attempt, or repeats it, as the acquirer's worker does (activities/acquirers). */
  send(ref: AttemptRef, random: Random): Promise<Ending>;
  /** Answers that are on their way to us, each given once. */
  readonly late: Map<string, () => Promise<void>>;
  /** Attempts whose answer is in their row. */
  readonly told: ReadonlySet<string>;
  /** From now on every message arrives and is answered. */
  calm(): void;
}

/** The acquirer's worker of the walk: the real attempt store, an acquirer in memory, a bad line between them. */
export function createSender(store: AttemptStore, acquirer: WalkAcquirer): Sender {
  const late = new Map<string, () => Promise<void>>();
  const told = new Set<string>();
  let isCalm = false;

  async function tell(ref: AttemptRef, reply: Reply): Promise<'recorded' | 'late'> {
    const recorded = await persistently(() =>
      store.recordAnswer(ref, {
        outcome: reply.outcome,
        responseCode: reply.code,
        approvalCode: reply.outcome === 'approved' ? 'A12345' : null,
        networkReference: null,
        acquirerReference: null,
        approvedAmount: reply.approved,
        settlementDate: null,
        remedy: null,
        avsResult: null,
        cvvResult: null,
        reason: null,
      }),
    );
    told.add(ref.attempt);
    return recorded;
  }

  return {
    late,
    told,
    calm() {
      isCalm = true;
    },
    async send(ref, random) {
      const row = await store.load(ref);
      if (row === null) throw new Error(`attempt ${ref.attempt} was never planned`);
      const { kind, state, outcome, amount } = row;
      if (state === 'answered' && outcome !== null) return { outcome, reason: 'answered before' };
      if (state === 'fenced') return { outcome: 'retryable', reason: 'fenced' };
      const isRepeat = state === 'sending' && REPEATED[kind];
      if (state !== 'planned' && !isRepeat) return { outcome: 'ambiguous', reason: `it is ${state}` };

      const fate: Fate = isCalm ? 'answered' : random.weighted(FATES);
      if (fate === 'never_begun') throw new Error('its worker died');
      const won = isRepeat ? await store.recordRepeat(ref) : await store.markSending(ref);
      if (!won) {
        const now = await store.load(ref);
        if (now?.state === 'fenced') return { outcome: 'retryable', reason: 'fenced' };
        return { outcome: 'ambiguous', reason: 'somebody else has it' };
      }
      await delay(random.int(0, 3));
      if (fate === 'unsent' && !isRepeat && kind !== 'reversal') {
        const fenced = await persistently(() => store.fenceUnsent(ref, 'not written'));
        return { outcome: fenced ? 'retryable' : 'ambiguous', reason: 'not written' };
      }
      if (fate === 'request_lost' || fate === 'unsent') return { outcome: 'ambiguous', reason: 'no answer' };

      const reply = acquirer.execute(
        { payment: ref.payment, attempt: ref.attempt, kind, amount },
        {
          declines: fate === 'declined' && (!ADVICES.has(kind) || random.chance(0.2)),
          part: isCalm ? 100 : PARTS[random.weighted(PART_WEIGHTS)],
        },
      );
      await delay(random.int(0, 3));
      if (fate === 'answer_lost') return { outcome: 'ambiguous', reason: 'no answer' };
      if (fate === 'answered_late') {
        late.set(ref.attempt, async () => {
          await tell(ref, reply);
        });
        return { outcome: 'ambiguous', reason: 'no answer in time' };
      }
      try {
        const recorded = await tell(ref, reply);
        return recorded === 'recorded'
          ? { outcome: reply.outcome, reason: null }
          : { outcome: 'ambiguous', reason: 'called something else already' };
      } catch {
        // Whether it is in the row nobody knows: it is given again.
        late.set(ref.attempt, async () => {
          await tell(ref, reply);
        });
        return { outcome: 'ambiguous', reason: 'the answer could not be recorded' };
      }
    },
  };
}
