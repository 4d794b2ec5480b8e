import { ApplicationFailure } from '@temporalio/common';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { AcquirerActivities, AttemptRef, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { AttemptRecord } from '../attempts.ts';
import { isVaultRefusal } from '../cards.ts';
import { CodecError } from './codec.ts';
import { outgoingOf, type Outgoing } from './connection.ts';
import { requestOf } from './messages.ts';
import { persistently } from './persistently.ts';
import type { LinkPool } from './pool.ts';
import { ambiguous, createSettlement, retryable, type SettleDependencies } from './settle.ts';

export { createBlockLeases, createNumberBlocks } from './number-blocks.ts';
export { createIso8583Planner } from './plan.ts';
export { createLinkPool } from './pool.ts';

export interface Iso8583Dependencies extends SettleDependencies {
  /** The connections to an acquirer; undefined when this worker keeps none. */
  readonly poolOf: (acquirer: string) => LinkPool | undefined;
  /** How long an acquirer may take to answer (ms). */
  readonly callLimitMs: number;
  /** How long a call waits for a signed-on connection (ms). */
  readonly linkWaitMs: number;
  /** Milliseconds that go on while the process is stopped. */
  readonly monotonicMs?: () => number;
}

/** Which attempts each activity may be asked to send. */
const KINDS = {
  authorize: ['authorization', 'sale', 'increment'],
  capture: ['capture'],
  void: ['void', 'partial_void'],
  refund: ['refund'],
  reverse: ['reversal'],
} as const satisfies Record<keyof AcquirerActivities, readonly AttemptKind[]>;

/** The kinds that are repeated, byte-equal, while their answer is unknown. */
const REPEATED = {
  authorization: false,
  sale: false,
  increment: false,
  capture: true,
  void: true,
  partial_void: true,
  refund: false,
  reversal: true,
} as const satisfies Record<AttemptKind, boolean>;

/** Why a message must not be written now, asked directly before the write; null = it may. */
type RefuseWrite = () => string | null;

type Prepared =
  | { readonly type: 'ready'; readonly pool: LinkPool; readonly outgoing: Outgoing }
  | { readonly type: 'not_ready'; readonly reason: string };

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
  const { store, cards, poolOf, callLimitMs, linkWaitMs, monotonicMs = () => performance.now() } = deps;
  const settlement = createSettlement(deps);

  async function call(activity: keyof AcquirerActivities, ref: AttemptRef): Promise<CallResult> {
    const readAt = { monotonic: monotonicMs(), wall: Date.now() };
    const attempt = await orStateUnknown(ref, () => store.load(ref));
    if (attempt === null)
      throw bug(ref, 'does not exist: the workflow names an attempt that was never planned');
    if (!(KINDS[activity] as readonly AttemptKind[]).includes(attempt.kind)) {
      throw bug(ref, `is a ${attempt.kind} and cannot be sent by ${activity}`);
    }
    switch (attempt.state) {
      case 'answered':
        if (attempt.outcome === null) throw bug(ref, 'is answered without an outcome');
        await settlement.burn(ref, attempt.kind);
        return { outcome: attempt.outcome, responseCode: attempt.responseCode, reason: attempt.reason };
      case 'fenced':
        return retryable(attempt.reason ?? 'the attempt was fenced before it was sent');
      case 'reversing':
      case 'reversed':
        return ambiguous(`the attempt is ${attempt.state}: it is not sent any more`);
      case 'planned':
        return send(ref, attempt, () => {
          // It is never too late to undo, and there is no second reversal to plan instead.
          if (attempt.kind === 'reversal') return null;
          // The monotonic clock goes on while the process is stopped, the wall clock while the machine is.
          const left =
            attempt.sendWithinMs - Math.max(monotonicMs() - readAt.monotonic, Date.now() - readAt.wall);
          return left > 0 ? null : `send-by passed ${Math.round(-left)} ms ago`;
        });
      case 'sending':
        if (REPEATED[attempt.kind]) return repeat(ref, attempt);
        await settlement.burn(ref, attempt.kind);
        return ambiguous('sent earlier; its answer never came, and it is never sent twice');
    }
  }

  /** planned: the first and, for most kinds, only send. */
  async function send(
    ref: AttemptRef,
    attempt: AttemptRecord,
    refuseWrite: RefuseWrite,
  ): Promise<CallResult> {
    const prepared = await prepare(ref, attempt, false);
    if (prepared.type === 'not_ready') return retryable(prepared.reason);

    const won = await orStateUnknown(ref, () => store.markSending(ref));
    if (!won) {
      const now = await orStateUnknown(ref, () => store.load(ref));
      if (now?.state !== 'fenced')
        return ambiguous(`another call has taken the attempt; it is ${now?.state ?? 'gone'}`);
      await settlement.release(ref, attempt.kind);
      return retryable('the attempt was fenced before it was sent');
    }
    const { pool, outgoing } = prepared;
    const sent = { ref, attempt, request: outgoing.request, repeated: false };
    const result = await pool.exchange(outgoing, {
      limitMs: callLimitMs,
      refuseWrite,
      onLate: (reply) => void settlement.late(sent, reply),
    });
    if (result.type !== 'unsent') return settlement.finish(sent, result);
    if (attempt.kind === 'reversal') return ambiguous(result.reason);
    const fenced = await orStateUnknown(ref, () => persistently(() => store.fenceUnsent(ref, result.reason)));
    if (!fenced) return ambiguous(`not written (${result.reason}), but its row was moved on meanwhile`);
    await settlement.release(ref, attempt.kind);
    return retryable(result.reason);
  }

  /** sending, of a repeated kind: an earlier send is unknown, so nothing that happens here can be `retryable`. */
  async function repeat(ref: AttemptRef, attempt: AttemptRecord): Promise<CallResult> {
    const prepared = await prepare(ref, attempt, true);
    if (prepared.type === 'not_ready') return ambiguous(prepared.reason);
    if (!(await orStateUnknown(ref, () => store.recordRepeat(ref))))
      return ambiguous('another call has moved the attempt on');
    const { pool, outgoing } = prepared;
    const sent = { ref, attempt, request: outgoing.request, repeated: true };
    const result = await pool.exchange(outgoing, {
      limitMs: callLimitMs,
      refuseWrite: () => null,
      onLate: (reply) => void settlement.late(sent, reply),
    });
    return result.type === 'unsent' ? ambiguous(result.reason) : settlement.finish(sent, result);
  }

  /** Everything that can fail without a trace: connection, card, message. */
  async function prepare(ref: AttemptRef, attempt: AttemptRecord, repeated: boolean): Promise<Prepared> {
    const { account, card } = attempt;
    const pool = poolOf(account.acquirer);
    if (pool === undefined) {
      throw bug(
        ref,
        `goes to ${account.acquirer}, to which this worker keeps no connection: check QUITTANCE_ACQUIRER_LINKS`,
      );
    }
    if (card === null) throw bug(ref, `belongs to ${ref.payment}, whose card is not tokenized`);
    if (!(await pool.whenReady(linkWaitMs)))
      return { type: 'not_ready', reason: `no connection to ${account.acquirer}` };
    let secret: { readonly number: string; readonly cvv: string | null };
    try {
      secret = await cards.detokenize({ ...ref, token: card.token });
    } catch (error) {
      if (isVaultRefusal(error)) throw bug(ref, `has a card that the vault does not give: ${error.message}`);
      // The vault may have leased the security code and lost its answer: the next attempt shall have it.
      if (!repeated) await settlement.release(ref, attempt.kind);
      return { type: 'not_ready', reason: `the vault did not give the card: ${textOf(error)}` };
    }
    try {
      // The expiry of the payment, not of today's vault: a repeat is byte-equal.
      const request = requestOf(
        attempt.kind,
        attempt.wire,
        { ...card, number: secret.number, cvv: secret.cvv },
        repeated,
      );
      return { type: 'ready', pool, outgoing: outgoingOf(request) };
    } catch (error) {
      if (error instanceof RangeError || error instanceof CodecError)
        throw bug(ref, `cannot be said on this wire: ${error.message}`);
      throw error;
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
