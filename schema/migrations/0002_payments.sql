-- A payment and everything that was asked of it.

-- The status the API shows is a function of a payment's parts, never a thing of its own. The same
-- function stands in workflows/domain/status.ts; a test compares them over every combination.
create function payment_status(
  authorization_state text, conclusion text, review text,
  amount_authorized bigint, amount_captured bigint, amount_refunded bigint
) returns text language sql immutable parallel safe as $$
  select case
    when conclusion <> 'open' then conclusion
    when amount_captured > 0 and amount_refunded >= amount_captured then 'refunded'
    when amount_captured > 0 and amount_refunded > 0 then 'partially_refunded'
    when amount_captured > 0 and authorization_state = 'held' and amount_captured < amount_authorized then 'partially_captured'
    when amount_captured > 0 then 'captured'
    when authorization_state = 'held' and review = 'open' then 'in_review'
    when authorization_state = 'held' then 'authorized'
    when authorization_state = 'released' then 'voided'
    when authorization_state = 'expired' then 'expired'
    else 'processing'
  end
$$;

create table payments (
  merchant_id text not null,
  id text not null check (id ~ '^pay_'),
  mode text not null check (mode in ('test', 'live')),
  -- Counts changes: a writer names the version it read, and loses if another was faster.
  version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  amount bigint not null check (amount between 1 and 999999999999),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  capture_method text not null check (capture_method in ('automatic', 'manual')),
  partial_approval text not null default 'refuse' check (partial_approval in ('allow', 'refuse')),
  staging_id text not null check (staging_id ~ '^stg_'),
  -- Late is not yes: what was not sent by then fails as not_attempted.
  authorize_by timestamptz not null,
  description text check (length(description) <= 500),
  order_reference text check (length(order_reference) <= 100),
  customer_reference text check (length(customer_reference) <= 100),
  ip_address text check (length(ip_address) <= 45),
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),

  -- Known once the card is tokenized. Expiry stands only beside a token.
  card_token text check (card_token ~ '^card_'),
  card_brand text,
  card_bin text check (card_bin ~ '^[0-9]{6}([0-9]{2})?$'),
  card_last_four text check (card_last_four ~ '^[0-9]{4}$'),
  card_expiry_month smallint check (card_expiry_month between 1 and 12),
  card_expiry_year smallint check (card_expiry_year between 2000 and 2199),
  card_fingerprint text,
  check ((card_token is null) = (card_expiry_month is null) and (card_token is null) = (card_expiry_year is null)),

  -- The parts. Each moves only along legal_transitions.
  authorization_state text not null default 'none' check (authorization_state in ('none', 'unknown', 'held', 'released', 'expired')),
  conclusion text not null default 'open' check (conclusion in ('open', 'declined', 'blocked', 'failed')),
  review text not null default 'none' check (review in ('none', 'open', 'approved', 'rejected')),
  amount_authorized bigint not null default 0 check (amount_authorized >= 0),
  amount_captured bigint not null default 0 check (amount_captured >= 0),
  amount_refunded bigint not null default 0 check (amount_refunded >= 0),
  amount_refund_pending bigint not null default 0 check (amount_refund_pending >= 0),
  amount_disputed bigint not null default 0 check (amount_disputed >= 0),
  -- More than the cardholder's bank agreed to can never be taken.
  constraint captured_within_authorized check (amount_captured <= amount_authorized),
  -- More than was taken can never be given back, counting what is on its way.
  constraint refunded_within_captured check (amount_refunded + amount_refund_pending <= amount_captured),
  -- A payment that ended without an authorization moved no money.
  constraint concluded_moved_nothing check (conclusion = 'open' or (amount_authorized = 0 and amount_captured = 0)),
  -- Unknown is never called no: a payment cannot end while an authorization may be out there.
  constraint concluded_is_known check (conclusion = 'open' or authorization_state = 'none'),

  status text not null default 'processing',
  constraint status_is_its_function check (status = payment_status(
    authorization_state, conclusion, review, amount_authorized, amount_captured, amount_refunded)),

  -- Why it ended without an authorization: not_attempted, reversed_unknown, not_executed, …
  failure_code text,
  decline_code text,
  remedy text,
  capture_before timestamptz,
  review_by timestamptz,
  -- The attempt whose approval holds the money: follow-ups go where it went.
  authorization_attempt_id text,

  -- Something is awaited or unfinished: exactly then a workflow must be open. The keeper's question.
  pending boolean not null default true,

  primary key (merchant_id, id)
) partition by hash (merchant_id);
select partition_by_merchant('payments', 8);
-- On the id, which never changes: an index on updated_at would make every step write to it.
create index payments_pending on payments (id) where pending;
create index payments_by_card on payments (merchant_id, card_fingerprint, created_at) where card_fingerprint is not null;
create index payments_by_address on payments (merchant_id, ip_address, created_at) where ip_address is not null;

create table operations (
  merchant_id text not null,
  id text not null check (id ~ '^(auth|cap|ref|void|exp)_'),
  payment_id text not null,
  kind text not null check (kind in ('authorize', 'capture', 'void', 'expiry', 'refund')),
  amount bigint not null check (amount between 1 and 999999999999),
  state text not null check (state in ('pending', 'succeeded', 'failed')),
  -- Where a pending operation stands; concluded = it is not pending any more.
  phase text not null check (phase in ('ready', 'in_flight', 'unknown', 'reversing', 'case', 'waiting', 'concluded')),
  check ((state = 'pending') = (phase <> 'concluded')),
  -- When the workflow acts on it next; null = it waits for somebody.
  due_at timestamptz,
  unknown_since timestamptz,
  inquiries integer not null default 0,
  attempts integer not null default 0,
  current_attempt_id text,
  failure_code text,
  reason text check (length(reason) <= 500),
  created_at timestamptz not null,
  concluded_at timestamptz,
  check ((state = 'pending') = (concluded_at is null)),
  primary key (merchant_id, id)
) partition by hash (merchant_id);
select partition_by_merchant('operations', 8);
create index operations_of_payment on operations (merchant_id, payment_id);
-- One authorization and one expiry per payment.
create unique index operations_single on operations (merchant_id, payment_id, kind) where kind in ('authorize', 'expiry');

create table attempts (
  merchant_id text not null,
  id text not null check (id ~ '^att_'),
  payment_id text not null,
  operation_id text not null,
  number integer not null check (number > 0),
  kind text not null check (kind in ('authorization', 'sale', 'capture', 'void', 'partial_void', 'refund', 'reversal')),
  acquirer_id text not null,
  account_id text not null,
  -- planned -> sending -> answered; planned -> fenced; sending|answered -> reversing -> reversed.
  state text not null default 'planned' check (state in ('planned', 'sending', 'answered', 'fenced', 'reversing', 'reversed')),
  -- The compensation, committed with the plan: before the first byte it is known what undoes it.
  on_unknown text not null check (on_unknown in ('reverse', 'repeat', 'case')),
  amount bigint not null check (amount between 0 and 999999999999),
  currency char(3) not null,
  -- What goes on the wire, but for the card: a reversal is built from this and the vault alone.
  wire jsonb not null,
  original_attempt_id text,
  check ((kind in ('reversal', 'capture', 'void', 'partial_void', 'refund')) = (original_attempt_id is not null)),
  planned_at timestamptz not null,
  send_by timestamptz not null,
  sends integer not null default 0,
  sending_at timestamptz,
  answered_at timestamptz,
  outcome text check (outcome in ('approved', 'declined', 'action_required', 'pending', 'retryable', 'ambiguous')),
  -- Without an outcome nobody could tell whether it is live.
  constraint answered_has_outcome check ((answered_at is null) = (outcome is null) and (state <> 'answered' or outcome is not null)),
  response_code text,
  approval_code text,
  network_reference text,
  approved_amount bigint,
  settlement_date text,
  remedy text,
  avs_result text,
  cvv_result text,
  reason text,
  -- The truth that came after the attempt was called something else; kept, never dropped.
  late_answer jsonb,
  -- Could this attempt hold the cardholder's money?
  live boolean generated always as (
    kind in ('authorization', 'sale') and state not in ('fenced', 'reversed')
    and not (state = 'answered' and outcome in ('declined', 'retryable'))
  ) stored,
  primary key (merchant_id, id)
) partition by hash (merchant_id);
select partition_by_merchant('attempts', 8);
create index attempts_of_payment on attempts (merchant_id, payment_id);
-- Never charge twice: a second authorization cannot even be planned while one may be alive.
create unique index attempts_one_live_authorization on attempts (merchant_id, payment_id) where live;

create table commands (
  merchant_id text not null,
  id text not null check (id ~ '^cmd_'),
  payment_id text not null,
  -- The order in which they were accepted.
  sequence bigint generated always as identity,
  kind text not null check (kind in ('create', 'capture', 'void', 'refund', 'review')),
  origin text not null check (origin in ('merchant', 'operator', 'acquirer')),
  -- The operation it asks for: the same operation cannot be asked for twice.
  operation_id text not null,
  body jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'done')),
  -- Written once, with the outcome; from then on every repeat gets exactly these bytes.
  answer_status smallint check (answer_status between 200 and 499),
  answer_body text,
  check ((state = 'done') = (answer_status is not null) and (state = 'done') = (answer_body is not null)),
  created_at timestamptz not null default now(),
  done_at timestamptz,
  primary key (merchant_id, id),
  constraint commands_once_per_operation unique (merchant_id, payment_id, operation_id, kind)
) partition by hash (merchant_id);
select partition_by_merchant('commands', 8);
create index commands_pending on commands (merchant_id, payment_id, sequence) where state = 'pending';
create index commands_relay on commands (created_at) where state = 'pending';

-- "Same request again" is decided here, by a unique key, and nowhere else.
create table idempotency_keys (
  merchant_id text not null,
  mode text not null check (mode in ('test', 'live')),
  key text not null check (length(key) between 1 and 255),
  -- HMAC over the canonical request, the card replaced by the vault's fingerprint, the CVV left out.
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  payment_id text not null,
  command_id text not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, mode, key)
) partition by hash (merchant_id);
select partition_by_merchant('idempotency_keys', 8);

create table payment_history (
  merchant_id text not null,
  payment_id text not null,
  version integer not null,
  at timestamptz not null,
  -- Names the step, once per payment: a step that runs again finds its own row and changes nothing.
  cause text not null,
  event text not null,
  status text not null,
  detail jsonb not null,
  workflow_run_id text not null,
  primary key (merchant_id, payment_id, version),
  constraint payment_history_once unique (merchant_id, payment_id, cause)
) partition by hash (merchant_id);
select partition_by_merchant('payment_history', 8);

create table risk_assessments (
  merchant_id text not null,
  payment_id text not null,
  score smallint not null check (score between 0 and 100),
  decision text not null check (decision in ('accept', 'review', 'block')),
  reasons jsonb not null,
  assessed_at timestamptz not null,
  primary key (merchant_id, payment_id)
) partition by hash (merchant_id);
select partition_by_merchant('risk_assessments', 8);

-- Every routing decision with its candidates and why they were taken or left.
create table route_decisions (
  merchant_id text not null,
  payment_id text not null,
  attempt_number integer not null,
  decision jsonb not null,
  decided_at timestamptz not null,
  primary key (merchant_id, payment_id, attempt_number)
) partition by hash (merchant_id);
select partition_by_merchant('route_decisions', 8);

-- What machines cannot know is put before a person.
create table cases (
  merchant_id text not null,
  id text not null check (id ~ '^case_'),
  payment_id text not null,
  operation_id text not null,
  attempt_id text,
  kind text not null check (kind in ('refund_unknown', 'unknown_too_long', 'not_sent', 'advice_refused', 'late_answer', 'answer_mismatch')),
  state text not null default 'open' check (state in ('open', 'resolved')),
  detail jsonb not null,
  opened_at timestamptz not null,
  resolved_at timestamptz,
  primary key (merchant_id, id),
  -- One open question per operation and kind, however often the step runs.
  constraint cases_once unique (merchant_id, operation_id, kind)
) partition by hash (merchant_id);
select partition_by_merchant('cases', 8);

-- The machine of the parts. A change that is not listed is refused, whoever asks.
create table legal_transitions (
  part text not null,
  from_state text not null,
  to_state text not null,
  primary key (part, from_state, to_state)
);
insert into legal_transitions values
  ('authorization', 'none', 'unknown'),
  ('authorization', 'none', 'held'),
  ('authorization', 'none', 'released'),      -- a sale takes at once what it authorizes; a void before sending
  ('authorization', 'unknown', 'none'),       -- proven not executed, or reversed
  ('authorization', 'unknown', 'held'),
  ('authorization', 'unknown', 'released'),   -- reversed because the merchant voided
  ('authorization', 'held', 'released'),
  ('authorization', 'held', 'expired'),
  ('conclusion', 'open', 'declined'),
  ('conclusion', 'open', 'blocked'),
  ('conclusion', 'open', 'failed'),
  ('review', 'none', 'open'),
  ('review', 'open', 'approved'),
  ('review', 'open', 'rejected'),
  ('operation', 'pending', 'succeeded'),
  ('operation', 'pending', 'failed'),
  ('operation', 'succeeded', 'failed'),       -- captures and refunds only: a success withdrawn by the acquirer
  ('attempt', 'planned', 'sending'),
  ('attempt', 'planned', 'fenced'),
  ('attempt', 'sending', 'answered'),
  ('attempt', 'sending', 'fenced'),           -- by the sender alone, before its first byte
  ('attempt', 'sending', 'reversing'),
  ('attempt', 'answered', 'reversing'),       -- an approval we may not keep
  ('attempt', 'reversing', 'reversed');
