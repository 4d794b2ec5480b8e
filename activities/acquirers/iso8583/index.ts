import { ApplicationFailure } from '@temporalio/common';
import type { Logger } from '../../../platform/logger.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { AcquirerActivities, AttemptRef, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { AttemptRecord, AttemptStore } from '../attempts.ts';
import { isVaultRefusal, type CardSource } from '../cards.ts';
import type { Message } from './codec.ts';
import type { ExchangeResult } from './connection.ts';
import { readAnswer, requestOf } from './messages.ts';
import type { LinkPool } from './pool.ts';
import { persistently } from './persistently.ts';

export interface Iso8583Dependencies {
  readonly store: AttemptStore;
  readonly cards: CardSource;
  /** The connections to an acquirer; undefined when this worker keeps none. */
  readonly poolOf: (acquirer: string) => LinkPool | undefined;
  /** How long an acquirer may take to answer (ms). */
  readonly callLimitMs: number;
  /** How long a call waits for a signed-on connection (ms). */
  readonly linkWaitMs: number;
  readonly logger: Logger;
  /** An answer that came after its call had ended, once it is in the attempt's row. */
  readonly onLateReply: (attempt: AttemptRef, result: CallResult) => void;
  /** Milliseconds that go on while the process is stopped. */
  readonly monotonicMs?: () => number;
}

/** Which attempts each activity may be asked to send. */
const KINDS = {
  authorize: ['authorization', 'sale'],
  capture: ['capture'],
  void: ['void', 'partial_void'],
  refund: ['refund'],
  reverse: ['reversal'],
} as const satisfies Record<keyof AcquirerActivities, readonly AttemptKind[]>;

/** The kinds that are repeated, byte-equal, while their answer is unknown. */
const REPEATED = {
  authorization: false,
  sale: false,
  capture: true,
  void: true,
  partial_void: true,
  refund: false,
  reversal: true,
} as const satisfies Record<AttemptKind, boolean>;

/** The kinds that may carry a security code: it is gone after their first answer or unknown. */
const LEASES_CVV = { ...REPEATED, authorization: true, sale: true, capture: false, void: false, partial_void: false, reversal: false };

/**
 * The acquirer port over ISO 8583. One call sends at most one message, and only for an attempt that is
 * `planned`, or that is `sending` and of a kind that is repeated.
 *
 * The order that keeps it from lying: connection, card, message, planned → sending, send-by time,
 * first byte. `retryable` is answered only while the row is planned, or was fenced by this very call.
 *
 * @throws ApplicationFailure (non-retryable) type `AttemptBug` for what only a change of code or data
 * mends; type `AttemptStateUnknown` when the database did not say where the attempt stands: nothing was
 * written to the wire by this call, and the caller asks the row (fence).
 */
export function createIso8583Activities(deps: Iso8583Dependencies): AcquirerActivities {
  const { store, cards, poolOf, callLimitMs, linkWaitMs, logger, onLateReply, monotonicMs = () => performance.now() } = deps;

  async function call(activity: keyof AcquirerActivities, ref: AttemptRef): Promise<CallResult> {
    const readAt = { monotonic: monotonicMs(), wall: Date.now() };
    const attempt = await orStateUnknown(ref, () => store.load(ref));
    if (attempt === null) throw bug(ref, 'does not exist: the workflow names an attempt that was never planned');
    if (!(KINDS[activity] as readonly AttemptKind[]).includes(attempt.kind)) {
      throw bug(ref, `is a ${attempt.kind} and cannot be sent by ${activity}`);
    }
    switch (attempt.state) {
      case 'answered':
        if (attempt.outcome === null) throw bug(ref, 'is answered without an outcome');
        await burn(ref, attempt.kind);
        return { outcome: attempt.outcome, responseCode: attempt.responseCode, reason: attempt.reason };
      case 'fenced':
        return { outcome: 'retryable', responseCode: null, reason: attempt.reason ?? 'the attempt was fenced before it was sent' };
      case 'reversing':
      case 'reversed':
        return ambiguous(`the attempt is ${attempt.state}: it is not sent any more`);
      case 'planned':
        return send(ref, attempt, (nowMonotonic, nowWall) => {
          const left = attempt.sendWithinMs - Math.max(nowMonotonic - readAt.monotonic, nowWall - readAt.wall);
          return left > 0 ? null : `send-by passed ${Math.round(-left)} ms ago`;
        });
      case 'sending':
        if (REPEATED[attempt.kind]) return repeat(ref, attempt);
        await burn(ref, attempt.kind);
        return ambiguous('sent earlier; its answer never came, and it is never sent twice');
    }
  }

  /** planned: the first and, for most kinds, only send. */
  async function send(
    ref: AttemptRef,
    attempt: AttemptRecord,
    lateness: (nowMonotonic: number, nowWall: number) => string | null,
  ): Promise<CallResult> {
    const prepared = await prepare(ref, attempt, false);
    if (prepared.type === 'not_ready') return retryable(prepared.reason);
    const { pool, request } = prepared;

    const won = await orStateUnknown(ref, () => store.markSending(ref));
    if (!won) {
      const now = await orStateUnknown(ref, () => store.load(ref));
      if (now?.state !== 'fenced') return ambiguous(`another call has taken the attempt; it is ${now?.state ?? 'gone'}`);
      await release(ref, attempt.kind);
      return retryable('the attempt was fenced before it was sent');
    }
    const result = await pool.exchange(request, {
      limitMs: callLimitMs,
      refuseWrite: () => lateness(monotonicMs(), Date.now()),
      onLate: (reply) => void late(ref, attempt, request, reply, false),
    });
    if (result.type === 'unsent') {
      await orStateUnknown(ref, () => persistently(() => store.fenceUnsent(ref, result.reason)));
      await release(ref, attempt.kind);
      return retryable(result.reason);
    }
    return finish(ref, attempt, request, result, false);
  }

  /** sending, of a repeated kind: an earlier send is unknown, so nothing that happens here can be `retryable`. */
  async function repeat(ref: AttemptRef, attempt: AttemptRecord): Promise<CallResult> {
    const prepared = await prepare(ref, attempt, true);
    if (prepared.type === 'not_ready') return ambiguous(prepared.reason);
    const { pool, request } = prepared;
    if (!(await orStateUnknown(ref, () => store.recordRepeat(ref)))) return ambiguous('another call has moved the attempt on');
    const result = await pool.exchange(request, {
      limitMs: callLimitMs,
      refuseWrite: () => null,
      onLate: (reply) => void late(ref, attempt, request, reply, true),
    });
    if (result.type === 'unsent') return ambiguous(result.reason);
    return finish(ref, attempt, request, result, true);
  }

  type Prepared =
    | { readonly type: 'ready'; readonly pool: LinkPool; readonly request: Message }
    | { readonly type: 'not_ready'; readonly reason: string };

  async function prepare(ref: AttemptRef, attempt: AttemptRecord, repeated: boolean): Promise<Prepared> {
    const { account, card } = attempt;
    const pool = poolOf(account.acquirer);
    if (pool === undefined) throw bug(ref, `goes to ${account.acquirer}, to which this worker keeps no connection: check QUITTANCE_ACQUIRER_LINKS`);
    if (card === null) throw bug(ref, `belongs to ${ref.payment}, whose card is not tokenized`);
    if (!(await pool.whenReady(linkWaitMs))) return { type: 'not_ready', reason: `no connection to ${account.acquirer}` };
    try {
      const { number, cvv } = await cards.detokenize({ ...ref, token: card.token });
      const request = requestOf(attempt.kind, attempt.wire, { ...card, number, cvv }, repeated);
      return { type: 'ready', pool, request };
    } catch (error) {
      if (isVaultRefusal(error)) throw bug(ref, `has a card that the vault does not give: ${error.message}`);
      if (error instanceof RangeError) throw bug(ref, `cannot be said on this wire: ${error.message}`);
      return { type: 'not_ready', reason: `the vault did not give the card: ${textOf(error)}` };
    }
  }

  async function finish(
    ref: AttemptRef,
    attempt: AttemptRecord,
    request: Message,
    result: Exclude<ExchangeResult, { type: 'unsent' }>,
    repeated: boolean,
  ): Promise<CallResult> {
    const burnt = burn(ref, attempt.kind);
    const ended = result.type === 'answered' ? await settle(ref, attempt, request, result.reply, repeated) : ambiguous(result.reason);
    await burnt;
    return ended;
  }

  /** Checks an answer and writes it where it belongs; whatever cannot be written stays unknown. */
  async function settle(ref: AttemptRef, attempt: AttemptRecord, request: Message, reply: Message, repeated: boolean): Promise<CallResult> {
    const answer = readAnswer(attempt.kind, request, reply, repeated);
    const { outcome, responseCode, reason } = answer;
    const result: CallResult = { outcome, responseCode, reason };
    if (reason === 'approved_amount_above_request') {
      logger.error('acquirer_approved_too_much', { ...ref, asked: attempt.amount, approved: answer.approvedAmount });
    }
    // "Not found" is no end where the original may still arrive: the same reversal must be able to ask again.
    const open = outcome === 'ambiguous' || (attempt.kind === 'reversal' && outcome === 'declined' && !attempt.fencesByReversal);
    try {
      if (open) {
        await persistently(() => store.noteUnknown(ref, { responseCode, reason: reason ?? `response ${responseCode ?? 'none'}` }));
        return result;
      }
      const recorded = await persistently(() => store.recordAnswer(ref, answer));
      return recorded === 'recorded' ? result : { ...ambiguous('answered while it was being undone; kept as late answer'), responseCode };
    } catch (error) {
      logger.error('acquirer_answer_not_recorded', { ...ref, outcome, response_code: responseCode, error });
      return { ...ambiguous(`the answer could not be recorded: ${textOf(error)}`), responseCode };
    }
  }

  async function late(ref: AttemptRef, attempt: AttemptRecord, request: Message, reply: Message, repeated: boolean): Promise<void> {
    const result = await settle(ref, attempt, request, reply, repeated);
    logger.warn('acquirer_late_answer', { ...ref, outcome: result.outcome, response_code: result.responseCode });
    onLateReply(ref, result);
  }

  async function burn({ merchant, payment }: AttemptRef, kind: AttemptKind): Promise<void> {
    if (!LEASES_CVV[kind]) return;
    await quietly('security_code_not_burnt', payment, () => cards.burn({ merchant, payment }));
  }

  async function release(ref: AttemptRef, kind: AttemptKind): Promise<void> {
    if (!LEASES_CVV[kind]) return;
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
    authorize: (ref) => call('authorize', ref),
    capture: (ref) => call('capture', ref),
    void: (ref) => call('void', ref),
    refund: (ref) => call('refund', ref),
    reverse: (ref) => call('reverse', ref),
  };
}

const retryable = (reason: string): CallResult => ({ outcome: 'retryable', responseCode: null, reason });
const ambiguous = (reason: string): CallResult => ({ outcome: 'ambiguous', responseCode: null, reason });

function bug({ attempt, payment }: AttemptRef, what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`attempt ${attempt} of ${payment} ${what}`, 'AttemptBug');
}

async function orStateUnknown<T>({ attempt }: AttemptRef, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw ApplicationFailure.nonRetryable(
      `the database did not say where attempt ${attempt} stands (${textOf(error)}); nothing was written to the wire: ask its row`,
      'AttemptStateUnknown',
    );
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
