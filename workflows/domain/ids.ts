/**
 * Branded, type-prefixed ids. An id says what it names (`pay_…`), sorts by time where it is
 * generated from a UUIDv7 (TypeID), and cannot be passed where another kind of id is expected.
 *
 * This file imports nothing: new ids are made at the edges (`platform/new-id.ts`); here they are
 * only recognised, and the derived ones (operation of a payment, attempt of an operation) computed.
 */
declare const brand: unique symbol;
type Id<Prefix extends string> = `${Prefix}_${string}` & { readonly [brand]: Prefix };

export type MerchantId = Id<'mer'>;
export type PaymentId = Id<'pay'>;
export type VerificationId = Id<'ver'>;
/** What a staged card is taken by, once: the vault knows either under the name of a payment. */
export type CardTakerId = PaymentId | VerificationId;
export type CommandId = Id<'cmd'>;
export type EventId = Id<'evt'>;
export type DeliveryId = Id<'dlv'>;
export type EndpointId = Id<'whe'>;
export type CardToken = Id<'card'>;
export type CustomerId = Id<'cus'>;
export type ReviewId = Id<'rev'>;
export type StagingId = Id<'stg'>;
export type CaseId = Id<'case'>;
export type AcquirerAccountId = Id<'aca'>;
export type AdjustmentId = Id<'adj'>;
export type ResolutionId = Id<'res'>;
export type DecisionId = Id<'dcs'>;
export type AcquirerEventId = Id<'aev'>;
export type ApiKeyId = Id<'key'>;
export type OAuthClientId = Id<'oac'>;
/** The key that signs access tokens of one week. */
export type TokenKeyId = Id<'otk'>;
export type SigningSecretId = Id<'sgs'>;

/** Authorization, reauthorization, increment, capture, release, refund, void, expiry, undoing, dispute or withdrawal of one payment. */
export type OperationId =
  | Id<'auth'>
  | Id<'rea'>
  | Id<'inc'>
  | Id<'cap'>
  | Id<'rel'>
  | Id<'ref'>
  | Id<'void'>
  | Id<'exp'>
  | Id<'und'>
  | Id<'dsp'>
  | Id<'wdr'>;
/** One try of one operation at one acquirer; see {@link attemptId}. */
export type AttemptId = Id<'att'>;

/** Every prefix with the shape of what follows it: a TypeID suffix (26 characters, base32 lower case). */
const TYPEID_SUFFIX = '[0-7][0-9a-hjkmnp-tv-z]{25}';

const PATTERNS = {
  mer: new RegExp(`^mer_${TYPEID_SUFFIX}$`),
  pay: new RegExp(`^pay_${TYPEID_SUFFIX}$`),
  ver: new RegExp(`^ver_${TYPEID_SUFFIX}$`),
  cmd: new RegExp(`^cmd_${TYPEID_SUFFIX}$`),
  evt: new RegExp(`^evt_${TYPEID_SUFFIX}$`),
  dlv: new RegExp(`^dlv_${TYPEID_SUFFIX}$`),
  whe: new RegExp(`^whe_${TYPEID_SUFFIX}$`),
  case: new RegExp(`^case_${TYPEID_SUFFIX}$`),
  aca: new RegExp(`^aca_${TYPEID_SUFFIX}$`),
  cap: new RegExp(`^cap_${TYPEID_SUFFIX}$`),
  rea: new RegExp(`^rea_${TYPEID_SUFFIX}$`),
  inc: new RegExp(`^inc_${TYPEID_SUFFIX}$`),
  ref: new RegExp(`^ref_${TYPEID_SUFFIX}$`),
  void: new RegExp(`^void_${TYPEID_SUFFIX}$`),
  adj: new RegExp(`^adj_${TYPEID_SUFFIX}$`),
  res: new RegExp(`^res_${TYPEID_SUFFIX}$`),
  dcs: new RegExp(`^dcs_${TYPEID_SUFFIX}$`),
  rev: new RegExp(`^rev_${TYPEID_SUFFIX}$`),
  cus: new RegExp(`^cus_${TYPEID_SUFFIX}$`),
  key: new RegExp(`^key_${TYPEID_SUFFIX}$`),
  oac: new RegExp(`^oac_${TYPEID_SUFFIX}$`),
  otk: new RegExp(`^otk_${TYPEID_SUFFIX}$`),
  sgs: new RegExp(`^sgs_${TYPEID_SUFFIX}$`),
} as const;

export type IdPrefix = keyof typeof PATTERNS;

/** True when `value` is a well-formed id with that prefix. It says nothing about existence. */
export function isId<P extends IdPrefix>(prefix: P, value: string): value is Id<P> {
  return PATTERNS[prefix].test(value);
}

function suffixOf(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}

/** The authorization of a payment is one operation, named after the payment. */
export function authorizationIdOf(payment: PaymentId): Id<'auth'> {
  return `auth_${suffixOf(payment)}` as Id<'auth'>;
}

/** The release of an authorization that ran out is one operation, named after the (re)authorization. */
export function expiryIdOf(authorization: OperationId): Id<'exp'> {
  return `exp_${suffixOf(authorization)}` as Id<'exp'>;
}

/** The capture that an automatic capture makes is one operation, named after the payment. */
export function automaticCaptureIdOf(payment: PaymentId): Id<'cap'> {
  return `cap_${suffixOf(payment)}` as Id<'cap'>;
}

/** The release of what a final capture left is one operation, named after the capture. */
export function releaseIdOf(capture: OperationId): Id<'rel'> {
  return `rel_${suffixOf(capture)}` as Id<'rel'>;
}

/** A payment has one review at most, named after it. */
export function reviewIdOf(payment: PaymentId): ReviewId {
  return `rev_${suffixOf(payment)}` as ReviewId;
}

/** The payment that a review is of. */
export function paymentOfReview(review: ReviewId): PaymentId {
  return `pay_${suffixOf(review)}` as PaymentId;
}

/** The void that follows a rejected or overdue review is one operation, named after the payment. */
export function reviewVoidIdOf(payment: PaymentId): Id<'void'> {
  return `void_${suffixOf(payment)}` as Id<'void'>;
}

/** What an operator's decision asks of a payment is one command, named after the decision. */
export function commandIdOf(decision: DecisionId): CommandId {
  return `cmd_${suffixOf(decision)}` as CommandId;
}

/**
 * The id of the n-th attempt (from 1) of an operation, or of a card verification: a pure function, so that a step that runs
 * again names the same attempt. It is also the idempotency key at acquirers that take one.
 */
export function attemptId(operation: OperationId | VerificationId, number: number): AttemptId {
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError(`attempt number ${number} is not a positive integer`);
  return `att_${operation}_${number}` as AttemptId;
}

/** The reversal of an attempt is an attempt of its own, named after what it reverses. */
export function reversalIdOf(attempt: AttemptId): AttemptId {
  return `${attempt}_reversal` as AttemptId;
}
