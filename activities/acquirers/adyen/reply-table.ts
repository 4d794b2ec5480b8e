import type { AttemptKind, Remedy } from '../../../workflows/domain/outcome.ts';

/**
 * What each of Adyen's codes means for a request that was answered with it. Data, with where it is
 * from and when it was last compared. A code that stands in no table is ambiguous, and an alarm.
 * Only `other_route` allows another acquirer (payment-rules: declines carry a remedy).
 */
interface Dated<Row> {
  readonly asOf: string;
  readonly source: string;
  readonly rows: Readonly<Record<string, Row>>;
}

/** What a resultCode of /payments says. */
export type ResultMeaning = 'approved' | 'refused' | 'pending' | 'action_required';

export const RESULT_CODES: Dated<ResultMeaning> = {
  asOf: '2026-11-21',
  source: 'docs.adyen.com/online-payments/build-your-integration/payment-result-codes (m)',
  rows: {
    Authorised: 'approved',
    // With the amount that was authorised: less than was asked for.
    PartiallyAuthorised: 'approved',
    Refused: 'refused',
    // Could not be processed; why is in the same codes as a refusal.
    Error: 'refused',
    Cancelled: 'refused',
    Pending: 'pending',
    Received: 'pending',
    PresentToShopper: 'pending',
    RedirectShopper: 'action_required',
    IdentifyShopper: 'action_required',
    ChallengeShopper: 'action_required',
  },
};

export interface Refusal {
  readonly remedy: Remedy;
  readonly text: string;
}
const refusal = (remedy: Remedy, text: string): Refusal => ({ remedy, text });

/** `refusalReasonCode`, beside Refused, Error or Cancelled: certainly not executed. */
export const REFUSAL_REASONS: Dated<Refusal> = {
  asOf: '2026-11-21',
  source:
    'codes: docs.adyen.com/development-resources/refusal-reasons (those above 28 from memory); remedies by payment-rules: declines carry a remedy (never = retrying is not allowed or cannot help; compare with the schemes before going live)',
  rows: {
    '2': refusal('none', 'refused'),
    '3': refusal('none', 'referral: the cardholder may ask the bank'),
    '4': refusal('later', 'an error at the acquirer'),
    '5': refusal('never', 'blocked card'),
    '6': refusal('fix_data', 'expired card'),
    '7': refusal('fix_data', 'invalid amount'),
    '8': refusal('fix_data', 'invalid card number'),
    '9': refusal('other_route', 'issuer cannot be reached'),
    '10': refusal('other_route', 'the issuer does not support this kind of purchase'),
    '11': refusal('authenticate', 'not authenticated by 3-D Secure'),
    '12': refusal('later', 'not sufficient funds'),
    '14': refusal('never', 'suspected fraud'),
    '15': refusal('none', 'canceled'),
    '16': refusal('none', 'canceled by the shopper'),
    '17': refusal('authenticate', 'wrong PIN'),
    '18': refusal('none', 'PIN tries exceeded'),
    '19': refusal('authenticate', 'the PIN cannot be validated'),
    '20': refusal('never', 'refused by the risk checks of the account'),
    '21': refusal('later', 'not submitted'),
    '22': refusal('never', 'canceled by the risk checks of the account'),
    '23': refusal('none', 'transaction not permitted to cardholder'),
    '24': refusal('fix_data', 'wrong security code'),
    '25': refusal('never', 'restricted card'),
    '26': refusal('never', 'cardholder revoked the agreement'),
    '27': refusal('none', 'declined without a reason'),
    '28': refusal('later', 'exceeds withdrawal amount limit'),
    '29': refusal('later', 'exceeds withdrawal frequency limit'),
    '31': refusal('none', 'the issuer suspects fraud'),
    '32': refusal('fix_data', 'wrong address'),
    '33': refusal('authenticate', 'an online PIN is asked for'),
    '34': refusal('none', 'no checking account'),
    '35': refusal('none', 'no savings account'),
    '36': refusal('authenticate', 'a PIN is asked for'),
    '37': refusal('authenticate', 'authentication failed'),
    '38': refusal('authenticate', 'the issuer asks for authentication'),
    '39': refusal('authenticate', 'authentication could not be read'),
    '42': refusal('authenticate', 'a 3-D Secure error'),
    '46': refusal('never', 'the stored credential has ended'),
  },
};

/**
 * `errorCode` of an HTTP error.
 * - declined: turned away for what was asked, not executed
 * - ours: turned away for what only we, or Adyen's support, can mend; not executed
 * - in_progress: the same key is being worked on; ask again
 */
export type ErrorMeaning =
  | { readonly meaning: 'declined'; readonly remedy: Remedy; readonly text: string }
  | { readonly meaning: 'ours' | 'in_progress'; readonly text: string };
const declined = (remedy: Remedy, text: string): ErrorMeaning => ({ meaning: 'declined', remedy, text });
const ours = (text: string): ErrorMeaning => ({ meaning: 'ours', text });

export const ERROR_CODES: Dated<ErrorMeaning> = {
  asOf: '2026-11-21',
  source: 'docs.adyen.com/development-resources/error-codes (101 compared, the rest from memory)',
  rows: {
    '010': ours('our API key may not do this'),
    '101': declined('fix_data', 'invalid card number'),
    '102': declined('fix_data', 'the brand of the card is not known'),
    '103': declined('fix_data', 'a security code of the wrong length'),
    '104': declined('fix_data', 'wrong address'),
    '129': declined('fix_data', 'wrong expiry'),
    '130': ours('the reference is missing'),
    '137': declined('fix_data', 'invalid amount'),
    '138': declined('other_route', 'the account does not take the currency'),
    '140': declined('fix_data', 'wrong expiry month'),
    '141': declined('fix_data', 'wrong expiry year'),
    '704': { meaning: 'in_progress', text: 'the same request is being worked on' },
    '901': ours('the merchant account is not known'),
    '902': ours('the request lacks something'),
    '905': declined('other_route', 'the account does not take the card'),
    '907': declined('other_route', 'the account does not take the card in this country'),
    '916': declined('other_route', 'above a limit of the account'),
  },
};

/**
 * What an event tells (eventCode).
 * - answers: how the attempt it names ended
 * - withdraws: what had succeeded has failed after all
 * - chargeback, chargeback_reversal: money was charged back, or came back
 * - nothing: for people, or known otherwise
 */
export type EventMeaning = 'answers' | 'withdraws' | 'chargeback' | 'chargeback_reversal' | 'nothing';

/** The attempts that each answering event can be about. */
export const ANSWERED_KINDS = {
  AUTHORISATION: ['authorization', 'sale'],
  CAPTURE: ['capture'],
  CANCELLATION: ['void', 'partial_void'],
  REFUND: ['refund'],
  CANCEL_OR_REFUND: ['reversal'],
  TECHNICAL_CANCEL: ['reversal'],
} as const satisfies Readonly<Record<string, readonly AttemptKind[]>>;
export type AnsweringCode = keyof typeof ANSWERED_KINDS;

export const EVENT_CODES: Dated<EventMeaning> = {
  asOf: '2026-11-21',
  source: 'docs.adyen.com/development-resources/webhooks/webhook-types (standard webhook) (m)',
  rows: {
    AUTHORISATION: 'answers',
    CAPTURE: 'answers',
    CANCELLATION: 'answers',
    REFUND: 'answers',
    CANCEL_OR_REFUND: 'answers',
    TECHNICAL_CANCEL: 'answers',
    CAPTURE_FAILED: 'withdraws',
    REFUND_FAILED: 'withdraws',
    REFUNDED_REVERSED: 'withdraws',
    CHARGEBACK: 'chargeback',
    SECOND_CHARGEBACK: 'chargeback',
    CHARGEBACK_REVERSED: 'chargeback_reversal',
    NOTIFICATION_OF_CHARGEBACK: 'nothing',
    NOTIFICATION_OF_FRAUD: 'nothing',
    REQUEST_FOR_INFORMATION: 'nothing',
    INFORMATION_SUPPLIED: 'nothing',
    PREARBITRATION_WON: 'nothing',
    PREARBITRATION_LOST: 'nothing',
    DISPUTE_DEFENSE_PERIOD_ENDED: 'nothing',
    ISSUER_COMMENTS: 'nothing',
    REPORT_AVAILABLE: 'nothing',
    MANUAL_REVIEW_ACCEPT: 'nothing',
    MANUAL_REVIEW_REJECT: 'nothing',
  },
};

/** The row of a code, and nothing of what every object has. */
export function rowOf<Row>({ rows }: Dated<Row>, code: string): Row | null {
  return Object.hasOwn(rows, code) ? (rows[code] ?? null) : null;
}
