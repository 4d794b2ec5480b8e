import type { CardPurpose, Remedy } from '../../../workflows/domain/outcome.ts';
import { REPLY_TABLE } from './reply-table.ts';

/** What an answered request means for the one who asked. */
export interface Classified {
  readonly outcome: 'approved' | 'declined' | 'ambiguous';
  /** Only with declined. */
  readonly remedy: Remedy | null;
  /** Why it is not simply yes or no; null for the plain cases. */
  readonly reason: string | null;
}

export interface ReplyContext {
  readonly kind: CardPurpose;
  /** Field 39. */
  readonly code: string;
  /**
   * Whether this process, or one before it, had already sent the same message; of a verification, whether it
   * was asked before and the security code was used up by that.
   */
  readonly repeated: boolean;
  /** Field 4 of the request is zero: a verification of the card. */
  readonly zeroAmount: boolean;
}

/** Which of the approving codes each kind of request can be answered with. */
const APPROVING = {
  authorization: ['00', '08', '10', '11'],
  sale: ['00', '08', '10', '11'],
  // Half of what is added helps nobody: it is undone.
  increment: ['00', '08', '11'],
  capture: ['00'],
  void: ['00'],
  partial_void: ['00'],
  refund: ['00', '08', '11'],
  reversal: ['00'],
  verification: ['00', '08', '11'],
} as const satisfies Record<CardPurpose, readonly string[]>;

/** Not declined, for a card that was only to be verified; with an amount it says nothing. */
const VERIFIED = '85';
/**
 * Refusals of the message, its terminal or its route: the issuer has not looked at the card. Beside them what
 * has the remedy `other_route`. To a payment they are a no; a verification asks about the card alone.
 */
const NOT_ABOUT_THE_CARD: ReadonlySet<string> = new Set([
  '12',
  '13',
  '17',
  '19',
  '21',
  '25',
  '30',
  '31',
  '40',
  '64',
  '90',
]);
const DUPLICATE = '94';
const NOT_FOUND = '25';

/** What an issuer may say because the security code is missing: once we have used it up, that is no no. */
const FOR_WANT_OF_THE_CODE: ReadonlySet<string> = new Set(['05', '63', '82', 'N7']);

/**
 * The outcome class of a response code: total, for every code there is or may come to be.
 *
 * - 94 acknowledges a reversal that we repeat: the first one arrived. To a first request it says nothing.
 * - 25 to a reversal is reported as declined with its code; whether it proves anything is decided by
 *   those who know the age of the original.
 * - Any other refusal of a reversal is an unknown: it is repeated, then a person looks.
 * - A repeated void that is refused says nothing either: its first message may be what released the hold.
 * - To a verification only what the issuer says of the card is a no; what refuses the message says nothing.
 *   Asked again without the security code, neither does what may be said for want of it.
 * - A capture is an advice, which cannot be declined; a refusal in plain words is reported as declined
 *   with the reason `advice_refused`, for which a case is opened.
 */
export function classifyReply({ kind, code, repeated, zeroAmount }: ReplyContext): Classified {
  if (code === VERIFIED && zeroAmount && (kind === 'authorization' || kind === 'verification'))
    return approved;
  if (code === DUPLICATE && repeated && isUndoing(kind))
    return { ...approved, reason: 'duplicate_of_our_own' };

  const row = Object.hasOwn(REPLY_TABLE.rows, code) ? REPLY_TABLE.rows[code] : undefined;
  if (row === undefined) return ambiguous(`unknown response code ${code}`);
  switch (row.meaning) {
    case 'approved':
      return (APPROVING[kind] as readonly string[]).includes(code)
        ? approved
        : ambiguous(`response ${code} (${row.text}) is not an answer to a ${kind}`);
    case 'unknown':
      return ambiguous(`response ${code}: ${row.text}`);
    case 'declined':
      if (kind === 'reversal' && code !== NOT_FOUND)
        return ambiguous(`reversal refused with ${code}: ${row.text}`);
      if (kind === 'verification' && (row.remedy === 'other_route' || NOT_ABOUT_THE_CARD.has(code)))
        return ambiguous(`response ${code} (${row.text}) says nothing about the card`);
      if (kind === 'verification' && repeated && FOR_WANT_OF_THE_CODE.has(code))
        return ambiguous(
          `response ${code} (${row.text}) to a card without the security code that was used up`,
        );
      if (repeated && (kind === 'void' || kind === 'partial_void'))
        return ambiguous(`repeated ${kind} refused with ${code}: ${row.text}`);
      return {
        outcome: 'declined',
        remedy: row.remedy,
        reason: kind === 'capture' ? 'advice_refused' : null,
      };
  }
}

function isUndoing(kind: CardPurpose): boolean {
  return kind === 'reversal' || kind === 'void' || kind === 'partial_void';
}

const approved: Classified = { outcome: 'approved', remedy: null, reason: null };

function ambiguous(reason: string): Classified {
  return { outcome: 'ambiguous', remedy: null, reason };
}
