import type { AttemptRef } from '../../workflows/ports/acquirer.ts';
import type { AttemptAnswer, AttemptRecord } from './attempts.ts';

/** A card as an acquirer needs it, for one message. */
export interface WireCard {
  readonly number: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  readonly cvv: string | null;
}

/** How one message ended. */
export type Exchange =
  | { readonly type: 'answered'; readonly answer: AttemptAnswer }
  /** Certainly not written. */
  | { readonly type: 'unsent'; readonly reason: string }
  /** Written, or partly: what became of it is not known. */
  | { readonly type: 'unknown'; readonly reason: string };

/** What a wire is told about the attempt it prepares a message for. */
export interface Preparation {
  /** An earlier send of it is unknown: the message must be the same again. */
  readonly repeated: boolean;
  /** Fetches the card, by the attempt's own grant. @throws NotReady, or the bug that keeps it away */
  readonly card: () => Promise<WireCard>;
  /** Why nothing may be written any more; null = it may. */
  readonly refuseWrite: () => string | null;
}

export interface ExchangeOptions {
  /** Asked directly before the first byte: a reason here means that nothing is written. */
  readonly refuseWrite: () => string | null;
  /** Called at most once, with an answer that came after the exchange was given up. */
  readonly onLate: (answer: AttemptAnswer) => void;
}

/**
 * What an adapter implements: how its messages are made, written, read and asked about. The life of
 * the attempt around them is the same for every wire (calls.ts).
 */
export interface AcquirerWire<Message> {
  /**
   * Everything that can fail without a trace, in this order: connection, names asked of the acquirer
   * that move nothing, card, message. Nothing here may hold or move money.
   * @throws NotReady for what may be better next time; RangeError when the plan is none of this wire.
   */
  prepare(ref: AttemptRef, attempt: AttemptRecord, preparation: Preparation): Promise<Message>;
  /** Writes the message, at most once. Never throws for reasons of the world. */
  exchange(message: Message, options: ExchangeOptions): Promise<Exchange>;
  /** Asks what became of a sent attempt, changing nothing; null = this wire cannot be asked. */
  readonly inquire: ((ref: AttemptRef, attempt: AttemptRecord) => Promise<Exchange>) | null;
}

/** It cannot be sent now, and nothing was written; the reason is for people. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
  /** Something of ours is away, and would be for any other acquirer. */
  readonly ours: boolean;

  constructor(message: string, { ours = false }: { readonly ours?: boolean } = {}) {
    super(message);
    this.ours = ours;
  }
}
