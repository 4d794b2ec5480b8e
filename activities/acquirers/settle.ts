import { atBoundary, crashPoint } from '../../platform/crash-points.ts';
import type { Logger } from '../../platform/logger.ts';
import { CARRIES_SECURITY_CODE, type AttemptKind } from '../../workflows/domain/outcome.ts';
import type { AttemptRef, CallResult } from '../../workflows/ports/acquirer.ts';
import type { AttemptAnswer, AttemptRecord, AttemptStore } from './attempts.ts';
import type { CardSource } from './cards.ts';
import { persistently } from './persistently.ts';
import type { Exchange } from './wire.ts';

export interface SettleDependencies {
  readonly store: AttemptStore;
  readonly cards: CardSource;
  readonly logger: Logger;
  /** An answer that came after its call had ended, once it is in the attempt's row. */
  readonly onLateReply: (attempt: AttemptRef, result: CallResult) => void;
}

/** One message that was written, or asked about. */
interface Sent {
  readonly ref: AttemptRef;
  readonly attempt: AttemptRecord;
}

/** What is done with the end of a message, whenever it comes. */
interface Settlement {
  finish(sent: Sent, result: Exchange): Promise<CallResult>;
  late(sent: Sent, answer: AttemptAnswer): Promise<void>;
  /** Ends the payment's security code, where the kind may have carried one. */
  burn(ref: AttemptRef, kind: AttemptKind): Promise<void>;
  /** The attempt's answer is recorded: it needs no number any more, and the payment no security code. */
  spend(ref: AttemptRef): Promise<void>;
  /** Gives it back: the attempt is proven unsent. */
  release(ref: AttemptRef, kind: AttemptKind): Promise<void>;
}

export function createSettlement({ store, cards, logger, onLateReply }: SettleDependencies): Settlement {
  /** Writes a checked answer where it belongs; whatever cannot be written stays unknown. */
  async function record({ ref, attempt }: Sent, answer: AttemptAnswer): Promise<CallResult> {
    crashPoint('answer-read', 'after');
    const { outcome, responseCode, reason, acquirerReference } = answer;
    const result: CallResult = { outcome, responseCode, reason };
    if (reason === 'approved_amount_above_request') {
      logger.error('acquirer_approved_too_much', {
        ...ref,
        asked: attempt.amount,
        approved: answer.approvedAmount,
      });
    }
    try {
      if (isOpen(attempt, answer)) {
        const note = {
          responseCode,
          reason: reason ?? `response ${responseCode ?? 'none'}`,
          acquirerReference,
        };
        await persistently(() => store.noteUnknown(ref, note));
        return result;
      }
      const recorded = await atBoundary('answer-row', () =>
        persistently(() => store.recordAnswer(ref, answer)),
      );
      if (recorded === 'recorded') return result;
      return {
        ...ambiguous('answered when it was called something else already; kept as late answer'),
        responseCode,
      };
    } catch (error) {
      logger.error('acquirer_answer_not_recorded', { ...ref, outcome, response_code: responseCode, error });
      return { ...ambiguous('the answer came and could not be recorded'), responseCode, ours: true };
    }
  }

  async function burn({ merchant, payment }: AttemptRef, kind: AttemptKind): Promise<void> {
    if (CARRIES_SECURITY_CODE[kind])
      await quietly('security_code_not_burnt', payment, () => cards.burn({ merchant, payment }));
  }

  async function spend({ merchant, payment, attempt }: AttemptRef): Promise<void> {
    await quietly('attempt_not_spent', payment, () => cards.burn({ merchant, payment, answered: attempt }));
  }

  async function release(ref: AttemptRef, kind: AttemptKind): Promise<void> {
    if (CARRIES_SECURITY_CODE[kind])
      await quietly('security_code_not_released', ref.payment, () => cards.release(ref));
  }

  /** The vault ends a security code by itself at its time limit: not reaching it changes no outcome. */
  async function quietly(event: string, payment: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      logger.warn(event, { payment, error });
    }
  }

  return {
    async finish(sent, result) {
      const { ref, attempt } = sent;
      if (result.type === 'answered' && !isOpen(attempt, result.answer)) {
        const ended = await record(sent, result.answer);
        // What could not be recorded is asked again: the attempt is not over, only its security code.
        await (ended.outcome === result.answer.outcome ? spend(ref) : burn(ref, attempt.kind));
        return ended;
      }
      const burnt = burn(ref, attempt.kind);
      const ended = result.type === 'answered' ? await record(sent, result.answer) : ambiguous(result.reason);
      await burnt;
      return ended;
    },
    async late({ ref, attempt }, answer) {
      const { outcome, responseCode, reason } = answer;
      // What says that the answer will come, or says nothing, is no answer.
      if (isOpen(attempt, answer)) {
        logger.warn('acquirer_late_answer_is_none', { ...ref, outcome, response_code: responseCode, reason });
        return;
      }
      try {
        const taken = await persistently(() => store.takeLate(ref, answer));
        const found = { ...ref, outcome, response_code: responseCode, taken };
        // An approval that the payment does not stand on is undone by itself; somebody should know.
        if (taken === 'late' && outcome === 'approved') logger.error('acquirer_late_approval', found);
        else logger.warn('acquirer_late_answer', found);
        if (taken !== 'known') onLateReply(ref, { outcome, responseCode, reason });
      } catch (error) {
        logger.error('acquirer_late_answer_lost', { ...ref, error });
      }
    },
    burn,
    spend,
    release,
  };
}

/** Whether the answer is no end yet: the attempt stays `sending`, and what is known is noted. */
function isOpen({ kind, fencesByReversal }: AttemptRecord, { outcome }: AttemptAnswer): boolean {
  switch (outcome) {
    case 'ambiguous':
    case 'pending':
    case 'action_required':
      return true;
    case 'declined':
      // "Not found" is no end where the original may still arrive: the same reversal must be able to ask again.
      return kind === 'reversal' && !fencesByReversal;
    case 'approved':
    case 'retryable':
      return false;
  }
}

export const retryable = (reason: string): CallResult => ({
  outcome: 'retryable',
  responseCode: null,
  reason,
});
export const ambiguous = (reason: string): CallResult => ({
  outcome: 'ambiguous',
  responseCode: null,
  reason,
});
