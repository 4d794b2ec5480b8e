import type { WireFields } from '../../../workflows/ports/wire.ts';
import type { AttemptAnswer } from '../attempts.ts';
import { NotReady, type Exchange, type ExchangeOptions, type WireCard } from '../wire.ts';
import { CodecError, type Message } from './codec.ts';
import { outgoingOf, type Outgoing } from './connection.ts';
import { readAnswer, requestOf } from './messages.ts';
import type { LinkPool } from './pool.ts';

/** What a call to a host takes, whether it moves money or asks about a card. */
export interface HostCallOptions {
  /** The connections to an acquirer; undefined when this worker keeps none. */
  readonly poolOf: (acquirer: string) => LinkPool | undefined;
  /** How long an acquirer may take to answer (ms). */
  readonly callLimitMs: number;
  /** How long a call waits for a signed-on connection (ms). */
  readonly linkWaitMs: number;
}

type Kind = Parameters<typeof requestOf>[0];

/** A message with the connections it goes over, and what reading its answer takes. */
export interface HostMessage {
  readonly pool: LinkPool;
  readonly outgoing: Outgoing;
  readonly kind: Kind;
  /** Asked before: the answer may be about that, or about what it used up. */
  readonly repeated: boolean;
}

/**
 * The connections to an acquirer, one of them signed on.
 * @param misplaced the error of a call that came to a worker without any.
 * @throws NotReady, or that
 */
export async function readyPool(
  { poolOf, linkWaitMs }: HostCallOptions,
  acquirer: string,
  misplaced: () => Error,
): Promise<LinkPool> {
  const pool = poolOf(acquirer);
  if (pool === undefined) throw misplaced();
  if (!(await pool.whenReady(linkWaitMs))) throw new NotReady(`no connection to ${acquirer}`);
  return pool;
}

/** @throws RangeError when the plan is no message of this wire. */
export function written(kind: Kind, wire: WireFields, card: WireCard, repeated: boolean): Outgoing {
  try {
    return outgoingOf(requestOf(kind, wire, card, repeated));
  } catch (error) {
    if (error instanceof CodecError) throw new RangeError(error.message);
    throw error;
  }
}

/** Writes the message, at most once, and reads what comes. */
export async function exchangeWith(
  { pool, outgoing, kind, repeated }: HostMessage,
  callLimitMs: number,
  { refuseWrite, onLate }: ExchangeOptions,
): Promise<Exchange> {
  const read = (reply: Message): AttemptAnswer => ({
    ...readAnswer(kind, outgoing.request, reply, repeated),
    acquirerReference: null,
  });
  const result = await pool.exchange(outgoing, {
    limitMs: callLimitMs,
    refuseWrite,
    onLate: (reply) => {
      onLate(read(reply));
    },
  });
  return result.type === 'answered' ? { type: 'answered', answer: read(result.reply) } : result;
}
