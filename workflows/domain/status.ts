/**
 * - held: the issuer holds what is not captured yet
 * - released, expired: nothing is held any more; it was captured whole, given back, or ran out
 * - withdrawn: nothing is held, and what had been captured failed afterwards
 */
export const AUTHORIZATION_STATES = ['none', 'unknown', 'held', 'released', 'expired', 'withdrawn'] as const;
export type AuthorizationState = (typeof AUTHORIZATION_STATES)[number];

export const CONCLUSIONS = ['open', 'declined', 'blocked', 'failed'] as const;
/** How a payment ended that never got an authorization it could keep; open otherwise. */
export type Conclusion = (typeof CONCLUSIONS)[number];

export const REVIEW_STATES = ['none', 'open', 'approved', 'rejected'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

export const PAYMENT_STATUSES = [
  'processing',
  'in_review',
  'authorized',
  'partially_captured',
  'captured',
  'partially_refunded',
  'refunded',
  'voided',
  'declined',
  'blocked',
  'expired',
  'failed',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export interface StatusParts {
  readonly authorizationState: AuthorizationState;
  readonly conclusion: Conclusion;
  readonly review: ReviewState;
  readonly amountAuthorized: bigint;
  readonly amountCaptured: bigint;
  readonly amountRefunded: bigint;
}

const WITHOUT_CAPTURE = {
  none: 'processing',
  unknown: 'processing',
  held: 'authorized',
  released: 'voided',
  expired: 'expired',
  withdrawn: 'failed',
} as const satisfies Record<AuthorizationState, PaymentStatus>;

/**
 * The status the API shows: a total function of the parts, never stored as a fact of its own. The
 * database checks every row against the same function (`payment_status`, schema/functions).
 */
export function statusOf(parts: StatusParts): PaymentStatus {
  const { authorizationState, conclusion, review, amountAuthorized, amountCaptured, amountRefunded } = parts;
  if (conclusion !== 'open') return conclusion;
  if (amountCaptured > 0n) {
    if (amountRefunded >= amountCaptured) return 'refunded';
    if (amountRefunded > 0n) return 'partially_refunded';
    return authorizationState === 'held' && amountCaptured < amountAuthorized
      ? 'partially_captured'
      : 'captured';
  }
  if (authorizationState === 'held' && review === 'open') return 'in_review';
  return WITHOUT_CAPTURE[authorizationState];
}
