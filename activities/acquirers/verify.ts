import { ApplicationFailure } from '@temporalio/common';
import { atBoundary, crashPoint } from '../../platform/crash-points.ts';
import type { Logger } from '../../platform/logger.ts';
import type { VerificationId } from '../../workflows/domain/ids.ts';
import type { CallResult } from '../../workflows/ports/acquirer.ts';
import type { VerificationCall, VerifyingActivities } from '../../workflows/ports/card-verification.ts';
import type { AttemptAnswer } from './attempts.ts';
import { isStaleGrant, isVaultRefusal, type CardSource } from './cards.ts';
import { persistently } from './persistently.ts';
import { ambiguous, retryable } from './settle.ts';
import type {
  VerificationAttemptRef,
  VerificationAttemptStore,
  VerificationRecord,
  VerificationReply,
} from './verification-attempts.ts';
import { NotReady, type Exchange, type ExchangeOptions, type WireCard } from './wire.ts';

/** What an adapter implements that can ask an issuer about a card (`capabilities.verification`). */
export interface VerifyingWire<Message> {
  /**
   * Everything that can fail without a trace, in this order: connection, card, message.
   * @throws NotReady for what may be better next time; RangeError when the plan is none of this wire.
   */
  prepare(attempt: VerificationRecord, card: () => Promise<WireCard>): Promise<Message>;
  /** Writes the message, at most once. Never throws for reasons of the world. */
  exchange(message: Message, options: ExchangeOptions): Promise<Exchange>;
}

export interface VerifyDependencies {
  readonly verifications: VerificationAttemptStore;
  readonly cards: CardSource<VerificationId, 'verification'>;
  readonly logger: Logger;
}

/**
 * One question about a card over any wire, in the order of every call of ours (calls.ts): connection, card,
 * message, planned → sending, send-by time, first byte. It is written at most once; `retryable` is answered
 * only where it certainly was not. What was lost stays unknown here: to ask again is the workflow's decision,
 * and another attempt's.
 *
 * @throws ApplicationFailure (non-retryable) `AttemptBug`, for what only a change of code or data mends. When
 * the database does not say where the attempt stands that passes through, and nothing was written.
 */
export function createVerifyActivity<Message>(
  wire: VerifyingWire<Message>,
  { verifications: store, cards, logger }: VerifyDependencies,
): VerifyingActivities {
  /** The vault ends a security code by itself at its time limit: not reaching it changes no outcome. */
  async function quietly(event: string, { verification }: VerificationAttemptRef, run: () => Promise<void>) {
    try {
      await run();
    } catch (error) {
      logger.warn(event, { verification, error });
    }
  }
  const burn = (ref: VerificationAttemptRef): Promise<void> =>
    quietly('security_code_not_burnt', ref, () =>
      cards.burn({ merchant: ref.merchant, payment: ref.verification }),
    );
  const spend = (ref: VerificationAttemptRef): Promise<void> =>
    quietly('attempt_not_spent', ref, () =>
      cards.burn({ merchant: ref.merchant, payment: ref.verification, answered: ref.attempt }),
    );
  const release = (ref: VerificationAttemptRef): Promise<void> =>
    quietly('security_code_not_released', ref, () =>
      cards.release({ merchant: ref.merchant, payment: ref.verification, attempt: ref.attempt }),
    );

  async function fetchCard(
    ref: VerificationAttemptRef,
    { card, account }: VerificationRecord,
    grant: string,
  ): Promise<WireCard> {
    const { merchant, verification: payment, attempt } = ref;
    const purpose = 'verification';
    try {
      const { number, cvv } = await cards.detokenize({
        merchant,
        payment,
        attempt,
        token: card.token,
        account,
        purpose,
        grant,
      });
      return { ...card, number, cvv };
    } catch (error) {
      if (isVaultRefusal(error) && !isStaleGrant(error))
        throw bug(ref, `has a card that the vault does not give: ${error.message}`);
      // The vault may have leased the security code and lost its answer: the next attempt shall have it.
      await release(ref);
      throw new NotReady(`the vault did not give the card: ${textOf(error)}`);
    }
  }

  /** @param sinceMs since the attempt was read (ms). */
  async function ask(
    ref: VerificationAttemptRef,
    attempt: VerificationRecord,
    grant: string,
    sinceMs: () => number,
  ): Promise<CallResult> {
    let message: Message;
    try {
      message = await wire.prepare(attempt, () => fetchCard(ref, attempt, grant));
    } catch (error) {
      if (error instanceof NotReady) return retryable(error.message);
      if (error instanceof RangeError) throw bug(ref, `cannot be said on this wire: ${error.message}`);
      throw error;
    }
    if (!(await store.markSending(ref))) {
      const now = await store.load(ref);
      if (now?.state !== 'fenced')
        return ambiguous(`another call has taken the attempt; it is ${now?.state ?? 'gone'}`);
      await release(ref);
      return retryable('the attempt was fenced before it was sent');
    }
    const result = await wire.exchange(message, {
      refuseWrite: () => {
        const late = sinceMs() - attempt.sendWithinMs;
        return late < 0 ? null : `send-by passed ${Math.round(late)} ms ago`;
      },
      onLate: (answer) => void takeLate(ref, answer),
    });
    switch (result.type) {
      case 'answered':
        return take(ref, result.answer);
      case 'unknown':
        return unknown(ref, null, result.reason);
      case 'unsent': {
        if (!(await persistently(() => store.fenceUnsent(ref, result.reason))))
          return ambiguous(`not written (${result.reason}), but its row was moved on meanwhile`);
        await release(ref);
        return retryable(result.reason);
      }
    }
  }

  async function take(ref: VerificationAttemptRef, answer: AttemptAnswer): Promise<CallResult> {
    crashPoint('answer-read', 'after');
    const { responseCode } = answer;
    const reply = replyOf(answer);
    if (reply === null)
      return unknown(ref, responseCode, answer.reason ?? `response ${responseCode ?? 'none'}`);
    try {
      const recorded = await atBoundary('answer-row', () =>
        persistently(() => store.recordReply(ref, reply)),
      );
      if (recorded) {
        await spend(ref);
        return { outcome: reply.outcome, responseCode, reason: reply.reason };
      }
    } catch (error) {
      logger.error('acquirer_answer_not_recorded', {
        ...ref,
        outcome: reply.outcome,
        response_code: responseCode,
        error,
      });
    }
    await burn(ref);
    return { ...ambiguous('the answer came and could not be recorded'), responseCode };
  }

  async function unknown(
    ref: VerificationAttemptRef,
    responseCode: string | null,
    reason: string,
  ): Promise<CallResult> {
    await Promise.all([
      burn(ref),
      persistently(() => store.giveUp(ref, { responseCode, reason })).catch((error: unknown) => {
        // Whoever settles the attempt finds it sending, and says the same.
        logger.warn('verification_note_lost', { ...ref, error });
      }),
    ]);
    return { ...ambiguous(reason), responseCode };
  }

  /** After its call was over. The workflow looks before it asks again; after the end it is kept, and changes nothing. */
  async function takeLate(ref: VerificationAttemptRef, answer: AttemptAnswer): Promise<void> {
    const reply = replyOf(answer);
    if (reply === null) return;
    try {
      const recorded = await persistently(() => store.recordReply(ref, reply));
      logger.warn('verification_late_answer', { ...ref, outcome: reply.outcome, recorded });
      await spend(ref);
    } catch (error) {
      logger.error('verification_late_answer_lost', { ...ref, error });
    }
  }

  return {
    async verify({ grant, ...ref }: VerificationCall) {
      const readAt = { monotonic: performance.now(), wall: Date.now() };
      // The monotonic clock goes on while the process is stopped, the wall clock while the machine is.
      const sinceMs = (): number => Math.max(performance.now() - readAt.monotonic, Date.now() - readAt.wall);
      const attempt = await store.load(ref);
      if (attempt === null)
        throw bug(ref, 'does not exist: the workflow names an attempt that was never planned');
      const { state, outcome, responseCode, reason } = attempt;
      switch (state) {
        case 'answered':
          if (outcome === null) throw bug(ref, 'is answered without an outcome');
          await spend(ref);
          return { outcome, responseCode, reason };
        case 'fenced':
          return retryable(reason ?? 'the attempt was fenced before it was sent');
        case 'sending':
          await burn(ref);
          return ambiguous('sent earlier; its answer never came, and it is never sent twice');
        case 'planned':
          return ask(ref, attempt, grant, sinceMs);
      }
    },
  };
}

/** Null when it says neither yes nor no. */
function replyOf(answer: AttemptAnswer): VerificationReply | null {
  const { outcome } = answer;
  return outcome === 'approved' || outcome === 'declined' ? { ...answer, outcome } : null;
}

function bug({ attempt, verification }: VerificationAttemptRef, what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`attempt ${attempt} of ${verification} ${what}`, 'AttemptBug');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
