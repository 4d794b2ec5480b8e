-- What comes in later than the answer: events that acquirers send, answers after their call, what a
-- person found out about what no machine knows.

-- The inbox. A row is a fact that was signed by its acquirer; beside it stands how far it has come. It
-- names no merchant until it is matched, so it is not partitioned by one.
create table acquirer_events (
  id text primary key check (id ~ '^aev_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  -- No foreign key: its lock would be on the one row of the acquirer, for every event. The api knows its own.
  acquirer_id text not null,
  -- The adapter's: the same event twice is one row.
  dedupe_key text not null check (length(dedupe_key) between 1 and 255),
  type text not null check (length(type) between 1 and 100),
  -- What of it is signed and read by us; nothing else of it is kept.
  item jsonb not null check (jsonb_typeof(item) = 'object' and pg_column_size(item) <= 65536),
  -- When it happened by the acquirer's word; null when it does not say.
  occurred_at timestamptz,
  received_at timestamptz not null default clock_timestamp(),
  -- waiting: not delivered yet, or what it is about is not there yet
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'ignored')),
  due_at timestamptz not null default clock_timestamp(),
  leased_until timestamptz,
  tries integer not null default 0,
  merchant_id text,
  payment_id text,
  -- Why it waits, or was ignored; what it came to.
  note text check (length(note) <= 500),
  done_at timestamptz,
  check ((state = 'waiting') = (done_at is null)),
  constraint acquirer_events_once unique (acquirer_id, dedupe_key)
);
create index acquirer_events_due on acquirer_events (due_at) where state = 'waiting';
create index acquirer_events_of_payment on acquirer_events (merchant_id, payment_id) where payment_id is not null;
create trigger append_only before delete or truncate on acquirer_events for each statement execute function refuse_change();
-- The api stores and never reads what others were told; the back office works them off.
grant insert (id, acquirer_id, dedupe_key, type, item, occurred_at) on acquirer_events to quittance_api;
grant select on acquirer_events to quittance_worker;
grant update (state, due_at, leased_until, tries, merchant_id, payment_id, note, done_at) on acquirer_events to quittance_worker;

-- Whose account an event is about, and which of our messages an answer of ISO 8583 that nobody waits for is to.
create index merchant_acquirer_accounts_by_name on merchant_acquirer_accounts (acquirer_id, merchant_account);
create index attempts_by_trace on attempts (acquirer_id, (wire ->> 'stan'), (wire ->> 'transmissionAt')) where wire ? 'stan';

drop function if exists keep_late_answer;

-- nudge: ask now about what is unknown. late_answer: what became of a message, learned after its call. adoption: what the acquirer's side did
-- without us. resolution: what a person found out.
alter table commands
  drop constraint commands_kind_check,
  add constraint commands_kind_check check (kind in ('create', 'reauthorize', 'increment', 'capture', 'void', 'refund', 'review',
    'chargeback', 'chargeback_reversal', 'withdrawal', 'late_answer', 'adoption', 'resolution', 'nudge')),
  drop constraint commands_of_acquirers,
  add constraint commands_of_acquirers check (
    case when kind in ('chargeback', 'chargeback_reversal', 'withdrawal', 'late_answer', 'adoption')
      then acquirer_reference is not null and origin <> 'merchant'
        -- A report that could not be posted would be tried for ever.
        and case kind
          when 'withdrawal' then (body ->> 'withdraws') is not null
          when 'late_answer' then (body ->> 'attempt') is not null
            and coalesce(body ->> 'outcome' in ('approved', 'declined', 'retryable'), false)
          when 'adoption' then coalesce(case body ->> 'what'
            when 'void' then true
            when 'capture' then (body ->> 'amount')::bigint between 1 and 999999999999
            when 'refund' then (body ->> 'amount')::bigint between 1 and 999999999999 end, false)
          else coalesce((body ->> 'amount')::bigint between 1 and 999999999999, false)
            and coalesce((body ->> 'fee')::bigint between 1 and 999999999999, true)
            and coalesce((body ->> 'fee_recharged')::bigint between 1 and 999999999999, true) end
      else acquirer_reference is null end),
  add constraint commands_of_operators check (kind <> 'resolution' or (origin = 'operator'
    and (body ->> 'resolves') is not null and (body ->> 'attempt') is not null and (body ->> 'evidence') is not null
    and coalesce(body ->> 'outcome' in ('executed', 'not_executed'), false)));

alter table operations
  -- acquirer: done by the acquirer's side, and taken over afterwards.
  add column origin text not null default 'merchant' check (origin in ('merchant', 'acquirer')),
  -- What a person said became of it.
  add column resolution text check (resolution in ('executed', 'not_executed')),
  drop constraint operations_id_check,
  add constraint operations_id_check check (id ~ '^(auth|rea|inc|cap|rel|ref|void|exp|und|dsp|wdr)_'),
  drop constraint operations_kind_check,
  add constraint operations_kind_check check (kind in ('authorize', 'reauthorize', 'increment', 'capture', 'release', 'void', 'expiry', 'refund',
                                                    'undo', 'chargeback', 'chargeback_reversal', 'withdrawal')),
  drop constraint operations_of_acquirers,
  add constraint operations_of_acquirers check (
    case when kind in ('chargeback', 'chargeback_reversal', 'withdrawal')
      then acquirer_reference is not null and state = 'succeeded' and attempts = 0
      when origin = 'acquirer' then kind in ('capture', 'refund', 'void') and acquirer_reference is not null and state <> 'pending' and attempts = 0
      else acquirer_reference is null end);

alter table cases
  drop constraint cases_kind_check,
  add constraint cases_kind_check check (kind in ('refund_unknown', 'unknown_too_long', 'not_sent', 'advice_refused', 'late_answer', 'answer_mismatch',
    'report_contradicts', 'adopted', 'resolution_contradicted'));

-- What a person says became of an operation that is unknown. That it was not executed takes a second
-- person; both name what shows it.
create table resolutions (
  id text primary key check (id ~ '^res_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  merchant_id text not null references merchants,
  payment_id text not null,
  operation_id text not null,
  attempt_id text not null,
  outcome text not null check (outcome in ('executed', 'not_executed')),
  -- The acquirer's reference, or the line of its report.
  evidence text not null check (length(btrim(evidence)) between 1 and 1000 and evidence !~ '[[:cntrl:]]'),
  reason text not null check (length(btrim(reason)) between 1 and 1000 and reason !~ '[[:cntrl:]]'),
  proposed_by text not null check (proposed_by ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
  proposed_at timestamptz not null,
  state text not null default 'proposed' check (state in ('proposed', 'approved', 'rejected')),
  decided_by text check (decided_by ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
  decided_at timestamptz,
  decision_reason text check (length(decision_reason) <= 1000 and decision_reason !~ '[[:cntrl:]]'),
  command_id text,
  check ((state = 'proposed') = (decided_by is null) and (state = 'proposed') = (decided_at is null)),
  check ((state = 'approved') = (command_id is not null)),
  -- Nobody calls money gone alone.
  constraint resolutions_two_persons check (outcome = 'executed' or decided_by <> proposed_by)
);
create index resolutions_open on resolutions (proposed_at) where state = 'proposed';
create trigger append_only before delete or truncate on resolutions for each statement execute function refuse_change();
grant select on resolutions to quittance_api, quittance_worker, quittance_operator;
insert into legal_transitions values
  ('resolution', 'proposed', 'approved'),
  ('resolution', 'proposed', 'rejected');
