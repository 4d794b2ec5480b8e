/**
 * What moved or held money by an acquirer's own journal. `release` lets go of a part of a hold, `void`
 * of all that is left of it; `reversal` undoes one message.
 */
export const EFFECT_KINDS = [
  'authorization',
  'sale',
  'increment',
  'capture',
  'release',
  'void',
  'refund',
  'reversal',
] as const;
export type EffectKind = (typeof EFFECT_KINDS)[number];

/** One line of a journal that did something, the same whatever wire it is of. */
export interface Effect {
  /** The merchant's account at the acquirer. */
  readonly account: string;
  /** What everything about one authorization has in common: retrieval reference, payment intent. */
  readonly reference: string;
  /** Names the message, as {@link JournalReader.attemptKey} names the attempt that it is of. */
  readonly key: string;
  /** Of a reversal: key of the message that it undoes; null = the authorization of its reference. */
  readonly originalKey: string | null;
  readonly kind: EffectKind;
  /** ISO 4217 minor units. */
  readonly amount: bigint;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** ISO 8601, by the acquirer's clock. */
  readonly at: string;
}

/** How the journal of one wire is read. A new wire is a new file here and a line in index.ts. */
export interface JournalReader {
  /** The effect of a line; null when it moved nothing. @throws Error when it is no line of this wire. */
  effectOf(line: string): Effect | null;
  /** SQL over an attempt `a`: the key under which its effect stands in the journal. */
  readonly attemptKey: string;
}
