import type { AttemptKind, Remedy } from '../../../workflows/domain/outcome.ts';
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
  readonly kind: AttemptKind;
  /** Field 39. */
  readonly code: string;
  /** Whether this process, or one before it, had already sent the same message. */
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
} as const satisfies Record<AttemptKind, readonly string[]>;

/** Not declined, for a card that was only to be verified; with an amount it says nothing. */
const VERIFIED = '85';
const DUPLICATE = '94';
const NOT_FOUND = '25';

/**
 * The outcome class of a response code: total, for every code there is or may come to be.
 *
 * - 94 acknowledges a reversal that we repeat: the first one arrived. To a first request it says nothing.
 * - 25 to a reversal is reported as declined with its code; whether it proves anything is decided by
 *   those who know the age of the original.
 * - Any other refusal of a reversal is an unknown: it is repeated, then a person looks.
 * - A repeated void that is refused says nothing either: its first message may be what released the hold.
 * - A capture is an advice, which cannot be declined; a refusal in plain words is reported as declined
 *   with the reason `advice_refused`, for which a case is opened.
 */
export function classifyReply({ kind, code, repeated, zeroAmount }: ReplyContext): Classified {
  if (code === VERIFIED && zeroAmount && kind === 'authorization') return approved;
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
      if (repeated && (kind === 'void' || kind === 'partial_void'))
        return ambiguous(`repeated ${kind} refused with ${code}: ${row.text}`);
      return {
        outcome: 'declined',
        remedy: row.remedy,
        reason: kind === 'capture' ? 'advice_refused' : null,
      };
  }
}

function isUndoing(kind: AttemptKind): boolean {
  return kind === 'reversal' || kind === 'void' || kind === 'partial_void';
}

const approved: Classified = { outcome: 'approved', remedy: null, reason: null };

function ambiguous(reason: string): Classified {
  return { outcome: 'ambiguous', remedy: null, reason };
}
