/**
 * Every way in which a well-formed request is refused, with its HTTP status. One table: the API's
 * schema errors are added to it in api/problem.ts; the codes are part of the contract.
 */
export const REFUSALS = {
  payment_not_incrementable: { status: 409, title: 'Nothing is held that could be increased' },
  payment_not_reauthorizable: { status: 409, title: 'There is no authorization that could be renewed' },
  payment_not_capturable: { status: 409, title: 'Nothing is held that could be captured' },
  payment_not_voidable: { status: 409, title: 'Nothing is held that could be released' },
  payment_not_refundable: { status: 409, title: 'Nothing was captured that could be refunded' },
  authorization_expired: { status: 409, title: 'The authorization has expired' },
  operation_pending: { status: 409, title: 'Another operation on this payment is not finished' },
  payment_paused: { status: 409, title: 'An operator has paused the payment' },
  review_open: { status: 409, title: 'The payment is in review' },
  review_not_open: { status: 409, title: 'The payment is not in review' },
  void_refused: { status: 409, title: 'The acquirer refused to release the authorization' },
  increment_exceeds_limit: { status: 422, title: 'More than one payment may hold' },
  not_possible_at_acquirer: { status: 422, title: 'Where the payment is, this cannot be asked for' },
  capture_exceeds_authorized: { status: 422, title: 'More than what is left to capture' },
  payment_not_disputable: { status: 409, title: 'Nothing was captured that could be charged back' },
  operation_not_unknown: { status: 409, title: 'What became of the operation is known' },
  payment_not_adoptable: { status: 409, title: 'The payment cannot take what its acquirer did' },
  operation_not_withdrawable: { status: 409, title: 'No success that could be taken back' },
  refund_exceeds_captured: { status: 422, title: 'More than what is left to refund' },
  dispute_exceeds_captured: { status: 422, title: 'More than what is left to charge back' },
  reversal_exceeds_disputed: { status: 422, title: 'More than what is charged back' },
} as const;
export type RefusalCode = keyof typeof REFUSALS;

export interface Refusal {
  readonly code: RefusalCode;
  /** What happened, to which id, and what to do. */
  readonly detail: string;
}
