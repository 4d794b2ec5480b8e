/**
 * What each test card does to an authorization, an increment, a sale or a verification. Captures, voids, refunds and
 * reversals of every card are executed and answered. The numbers are published test numbers of card schemes and
 * processors; any other number that passes Luhn is approved, any that does not is declined with 14.
 */
export type CardOutcome =
  | { readonly type: 'approve' }
  | { readonly type: 'approve_half' }
  | { readonly type: 'approve_for_days'; readonly days: number }
  | { readonly type: 'approve_once'; readonly code: string }
  | { readonly type: 'decline'; readonly code: string }
  | { readonly type: 'lose_answer' }
  | { readonly type: 'no_answer_not_executed' }
  | { readonly type: 'slow' }
  | { readonly type: 'reset_after' };

const CARD_OUTCOMES: ReadonlyMap<string, CardOutcome> = new Map<string, CardOutcome>([
  // Visa, Mastercard, American Express: approved.
  ['4242424242424242', { type: 'approve' }],
  ['5555555555554444', { type: 'approve' }],
  ['378282246310005', { type: 'approve' }],
  // Do not honor.
  ['4000000000000002', { type: 'decline', code: '05' }],
  // Not sufficient funds.
  ['4000000000009995', { type: 'decline', code: '51' }],
  // Expired card.
  ['4000000000000069', { type: 'decline', code: '54' }],
  // Invalid card number.
  ['4000000000000341', { type: 'decline', code: '14' }],
  // Approved and written in the journal; the answer never leaves.
  ['4000000000000119', { type: 'lose_answer' }],
  // Received, thrown away, never answered.
  ['4000000000000259', { type: 'no_answer_not_executed' }],
  // Approved at once, answered after the simulator's slow time (3 s).
  ['4000000000000077', { type: 'slow' }],
  // Approved and written in the journal; then the connection is reset, with whatever else was in flight on it.
  ['4000000000005126', { type: 'reset_after' }],
  // Half of the amount is approved, response 10.
  ['4000000000000010', { type: 'approve_half' }],
  // Approved; the acquirer says itself how long the authorization is valid.
  ['4012888888881881', { type: 'approve_for_days', days: 2 }],
  // Approved, but nothing can be added to it: not sufficient funds.
  ['5105105105105100', { type: 'approve_once', code: '51' }],
]);

/** Those that are told apart; what they do for a merchant is in platform/test-cards.ts. */
export const cardNumbers: readonly string[] = [...CARD_OUTCOMES.keys()];

export function outcomeOfCard(number: string): CardOutcome {
  return CARD_OUTCOMES.get(number) ?? { type: 'approve' };
}
