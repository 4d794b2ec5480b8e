import type { Remedy } from '../../../workflows/domain/outcome.ts';

/**
 * What each of Stripe's codes means for a request that was answered with it. Data, with where it is
 * from and when it was last compared.
 *
 * - declined: certainly not executed, with the remedy
 * - not_begun: certainly not executed, and the same may be asked again under a new key
 * - in_progress: the same key is being worked on; ask again
 * - mismatch: the key was used with another body: a bug of ours
 * - state: the object is not in a state for it; what state it is in decides
 *
 * Only `other_route` allows another acquirer (payment-rules: declines carry a remedy).
 */
export type CodeMeaning =
  | { readonly meaning: 'declined'; readonly remedy: Remedy; readonly text: string }
  | { readonly meaning: 'not_begun' | 'in_progress' | 'mismatch' | 'state'; readonly text: string };

const declined = (remedy: Remedy, text: string): CodeMeaning => ({ meaning: 'declined', remedy, text });
const notBegun = (text: string): CodeMeaning => ({ meaning: 'not_begun', text });

interface DatedTable {
  readonly asOf: string;
  readonly source: string;
  readonly rows: Readonly<Record<string, CodeMeaning>>;
}

/** `decline_code` of a card error: the issuer's word, or Stripe's own on its behalf. */
export const DECLINE_CODES: DatedTable = {
  asOf: '2026-11-21',
  source:
    'codes: docs.stripe.com/declines/codes; remedies by payment-rules: declines carry a remedy (never = retrying is not allowed or cannot help; compare with the schemes before going live)',
  rows: {
    approve_with_id: declined('later', 'cannot be authorized now'),
    authentication_not_handled: declined('authenticate', 'the cardholder was not authenticated'),
    authentication_required: declined('authenticate', 'the issuer asks for authentication'),
    call_issuer: declined('none', 'declined, the cardholder may ask why'),
    card_not_supported: declined('other_route', 'the card does not take this kind of purchase'),
    card_velocity_exceeded: declined('later', 'exceeds a limit of the card'),
    currency_not_supported: declined('other_route', 'the card does not take the currency'),
    do_not_honor: declined('none', 'do not honor'),
    do_not_try_again: declined('never', 'do not try again'),
    duplicate_transaction: declined('none', 'the same amount and card very recently'),
    expired_card: declined('fix_data', 'expired card'),
    fraudulent: declined('never', 'suspected fraud'),
    generic_decline: declined('none', 'declined without a reason'),
    incorrect_address: declined('fix_data', 'wrong address'),
    incorrect_cvc: declined('fix_data', 'wrong security code'),
    incorrect_number: declined('fix_data', 'wrong card number'),
    incorrect_pin: declined('fix_data', 'wrong PIN'),
    incorrect_zip: declined('fix_data', 'wrong postal code'),
    insufficient_funds: declined('later', 'not sufficient funds'),
    invalid_account: declined('never', 'the account is not valid'),
    invalid_amount: declined('fix_data', 'invalid amount'),
    invalid_cvc: declined('fix_data', 'wrong security code'),
    invalid_expiry_month: declined('fix_data', 'wrong expiry'),
    invalid_expiry_year: declined('fix_data', 'wrong expiry'),
    invalid_number: declined('fix_data', 'wrong card number'),
    invalid_pin: declined('fix_data', 'wrong PIN'),
    issuer_not_available: declined('other_route', 'issuer cannot be reached'),
    lost_card: declined('never', 'lost card'),
    merchant_blacklist: declined('never', 'on the merchant’s block list'),
    mobile_device_authentication_required: declined('authenticate', 'the issuer asks for authentication'),
    new_account_information_available: declined('fix_data', 'the card has new data'),
    no_action_taken: declined('none', 'no action taken'),
    not_permitted: declined('none', 'not permitted'),
    offline_pin_required: declined('authenticate', 'a PIN is asked for'),
    online_or_offline_pin_required: declined('authenticate', 'a PIN is asked for'),
    pickup_card: declined('never', 'pick up card'),
    pin_try_exceeded: declined('none', 'PIN tries exceeded'),
    processing_error: declined('later', 'could not be processed'),
    reenter_transaction: declined('later', 're-enter transaction'),
    restricted_card: declined('never', 'restricted card'),
    revocation_of_all_authorizations: declined('never', 'cardholder revoked all agreements'),
    revocation_of_authorization: declined('never', 'cardholder revoked the agreement'),
    security_violation: declined('none', 'security violation'),
    service_not_allowed: declined('other_route', 'service not allowed'),
    stolen_card: declined('never', 'stolen card'),
    stop_payment_order: declined('never', 'cardholder stopped this payment'),
    test_mode_live_card: declined('fix_data', 'a real card in test mode'),
    testmode_decline: declined('fix_data', 'a test number in live mode'),
    transaction_not_allowed: declined('none', 'transaction not permitted to cardholder'),
    try_again_later: declined('later', 'try again later'),
    withdrawal_count_limit_exceeded: declined('later', 'exceeds withdrawal frequency limit'),
  },
};

/** `code` of any error, where no decline code says more. */
export const ERROR_CODES: DatedTable = {
  asOf: '2026-11-21',
  source: 'docs.stripe.com/error-codes and docs.stripe.com/api/errors (API version 2026-10-28)',
  rows: {
    amount_too_large: declined('fix_data', 'amount above what is possible'),
    amount_too_small: declined('fix_data', 'amount below the minimum'),
    api_key_expired: notBegun('our API key is not valid any more'),
    authentication_required: declined('authenticate', 'the issuer asks for authentication'),
    balance_insufficient: declined('later', 'the account’s balance does not cover it'),
    capture_charge_authorization_expired: declined('none', 'the authorization has run out'),
    card_decline_rate_limit_exceeded: declined('never', 'the card was declined too often'),
    card_declined: declined('none', 'declined without a reason'),
    charge_already_captured: { meaning: 'state', text: 'captured already' },
    charge_already_refunded: declined('none', 'refunded already'),
    charge_disputed: declined('none', 'charged back already'),
    charge_exceeds_transaction_limit: declined('other_route', 'above a limit of the account'),
    charge_expired_for_capture: declined('none', 'the authorization has run out'),
    charge_not_refundable: declined('none', 'cannot be refunded'),
    expired_card: declined('fix_data', 'expired card'),
    idempotency_key_in_use: { meaning: 'in_progress', text: 'the same request is being worked on' },
    incorrect_address: declined('fix_data', 'wrong address'),
    incorrect_cvc: declined('fix_data', 'wrong security code'),
    incorrect_number: declined('fix_data', 'wrong card number'),
    incorrect_zip: declined('fix_data', 'wrong postal code'),
    insufficient_funds: declined('later', 'not sufficient funds'),
    intent_invalid_state: { meaning: 'state', text: 'not in a state for it' },
    invalid_characters: declined('fix_data', 'characters that are not taken'),
    invalid_charge_amount: declined('fix_data', 'invalid amount'),
    invalid_cvc: declined('fix_data', 'wrong security code'),
    invalid_expiry_month: declined('fix_data', 'wrong expiry'),
    invalid_expiry_year: declined('fix_data', 'wrong expiry'),
    invalid_number: declined('fix_data', 'wrong card number'),
    lock_timeout: notBegun('another request holds the object'),
    parameter_invalid_empty: declined('none', 'a parameter is empty'),
    parameter_invalid_integer: declined('none', 'a parameter is no whole number'),
    parameter_missing: declined('none', 'a parameter is missing'),
    parameter_unknown: declined('none', 'a parameter that is not known'),
    payment_intent_action_required: declined('authenticate', 'the issuer asks for authentication'),
    payment_intent_authentication_failure: declined('authenticate', 'authentication failed'),
    payment_intent_incompatible_payment_method: declined('other_route', 'the card cannot pay this'),
    payment_intent_invalid_parameter: declined('none', 'a parameter is not valid'),
    payment_intent_payment_attempt_failed: declined('none', 'declined'),
    payment_intent_rate_limit_exceeded: notBegun('too many requests for this intent'),
    payment_intent_unexpected_state: { meaning: 'state', text: 'not in a state for it' },
    platform_api_key_expired: notBegun('our API key is not valid any more'),
    postal_code_invalid: declined('fix_data', 'wrong postal code'),
    processing_error: declined('later', 'could not be processed'),
    rate_limit: notBegun('too many requests'),
    refund_disputed_payment: declined('none', 'charged back already'),
    resource_missing: { meaning: 'state', text: 'no such object' },
    testmode_charges_only: declined('other_route', 'the account is not live'),
  },
};

/** How a payment intent stands after it was asked to be confirmed. */
export const INTENT_STATUSES = {
  /** Back where it was, with the reason in `last_payment_error`; without one it was never confirmed. */
  requires_payment_method: 'not_paid',
  requires_confirmation: 'not_paid',
  requires_action: 'action_required',
  processing: 'pending',
  requires_capture: 'held',
  succeeded: 'taken',
  canceled: 'canceled',
} as const;
export type IntentStatus = keyof typeof INTENT_STATUSES;

export function isIntentStatus(status: string): status is IntentStatus {
  return Object.hasOwn(INTENT_STATUSES, status);
}

/** How a refund stands. */
export const REFUND_STATUSES = {
  succeeded: 'approved',
  pending: 'pending',
  requires_action: 'pending',
  failed: 'declined',
  canceled: 'declined',
} as const;
export type RefundStatus = keyof typeof REFUND_STATUSES;

export function isRefundStatus(status: string): status is RefundStatus {
  return Object.hasOwn(REFUND_STATUSES, status);
}
