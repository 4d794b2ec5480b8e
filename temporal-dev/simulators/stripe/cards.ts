/**
 * What each test number does, as Stripe publishes them (docs.stripe.com/testing). Any other number that
 * passes Luhn is approved.
 */
export type CardOutcome =
  | { readonly type: 'approve' }
  | { readonly type: 'decline'; readonly code: string; readonly declineCode: string }
  /** Approved; its refunds are pending until they are settled. */
  | { readonly type: 'slow_refund' };

const decline = (declineCode: string, code = 'card_declined'): CardOutcome => ({
  type: 'decline',
  code,
  declineCode,
});

const CARD_OUTCOMES: ReadonlyMap<string, CardOutcome> = new Map<string, CardOutcome>([
  ['4242424242424242', { type: 'approve' }],
  ['5555555555554444', { type: 'approve' }],
  ['378282246310005', { type: 'approve' }],
  ['4000000000000002', decline('generic_decline')],
  ['4000000000009995', decline('insufficient_funds')],
  ['4000000000009987', decline('lost_card')],
  ['4000000000009979', decline('stolen_card')],
  ['4100000000000019', decline('fraudulent')],
  ['4000000000006975', decline('card_velocity_exceeded')],
  ['4000000000000069', decline('expired_card', 'expired_card')],
  ['4000000000000127', decline('incorrect_cvc', 'incorrect_cvc')],
  ['4000000000000119', decline('processing_error', 'processing_error')],
  // Asks for 3-D Secure; with error_on_requires_action it declines.
  ['4000002500003155', decline('authentication_required', 'authentication_required')],
  ['4000000000007726', { type: 'slow_refund' }],
]);

/** Those that are told apart; what they do for a merchant is in platform/test-cards.ts. */
export const cardNumbers: readonly string[] = [...CARD_OUTCOMES.keys()];

export function outcomeOfCard(number: string): CardOutcome {
  return CARD_OUTCOMES.get(number) ?? { type: 'approve' };
}
