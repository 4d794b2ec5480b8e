/**
 * How an acquirer call can end. Exactly one class each time; nothing else decides what may follow.
 *
 * - approved, declined, action_required: the acquirer answered; a value.
 * - pending: the acquirer holds the request and will report by itself; never sent again.
 * - retryable: certainly not executed; may be sent again, here or elsewhere.
 * - ambiguous: may have been executed; never failed over, never called a decline.
 *
 * The seventh class, bug, is not a value: it is thrown as a non-retryable failure, and until a
 * person has looked at it the money side is treated as ambiguous.
 */
export const OUTCOME_CLASSES = [
  'approved',
  'declined',
  'action_required',
  'pending',
  'retryable',
  'ambiguous',
] as const;
export type OutcomeClass = (typeof OUTCOME_CLASSES)[number];

/** What to do about an attempt whose answer did not come; chosen and committed before the first byte. */
export const UNKNOWN_POLICIES = ['reverse', 'repeat', 'case', 'inquire'] as const;
export type UnknownPolicy = (typeof UNKNOWN_POLICIES)[number];

export const ATTEMPT_KINDS = [
  'authorization',
  'sale',
  'increment',
  'capture',
  'void',
  'partial_void',
  'refund',
  'reversal',
] as const;
export type AttemptKind = (typeof ATTEMPT_KINDS)[number];

/** What a card's number is wanted for: an attempt of a payment, by its kind, or a card verification. */
export const CARD_PURPOSES = [...ATTEMPT_KINDS, 'verification'] as const;
export type CardPurpose = (typeof CARD_PURPOSES)[number];

/**
 * The kinds whose message may carry the security code: only a question to the issuer, only its first
 * time. They lease it, and their first answer, or unknown, ends it (payment-rules: CVV and grants).
 */
export const CARRIES_SECURITY_CODE = {
  authorization: true,
  sale: true,
  increment: false,
  capture: false,
  void: false,
  partial_void: false,
  refund: false,
  reversal: false,
} as const satisfies Record<AttemptKind, boolean>;

/** Why a declined payment was declined and what could help (payment-rules: declines carry a remedy). */
export const REMEDIES = ['other_route', 'later', 'authenticate', 'fix_data', 'never', 'none'] as const;
export type Remedy = (typeof REMEDIES)[number];
