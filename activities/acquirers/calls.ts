import { ApplicationFailure } from '@temporalio/common';
import { inSpan } from '../../platform/tracing/spans.ts';
import { SEND_WITHIN_MS } from '../../workflows/domain/attempt-plan.ts';
import type { AttemptKind } from '../../workflows/domain/outcome.ts';
import {
  ATTEMPT_STATE_UNKNOWN,
  type AcquirerActivities,
  type AttemptCall,
  type AttemptRef,
  type CallResult,
} from '../../workflows/ports/acquirer.ts';
import type { AttemptRecord } from './attempts.ts';
import { isStaleGrant, isVaultRefusal } from './cards.ts';
import { cleanText, cleanWire } from './clean.ts';
import { persistently } from './persistently.ts';
import { ambiguous, createSettlement, retryable, type SettleDependencies } from './settle.ts';
import { NotReady, type AcquirerWire, type WireCard } from './wire.ts';

export interface CallDependencies extends SettleDependencies {
  /** Milliseconds that go on while the process is stopped. */
  readonly monotonicMs?: () => number;
}

type SendingActivity = Exclude<keyof AcquirerActivities, 'inquire'>;

/** Which attempts each activity may be asked to send. */
const KINDS = {
  authorize: ['authorization', 'sale', 'increment'],
  capture: ['capture'],
  void: ['void', 'partial_void'],
  refund: ['refund'],
  reverse: ['reversal'],
} as const satisfies Record<SendingActivity, readonly AttemptKind[]>;

/** Why a message must not be written now, asked directly before the write; null = it may. */
type RefuseWrite = () => string | null;

interface Sending {
  /** Empty = none. */
  readonly grant: string;
  readonly repeated: boolean;
}

type Prepared<Message> =
  | { readonly type: 'ready'; readonly message: Message }
  | { readonly type: 'not_ready'; readonly reason: string; readonly ours: boolean };

/**
 * The acquirer port over any wire. One call sends at most one message that could move money, and only
 * for an attempt that is `planned`, or that is `sending` and whose committed policy is to repeat.
 *
 * The order that keeps it from lying: connection, card, message, planned → sending, send-by time,
 * first byte. `retryable` is answered only while the row is planned, was fenced by this very call, or
 * was answered so by the acquirer.
 *
 * @throws ApplicationFailure (non-retryable) type `AttemptBug` for what only a change of code or data
 * mends; type `AttemptStateUnknown` when the database did not say where the attempt stands: nothing was
 * written to the wire by this call, and the caller asks the row (fence).
 */
export function createAcquirerActivities<Message>(
  rawWire: AcquirerWire<Message>,
  deps: CallDependencies,
): AcquirerActivities {
  const wire = cleanWire(rawWire);
  const { store, cards, monotonicMs = () => performance.now() } = deps;
  const settlement = createSettlement(deps);

  async function call(activity: SendingActivity, { grant = '', ...ref }: AttemptCall): Promise<CallResult> {
    const readAt = { monotonic: monotonicMs(), wall: Date.now() };
    // The monotonic clock goes on while the process is stopped, the wall clock while the machine is.
    const sinceMs = (): number => Math.max(monotonicMs() - readAt.monotonic, Date.now() - readAt.wall);
    const attempt = await existing(ref);
    if (!(KINDS[activity] as readonly AttemptKind[]).includes(attempt.kind)) {
      throw bug(ref, `is a ${attempt.kind} and cannot be sent by ${activity}`);
    }
    switch (attempt.state) {
      case 'answered':
      case 'fenced':
      case 'reversing':
      case 'reversed':
        return known(ref, attempt, attempt.state);
      case 'planned':
        return send(ref, attempt, grant, () => {
          // It is never too late to undo, and there is no second reversal to plan instead.
          if (attempt.kind === 'reversal') return null;
          const left = attempt.sendWithinMs - sinceMs();
          return left > 0 ? null : `send-by passed ${Math.round(-left)} ms ago`;
        });
      case 'sending':
        if (attempt.onUnknown === 'repeat')
          return repeat(ref, attempt, grant, () => {
            if (attempt.kind === 'reversal') return null;
            // Whoever was stopped for long does not know any more that its key lives, and is still awaited.
            const late = sinceMs() - SEND_WITHIN_MS;
            return late < 0 ? null : `the repeat came ${Math.round(late)} ms too late`;
          });
        await settlement.burn(ref, attempt.kind);
        return ambiguous('sent earlier; its answer never came, and it is never sent twice');
    }
  }

  async function inquire(ref: AttemptRef): Promise<CallResult> {
    const attempt = await existing(ref);
    if (wire.inquire === null)
      throw bug(ref, 'cannot be asked about: its wire has no inquiry, and its policy says that it has');
    switch (attempt.state) {
      case 'answered':
      case 'fenced':
      case 'reversing':
      case 'reversed':
        return known(ref, attempt, attempt.state);
      case 'planned':
        return ambiguous('not sent yet: there is nothing to ask about');
      case 'sending': {
        const ended = await wire.inquire(ref, attempt);
        return settlement.finish({ ref, attempt }, ended);
      }
    }
  }

  async function existing(ref: AttemptRef): Promise<AttemptRecord> {
    const attempt = await orStateUnknown(ref, () => store.load(ref));
    if (attempt === null)
      throw bug(ref, 'does not exist: the workflow names an attempt that was never planned');
    return attempt;
  }

  /** What the row of an attempt says that is past its sending. */
  async function known(
    ref: AttemptRef,
    attempt: AttemptRecord,
    state: 'answered' | 'fenced' | 'reversing' | 'reversed',
  ): Promise<CallResult> {
    switch (state) {
      case 'answered':
        if (attempt.outcome === null) throw bug(ref, 'is answered without an outcome');
        await settlement.spend(ref);
        return { outcome: attempt.outcome, responseCode: attempt.responseCode, reason: attempt.reason };
      case 'fenced':
        return retryable(attempt.reason ?? 'the attempt was fenced before it was sent');
      case 'reversing':
      case 'reversed':
        return ambiguous(`the attempt is ${state}: it is not sent any more`);
    }
  }

  async function send(
    ref: AttemptRef,
    attempt: AttemptRecord,
    grant: string,
    refuseWrite: RefuseWrite,
  ): Promise<CallResult> {
    const prepared = await prepare(ref, attempt, { grant, repeated: false }, refuseWrite);
    if (prepared.type === 'not_ready')
      return { ...retryable(prepared.reason), ...(prepared.ours ? { ours: true } : {}) };

    const won = await orStateUnknown(ref, () => store.markSending(ref));
    if (!won) {
      const now = await orStateUnknown(ref, () => store.load(ref));
      if (now?.state !== 'fenced')
        return ambiguous(`another call has taken the attempt; it is ${now?.state ?? 'gone'}`);
      await settlement.release(ref, attempt.kind);
      return retryable('the attempt was fenced before it was sent');
    }
    const sent = { ref, attempt };
    const result = await exchange(sent, prepared.message, refuseWrite);
    if (result.type !== 'unsent') return settlement.finish(sent, result);
    if (attempt.kind === 'reversal') return ambiguous(result.reason);
    const fenced = await orStateUnknown(ref, () => persistently(() => store.fenceUnsent(ref, result.reason)));
    if (!fenced) return ambiguous(`not written (${result.reason}), but its row was moved on meanwhile`);
    await settlement.release(ref, attempt.kind);
    return retryable(result.reason);
  }

  /** sending, of a repeated kind: an earlier send is unknown, so nothing that happens here can be `retryable`. */
  async function repeat(
    ref: AttemptRef,
    attempt: AttemptRecord,
    grant: string,
    refuseWrite: RefuseWrite,
  ): Promise<CallResult> {
    const prepared = await prepare(ref, attempt, { grant, repeated: true }, refuseWrite);
    if (prepared.type === 'not_ready') return ambiguous(prepared.reason);
    if (!(await orStateUnknown(ref, () => store.recordRepeat(ref))))
      return ambiguous('another call has moved the attempt on');
    const sent = { ref, attempt };
    const result = await exchange(sent, prepared.message, refuseWrite);
    return result.type === 'unsent' ? ambiguous(result.reason) : settlement.finish(sent, result);
  }

  /** The message, and what comes back: all that happens at the acquirer. */
  function exchange(
    sent: { readonly ref: AttemptRef; readonly attempt: AttemptRecord },
    message: Message,
    refuseWrite: RefuseWrite,
  ) {
    const { kind } = sent.attempt;
    return inSpan(
      { name: 'acquirer call', kind: 'client', attributes: { attempt: sent.ref.attempt, kind } },
      () => wire.exchange(message, { refuseWrite, onLate: (answer) => void settlement.late(sent, answer) }),
    );
  }

  async function prepare(
    ref: AttemptRef,
    attempt: AttemptRecord,
    sending: Sending,
    refuseWrite: RefuseWrite,
  ): Promise<Prepared<Message>> {
    const { repeated } = sending;
    const card = () => fetchCard(ref, attempt, sending);
    try {
      return { type: 'ready', message: await wire.prepare(ref, attempt, { repeated, card, refuseWrite }) };
    } catch (error) {
      if (error instanceof NotReady) return { type: 'not_ready', reason: error.message, ours: error.ours };
      if (error instanceof RangeError) throw bug(ref, `cannot be said on this wire: ${error.message}`);
      throw error;
    }
  }

  async function fetchCard(
    ref: AttemptRef,
    attempt: AttemptRecord,
    { grant, repeated }: Sending,
  ): Promise<WireCard> {
    const { card, account, kind: purpose } = attempt;
    if (card === null) throw bug(ref, `belongs to ${ref.payment}, whose card is not tokenized`);
    try {
      const { number, cvv } = await cards.detokenize({
        ...ref,
        token: card.token,
        account: account.id,
        purpose,
        grant: grant === '' ? null : grant,
      });
      // The expiry of the payment, not of today's vault: a repeat is byte-equal.
      return { ...card, number, cvv };
    } catch (error) {
      if (isVaultRefusal(error) && !isStaleGrant(error))
        throw bug(ref, `has a card that the vault does not give: ${textOf(error)}`);
      // The vault may have leased the security code and lost its answer: the next attempt shall have it.
      if (!repeated) await settlement.release(ref, attempt.kind);
      throw new NotReady(`the vault did not give the card: ${textOf(error)}`, { ours: true });
    }
  }

  return {
    authorize: (ref) => call('authorize', ref),
    capture: (ref) => call('capture', ref),
    void: (ref) => call('void', ref),
    refund: (ref) => call('refund', ref),
    reverse: (ref) => call('reverse', ref),
    inquire,
  };
}

/** What only a change of code or data mends. */
export function bug({ attempt, payment }: AttemptRef, what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`attempt ${attempt} of ${payment} ${what}`, 'AttemptBug');
}

async function orStateUnknown<T>({ attempt }: AttemptRef, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw ApplicationFailure.nonRetryable(
      `the database did not say where attempt ${attempt} stands (${textOf(error)}); nothing was written to the wire: ask its row`,
      ATTEMPT_STATE_UNKNOWN,
    );
  }
}

/** The message of whatever was thrown, as it may be kept. */
export function textOf(error: unknown): string {
  return cleanText(error instanceof Error ? error.message : String(error));
}
