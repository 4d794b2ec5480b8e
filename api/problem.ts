import { scrub } from '../platform/scrub.ts';
import { REFUSALS } from '../workflows/domain/problem.ts';

/**
 * Every way in which this API says no: the code is part of the contract, the status and the title
 * follow from it. What the workflow refuses (REFUSALS) is in the same table.
 */
export const PROBLEMS = {
  // Who asks.
  api_key_missing: { status: 401, title: 'No API key was sent' },
  api_key_invalid: { status: 401, title: 'The API key is not valid' },
  access_token_invalid: { status: 401, title: 'The access token is not valid' },
  access_token_expired: { status: 401, title: 'The access token has ended' },
  signature_missing: { status: 401, title: 'The request is not signed' },
  signature_invalid: { status: 401, title: 'The signature does not hold' },
  signature_expired: { status: 401, title: 'The signature is too old' },
  signature_replayed: { status: 401, title: 'The nonce was used before' },
  content_digest_wrong: { status: 400, title: 'The body is not what its digest says' },
  ip_not_allowed: { status: 403, title: 'The API key may not be used from this address' },
  scope_missing: { status: 403, title: 'The API key does not have the scope' },
  scope_exceeded: { status: 403, title: 'A key gives no more than it has' },

  // How it is asked.
  malformed_request: { status: 400, title: 'The request is not well-formed HTTP' },
  route_not_found: { status: 404, title: 'There is nothing at this address' },
  method_not_allowed: { status: 405, title: 'This address does not take this method' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not application/json' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  event_refused: { status: 400, title: 'The request was not taken' },
  version_unknown: { status: 400, title: 'There is no such version of this API' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  idempotency_key_missing: { status: 400, title: 'The Idempotency-Key header is missing' },
  idempotency_key_invalid: { status: 400, title: 'The Idempotency-Key header is not usable' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key belongs to another request' },

  // What is asked.
  field_missing: { status: 400, title: 'A required field is missing' },
  field_unknown: { status: 400, title: 'The request has a field that does not exist' },
  field_invalid: { status: 400, title: 'A field has a value that it cannot have' },
  amount_invalid: { status: 400, title: 'The amount is not a whole number of minor units in range' },
  currency_invalid: { status: 400, title: 'The currency is not an active ISO 4217 code' },
  card_number_invalid: { status: 400, title: 'The card number is not valid' },
  card_expired: { status: 400, title: 'The card has expired' },
  authorize_by_out_of_range: { status: 400, title: 'authorize_by is in the past or too far away' },
  card_number_in_field: { status: 400, title: 'A card number was sent where none belongs' },
  security_code_in_field: { status: 400, title: 'A security code was sent where none belongs' },
  card_token_unknown: { status: 404, title: 'There is no such card token' },
  card_token_used: { status: 409, title: 'The card token was used already' },
  stored_card_not_found: { status: 404, title: 'There is no such stored card' },
  stored_card_deleted: { status: 410, title: 'The stored card was deleted' },
  review_not_found: { status: 404, title: 'There is no such review' },
  customer_not_found: { status: 404, title: 'There is no such customer' },
  customer_deleted: { status: 410, title: 'The customer was deleted' },
  customer_reference_taken: { status: 409, title: 'Another customer has this reference' },
  payment_not_found: { status: 404, title: 'There is no such payment' },
  card_verification_not_found: { status: 404, title: 'There is no such card verification' },
  capture_not_found: { status: 404, title: 'There is no such capture' },
  refund_not_found: { status: 404, title: 'There is no such refund' },
  event_expired: { status: 410, title: 'The event is older than events are told' },
  event_not_found: { status: 404, title: 'There is no such event' },
  webhook_endpoint_not_found: { status: 404, title: 'There is no such webhook endpoint' },
  delivery_not_found: { status: 404, title: 'There is no such delivery' },
  webhook_url_refused: { status: 400, title: 'Webhooks are not sent there' },
  webhook_endpoint_disabled: { status: 409, title: 'The webhook endpoint is disabled' },
  webhook_endpoint_limit: { status: 409, title: 'There are as many webhook endpoints as there can be' },
  delivery_not_replayable: { status: 409, title: 'The delivery is still being tried' },
  api_key_not_found: { status: 404, title: 'There is no such API key' },
  api_key_revoked: { status: 409, title: 'The API key is revoked' },
  api_key_limit: { status: 409, title: 'There are as many API keys as there can be' },
  oauth_client_not_found: { status: 404, title: 'There is no such OAuth client' },
  oauth_client_revoked: { status: 409, title: 'The OAuth client is revoked' },
  oauth_client_limit: { status: 409, title: 'There are as many OAuth clients as there can be' },
  signing_secret_not_found: { status: 404, title: 'There is no such signing secret' },
  signing_secret_limit: { status: 409, title: 'There are as many signing secrets as there can be' },
  signing_secret_needed: { status: 409, title: 'The last signing secret is needed' },
  ledger_transaction_not_found: { status: 404, title: 'There is no such ledger transaction' },
  ledger_account_not_found: { status: 404, title: 'There is no such ledger account' },
  rate_limited: { status: 429, title: 'No more of these calls are taken for now' },
  too_many_at_once: { status: 429, title: 'Too many calls at once' },
  too_many_statements: { status: 429, title: 'Too many statements are being read at once' },
  too_many_streams: { status: 429, title: 'Too many streams of events are open at once' },

  ...REFUSALS,

  // Not your fault.
  overloaded: { status: 503, title: 'Too much is asked at this moment' },
  service_unavailable: { status: 503, title: 'The request cannot be taken now' },
  internal_error: { status: 500, title: 'Something is wrong here' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong with one field. */
export interface FieldError {
  readonly code: ProblemCode;
  /** JSON pointer (RFC 6901) into the body; of a query parameter its name. */
  readonly param: string;
  /** Never quotes what was sent. */
  readonly detail: string;
}

interface ProblemExtras {
  /** Every field that is wrong; the first one is what the problem is called after. */
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log alone. */
  readonly cause?: unknown;
}

/** Ends a request with a problem document (RFC 9457). Nothing of `cause` ever leaves the process. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what happened, to what, and what to do. */
  constructor(code: ProblemCode, detail: string, { errors = [], headers = {}, cause }: ProblemExtras = {}) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.errors = errors;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** The problem of a body that is wrong in at least one field. */
export function invalidFields(errors: readonly [FieldError, ...FieldError[]]): Problem {
  return new Problem(errors[0].code, errors[0].detail, { errors });
}

/** The same request may succeed later; whether this one was taken is not said: its repeat is never done twice. */
export function unavailable(what: string, cause: unknown): Problem {
  return new Problem(
    'service_unavailable',
    `${what} does not answer now: send the same request again, with the same Idempotency-Key`,
    {
      headers: { 'retry-after': RETRY_AFTER_S },
      cause,
    },
  );
}
const RETRY_AFTER_S = '2';

export function problemBody(problem: Problem, requestId: string): string {
  const { status, title } = PROBLEMS[problem.code];
  const [first] = problem.errors;
  // Texts of ours, and names of fields as they were sent.
  const document = {
    type: `/problems/${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    ...(first === undefined ? {} : { param: first.param, errors: problem.errors }),
    request_id: requestId,
  };
  return JSON.stringify(scrub(document));
}
