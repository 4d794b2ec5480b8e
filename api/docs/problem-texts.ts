import type { ProblemCode } from '../problem.ts';

interface ProblemText {
  /** What it means: a sentence or two. */
  readonly means: string;
  /** What to do about it. */
  readonly todo: string;
}

const REPEAT = 'Send the same request again, with the same `Idempotency-Key`: nothing happens twice.';
const FIX =
  'Correct what `param` names, and send the request with a new `Idempotency-Key` if you had changed it before.';
const LOOK = 'Get the payment and look at its `status` and amounts before you ask for anything else.';

/** GET /problems/{code}: one paragraph for each code. */
export const PROBLEM_TEXTS = {
  api_key_missing: {
    means: 'The request has no `Authorization` header, so nobody knows whose it is.',
    todo: 'Send `Authorization: Bearer sk_…` with your secret key.',
  },
  api_key_invalid: {
    means: 'No merchant has this key, or it was revoked; the two cannot be told apart from outside.',
    todo: 'Check that the whole key was sent, and that it is still in use.',
  },
  access_token_invalid: {
    means:
      'The token in the `Authorization` header is not one of ours that is good now: it was signed by another key, is for another API, is not good yet, or its client was revoked.',
    todo: 'Get another token from `POST /v1/oauth/token`. If that answers `invalid_client`, the client or its secret is not in use any more.',
  },
  access_token_expired: {
    means: 'An access token is good for ten minutes, and this one is older.',
    todo: 'Get another one from `POST /v1/oauth/token`, best a minute before the last one ends, and send the request again with the same `Idempotency-Key`.',
  },
  signature_missing: {
    means:
      'This merchant takes signed requests alone in this mode (`POST /v1/request-signing`), and the request has no signature with one of its signing secrets.',
    todo: 'Sign it: HTTP Message Signatures (RFC 9421) with `hmac-sha256`, as the header `Accept-Signature` of the answer says. A secret comes from `POST /v1/signing-secrets`.',
  },
  signature_invalid: {
    means:
      'The request carries a signature that does not hold: it covers other components than it has to, names a secret that is not in use, or its value is another than ours.',
    todo: 'Compare what you signed with what `detail` says. The path and the query are signed as they were sent.',
  },
  signature_expired: {
    means: '`created` of the signature is more than five minutes ago, or ahead of our clock.',
    todo: 'Sign each request as it is sent, also a repeat, and let the clock be set by NTP.',
  },
  signature_replayed: {
    means:
      'The nonce was used before: by this very request, which somebody sent again as it was, or by another.',
    todo: 'Sign every request with a new nonce, also the repeat of one: the same `Idempotency-Key`, another nonce, another `created`.',
  },
  content_digest_wrong: {
    means: 'The body that arrived has another SHA-256 than its `Content-Digest`, or that has none.',
    todo: 'Make the digest of the very bytes that are sent, after every compression or rewriting of yours: `Content-Digest: sha-256=:…:` (RFC 9530).',
  },
  ip_not_allowed: {
    means: 'The key is good, and has a list of addresses it may be used from. Yours is not in it.',
    todo: 'Call from an address of the list, or change its `ip_allow_list` with a key that has the scope `admin`.',
  },
  scope_missing: {
    means:
      'The key is good, and may not do this: each key has the scopes it was made with (`read`, `payments`, `refunds`, `payouts`, `admin`), and none holds another.',
    todo: 'Use a key that has the scope that the [reference](/docs) names for the operation.',
  },
  scope_exceeded: {
    means: 'A key was to be made or rolled that may do something that the key of the request itself may not.',
    todo: 'Ask with a key that has all those scopes.',
  },
  malformed_request: {
    means:
      'What arrived is not HTTP that can be read: a broken header, or an address with an escape that is none.',
    todo: 'Check how the address is encoded, and that the request was made by an HTTP library.',
  },
  route_not_found: {
    means: 'There is no such address in this API.',
    todo: 'Check the path against the [reference](/docs). An id that is empty makes another address.',
  },
  method_not_allowed: {
    means: 'The address exists, and does not take this method.',
    todo: 'Use one of the methods in the `Allow` header.',
  },
  request_timeout: {
    means: 'Head or body of the request did not arrive in time; nothing was done.',
    todo: REPEAT,
  },
  body_too_large: {
    means: 'The body is larger than 64 KiB, which no request of this API needs.',
    todo: 'Shorten metadata and texts.',
  },
  unsupported_media_type: {
    means: 'The body is not JSON in UTF-8, or it is compressed.',
    todo: 'Send `Content-Type: application/json`, without `Content-Encoding`.',
  },
  headers_too_large: {
    means: 'The headers together are larger than 16 KiB.',
    todo: 'Send fewer or shorter headers; cookies are not needed here.',
  },
  event_refused: {
    means:
      'Of an acquirer’s event: its signature does not prove who sent it. It was not kept. Merchants never see this.',
    todo: 'Compare the signing secret with the one in the acquirer’s settings.',
  },
  version_unknown: {
    means: 'The header `Quittance-Version` names no version of this API; it is a date, and not any.',
    todo: 'Send one of those that `detail` lists, or leave the header out: the version of the key holds then.',
  },
  malformed_json: {
    means: 'The body is not one JSON value in UTF-8, or it is nested deeper than 16 levels.',
    todo: 'Let a JSON library write the body.',
  },
  idempotency_key_missing: {
    means: 'A POST changes something, and needs a key by which a repeat of it can be recognised.',
    todo: 'Send an `Idempotency-Key` of your own making, new for each request that is not a repeat, and keep it until you have the answer.',
  },
  idempotency_key_invalid: {
    means: 'The key is not 1 to 255 visible ASCII characters without spaces.',
    todo: 'Use a UUID.',
  },
  idempotency_key_reused: {
    means:
      'The key was used before, for a request with another address or body. That request is unharmed; this one was not taken.',
    todo: 'Repeat the first request unchanged, or take a new key for this one.',
  },
  field_missing: {
    means: 'A field or parameter that the request needs is not there.',
    todo: 'Add what `param` names.',
  },
  field_unknown: {
    means:
      'The request has a field or parameter that does not exist. Nothing is ignored silently: a misspelled `capture` must not capture.',
    todo: 'Check the spelling of what `param` names against the [reference](/docs).',
  },
  field_invalid: {
    means: 'A field or parameter has a value that it cannot have; `detail` says what it may be.',
    todo: FIX,
  },
  amount_invalid: {
    means:
      'An amount is a whole number of minor units (cents, yen), from 1 to 999 999 999 999, written as a JSON number.',
    todo: 'Send 1000 for 10.00 EUR.',
  },
  currency_invalid: {
    means: 'The currency is not an active ISO 4217 code in upper case.',
    todo: 'Send `EUR`, not `eur` or `€`.',
  },
  card_number_invalid: {
    means:
      'The card number has a wrong check digit or a length that its scheme does not have, or is not digits alone. Nothing was sent to a bank.',
    todo: 'Let the customer correct the number.',
  },
  card_expired: {
    means: 'The card’s expiry month is over, everywhere on earth.',
    todo: 'Ask the customer for another card.',
  },
  authorize_by_out_of_range: {
    means: 'The time until which the payment may be sent is in the past, or more than 15 minutes away.',
    todo: 'Leave `authorize_by` out: the payment then has ten minutes.',
  },
  card_number_in_field: {
    means:
      'A text that looks like a card number was sent where none belongs. Nothing of the request was kept or logged.',
    todo: 'Send card numbers in `/card/number` alone, and never in descriptions, references, metadata or keys.',
  },
  security_code_in_field: {
    means:
      'A field is named like a card’s security code, or a text tells one (`cvv 123`), where none belongs. Nothing of the request was kept or logged.',
    todo: 'Send security codes in `/card/cvv` alone, and keep none yourself. A result of their check may be kept under another name.',
  },
  card_token_unknown: {
    means: 'No card token of yours has this id in this mode, or it was not used within its time.',
    todo: 'Check the token and whether the key is for test or live; else ask the customer for the card again.',
  },
  card_token_used: {
    means: 'A one-time token (`ctok_…`) was used by another request.',
    todo: 'Repeat that request with its own idempotency key, or pay again with the `card_…` of its payment.',
  },
  stored_card_not_found: {
    means:
      'No stored card with this token belongs to this key. Another merchant’s, and those of the other mode, are answered the same.',
    todo: 'Take tokens from `GET /v1/stored-cards` or from `card.token` of a payment, and check whether the key is for test or live.',
  },
  stored_card_deleted: {
    means:
      'The stored card (`card_…`) was deleted, or no payment used it for 540 days. Nothing is paid with it any more; payments that it was used for go on, and are captured and refunded as ever.',
    todo: 'Ask the customer for the card again. The same card gets another token.',
  },
  review_not_found: {
    means:
      'No review with this id belongs to this key: another merchant’s, and those of the other mode, are answered the same, and so is a payment that never was in review.',
    todo: 'Take ids from `GET /v1/reviews`, and check whether the key is for test or live.',
  },
  customer_not_found: {
    means:
      'No customer with this id belongs to this key. Another merchant’s, and those of the other mode, are answered the same.',
    todo: 'Take ids from `GET /v1/customers`, and check whether the key is for test or live.',
  },
  customer_deleted: {
    means: 'The customer was deleted: what it was called is gone, and nothing is made for it any more.',
    todo: 'Make another customer, or leave `customer` out.',
  },
  customer_reference_taken: {
    means: 'A `reference` belongs to one customer of a merchant and mode, and another one has it.',
    todo: 'Find that one by `GET /v1/customers?reference=…`, or use another reference. One that was deleted has none.',
  },
  payment_not_found: {
    means:
      'No payment with this id belongs to this key. Another merchant’s payments, and those of the other mode, are answered the same.',
    todo: 'Check the id, and whether the key is for test or live.',
  },
  card_verification_not_found: {
    means:
      'No card verification with this id belongs to this key. Another merchant’s, and those of the other mode, are answered the same.',
    todo: 'Take ids from `GET /v1/card-verifications`, and check whether the key is for test or live.',
  },
  capture_not_found: {
    means:
      'No capture with this id belongs to this key. Another merchant’s, and those of the other mode, are answered the same.',
    todo: 'Take ids from `GET /v1/captures`, and check whether the key is for test or live.',
  },
  refund_not_found: {
    means:
      'No refund with this id belongs to this key. Another merchant’s, and those of the other mode, are answered the same.',
    todo: 'Take ids from `GET /v1/refunds`, and check whether the key is for test or live.',
  },
  event_expired: {
    means:
      'Events are told for 30 days. An id says when it was made, so an old one is answered like this whether or not it is yours.',
    todo: 'Ask for the payment itself; begin a stream anew without `Last-Event-ID`. A delivery of such an event cannot be replayed.',
  },
  event_not_found: {
    means:
      'No event with this id belongs to this key. Another merchant’s, and those of the other mode, are answered the same.',
    todo: 'Take ids from `GET /v1/events`, and check whether the key is for test or live.',
  },
  webhook_endpoint_not_found: {
    means:
      'No webhook endpoint with this id belongs to this key. Another merchant’s, and those of the other mode, are answered the same.',
    todo: 'Take ids from `GET /v1/webhook-endpoints`, and check whether the key is for test or live.',
  },
  delivery_not_found: {
    means: 'No delivery with this id belongs to this key.',
    todo: 'Take ids from the deliveries of a webhook endpoint.',
  },
  webhook_url_refused: {
    means: 'Webhooks are sent by https to public addresses only, and the URL can never lead to one.',
    todo: 'Give the URL of a server that the internet can reach. Its name is judged again at every attempt.',
  },
  webhook_endpoint_disabled: {
    means:
      'The endpoint is disabled: nothing is sent to it. `disabled_reason` says whether it was because it took nothing for five days.',
    todo: 'Enable it first: `POST /v1/webhook-endpoints/{id}` with `{"enabled": true}`.',
  },
  webhook_endpoint_limit: {
    means: 'A merchant has at most 20 webhook endpoints in each mode.',
    todo: 'Delete one that is not needed, or let one receive more types of events.',
  },
  delivery_not_replayable: {
    means: 'The event is still on its way to the endpoint: it will be sent again by itself.',
    todo: 'Wait until the delivery is `delivered`, `failed` or `endpoint_disabled`.',
  },
  api_key_not_found: {
    means:
      'No API key with this id belongs to this merchant and mode. Another merchant’s are answered the same.',
    todo: 'Take ids from `GET /v1/api-keys`; test and live keys are managed each with a key of its mode.',
  },
  api_key_revoked: {
    means: 'The key was revoked, for good: nothing of it can be changed any more.',
    todo: 'Create another one.',
  },
  api_key_limit: {
    means: 'A merchant has at most 50 API keys in use in each mode.',
    todo: 'Revoke one that is not used: `last_used` says when each was.',
  },
  oauth_client_not_found: {
    means:
      'No OAuth client with this id belongs to this merchant and mode. Another merchant’s are answered the same.',
    todo: 'Take ids from `GET /v1/oauth-clients`; test and live are managed each with a key of its mode.',
  },
  oauth_client_revoked: {
    means: 'The client was revoked, for good: nothing of it can be changed any more.',
    todo: 'Create another one.',
  },
  oauth_client_limit: {
    means: 'A merchant has at most 50 OAuth clients in use in each mode.',
    todo: 'Revoke one that is not used: `last_used` says when each last got a token.',
  },
  signing_secret_not_found: {
    means:
      'No signing secret with this id belongs to this merchant and mode. Another merchant’s are answered the same.',
    todo: 'Take ids from `GET /v1/signing-secrets`.',
  },
  signing_secret_limit: {
    means: 'A merchant has at most 10 signing secrets in use in each mode.',
    todo: 'Revoke one that nothing is signed with any more.',
  },
  signing_secret_needed: {
    means:
      'Requests must be signed, and without this secret nobody could sign one: also not the one that changes that.',
    todo: 'Create another secret and sign with it, or send `{"required": false}` to `POST /v1/request-signing` first.',
  },
  ledger_transaction_not_found: {
    means: 'No transaction with this id is in your ledger, in this mode.',
    todo: 'Take ids from `GET /v1/ledger/transactions`.',
  },
  ledger_account_not_found: {
    means:
      'No account with this id is in your ledger, in this mode. Accounts come into being with their first entry.',
    todo: 'Take ids from `GET /v1/ledger/accounts`.',
  },
  rate_limited: {
    means:
      'Calls are counted by merchant, mode and class (`read`, `create`, `money`, `manage`): each may come so many times a second. Cards are counted as well: where one merchant’s come in too fast, or look like numbers that somebody tries out, no more are taken for a while, whatever `RateLimit` has left. Nothing was done by this call; what an earlier one with the same key did stands.',
    todo: 'Wait as long as `Retry-After` says, then send the same request again; spread calls by the `RateLimit` header.',
  },
  too_many_at_once: {
    means: 'So many of your calls are under way that no other is begun. Nothing was done.',
    todo: 'Wait for one to be answered. With `Prefer: wait=0` a payment is answered at once.',
  },
  too_many_statements: {
    means: 'A statement holds a snapshot of the database while it is read; a merchant may read two at once.',
    todo: 'Read the others to their end, or wait.',
  },
  too_many_streams: {
    means:
      'Each open stream of events is looked after by one process; a merchant may have five open at once.',
    todo: 'Close the others, or follow `GET /v1/events`.',
  },
  payment_not_incrementable: {
    means:
      'Nothing is held that could be increased: the payment is not held, is not a pre-authorization, or its account cannot.',
    todo: 'Create another payment for the difference.',
  },
  payment_not_reauthorizable: {
    means:
      'There is no authorization that could be renewed: something was captured, it is not near its end, or it was never held.',
    todo: LOOK,
  },
  payment_not_capturable: { means: 'Nothing is held that could be captured.', todo: LOOK },
  payment_not_voidable: {
    means: 'Nothing is held that could be given back. What was captured is refunded, not voided.',
    todo: LOOK,
  },
  payment_not_refundable: { means: 'Nothing was captured that could be refunded.', todo: LOOK },
  authorization_expired: {
    means: 'The authorization can no longer be captured: `capture_before` is over.',
    todo: 'Reauthorize the payment, or create a new one.',
  },
  operation_pending: {
    means:
      'Another operation on this payment is not finished, and until its outcome is known nothing else may move its money.',
    todo: 'Wait for its event, or ask again later with a new key.',
  },
  payment_paused: {
    means: 'An operator has paused the payment: it begins nothing new. Nothing was sent for this request.',
    todo: 'Ask again later, with another idempotency key. What was under way is concluded all the same, and its events come.',
  },
  review_open: {
    means: 'The payment is in review: a person decides first.',
    todo: 'Wait for `payment.authorized`, `payment.captured` or `payment.voided`.',
  },
  review_not_open: {
    means:
      'A review was to be decided that is not open. Only operators decide reviews; merchants never see this.',
    todo: 'Look at the payment’s history for who decided it.',
  },
  void_refused: {
    means: 'The acquirer refused to release the authorization. It stays held until it expires by itself.',
    todo: 'Tell the customer that the hold ends at the latest with `capture_before`; a person of ours looks at the case.',
  },
  increment_exceeds_limit: {
    means: 'One payment holds at most 999 999 999 999 minor units.',
    todo: 'Create another payment.',
  },
  not_possible_at_acquirer: {
    means:
      'Where the payment was authorized, this amount cannot be said (some take amounts in steps). Nothing was sent.',
    todo: 'Ask for another amount.',
  },
  capture_exceeds_authorized: {
    means: 'More was asked for than is still held.',
    todo: 'Capture at most `amount_capturable`.',
  },
  payment_not_disputable: {
    means:
      'An acquirer reported a chargeback of a payment of which nothing was captured. Merchants never see this.',
    todo: 'Look at the case that was opened.',
  },
  operation_not_unknown: {
    means: 'A person said what became of an operation that is known. Merchants never see this.',
    todo: 'Look at the operation again.',
  },
  payment_not_adoptable: {
    means: 'An acquirer did something to a payment that cannot take it. Merchants never see this.',
    todo: 'Look at the case that was opened.',
  },
  operation_not_withdrawable: {
    means: 'An acquirer took back a success that there was not. Merchants never see this.',
    todo: 'Look at the case that was opened.',
  },
  refund_exceeds_captured: {
    means: 'More was asked for than is left to refund, counting refunds that are on their way.',
    todo: 'Refund at most `amount_refundable`.',
  },
  dispute_exceeds_captured: {
    means: 'An acquirer reported more charged back than was captured. Merchants never see this.',
    todo: 'Look at the case that was opened.',
  },
  reversal_exceeds_disputed: {
    means: 'An acquirer reported more given back than was charged back. Merchants never see this.',
    todo: 'Look at the case that was opened.',
  },
  overloaded: {
    means:
      'More is asked at this moment than can be answered. Reads are refused first, then new payments, captures and refunds last. Nothing was done.',
    todo: REPEAT,
  },
  service_unavailable: {
    means:
      'Something that is needed does not answer now. Mostly nothing was written; but the request may have been taken before its answer could be read. The same key tells: a repeat is never done twice.',
    todo: REPEAT,
  },
  internal_error: {
    means: 'Something is wrong with us. Whether the request was taken is not said by this answer.',
    todo: `${REPEAT} If it stays, tell us the \`request_id\`.`,
  },
} as const satisfies Record<ProblemCode, ProblemText>;
