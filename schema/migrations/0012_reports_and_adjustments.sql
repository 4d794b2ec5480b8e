-- What acquirers report of money that has moved already (chargebacks, their reversals, successes that
-- are taken back), and what operators correct by hand, two of them for each.

-- Withdrawn: nothing is held, and what had been captured failed afterwards. Not the same as released,
-- which somebody wished for.
alter table payments drop constraint payments_authorization_state_check;
alter table payments add constraint payments_authorization_state_check
  check (authorization_state in ('none', 'unknown', 'held', 'released', 'expired', 'withdrawn'));
-- More than was taken can never be charged back. (It may be refunded as well: both happen.)
alter table payments add constraint disputed_within_captured check (amount_disputed <= amount_captured);

insert into legal_transitions values
  ('authorization', 'released', 'withdrawn'),   -- the last capture failed
  ('authorization', 'expired', 'withdrawn'),    -- so did what had been captured before it ran out
  ('adjustment', 'requested', 'approved'),
  ('adjustment', 'requested', 'rejected');

-- dsp: a movement of a dispute. wdr: a success that was withdrawn.
alter table operations drop constraint operations_id_check;
alter table operations add constraint operations_id_check check (id ~ '^(auth|cap|ref|void|exp|dsp|wdr)_');
alter table operations drop constraint operations_kind_check;
alter table operations add constraint operations_kind_check
  check (kind in ('authorize', 'capture', 'void', 'expiry', 'refund', 'chargeback', 'chargeback_reversal', 'withdrawal'));
alter table operations
  add column acquirer_reference text check (length(acquirer_reference) between 1 and 100),
  add column withdraws_operation_id text,
  -- What an acquirer reports has happened before we hear of it: it is never on its way.
  add constraint operations_of_acquirers check (
    case when kind in ('chargeback', 'chargeback_reversal', 'withdrawal')
      then acquirer_reference is not null and state = 'succeeded' and attempts = 0
      else acquirer_reference is null end),
  add constraint operations_withdraw check ((kind = 'withdrawal') = (withdraws_operation_id is not null));

alter table commands drop constraint commands_kind_check;
alter table commands add constraint commands_kind_check
  check (kind in ('create', 'capture', 'void', 'refund', 'review', 'chargeback', 'chargeback_reversal', 'withdrawal'));
alter table commands
  add column acquirer_reference text check (length(acquirer_reference) between 1 and 100),
  -- No merchant reports what its acquirer did. (The api may not even name the column.)
  add constraint commands_of_acquirers check (
    case when kind in ('chargeback', 'chargeback_reversal', 'withdrawal')
      then acquirer_reference is not null and origin <> 'merchant'
        -- A report that could not be posted would be tried for ever.
        and case kind when 'withdrawal' then (body ->> 'withdraws') is not null
          else coalesce((body ->> 'amount')::bigint between 1 and 999999999999, false)
            and coalesce((body ->> 'fee')::bigint between 1 and 999999999999, true)
            and coalesce((body ->> 'fee_recharged')::bigint between 1 and 999999999999, true) end
      else acquirer_reference is null end);
-- The same report twice changes nothing: it is one command, whoever brings it again.
create unique index commands_reported_once on commands (merchant_id, kind, acquirer_reference) where acquirer_reference is not null;
grant insert (acquirer_reference) on commands to quittance_worker;

alter table cases drop constraint cases_kind_check;
alter table cases add constraint cases_kind_check
  check (kind in ('refund_unknown', 'unknown_too_long', 'not_sent', 'advice_refused', 'late_answer', 'answer_mismatch', 'report_contradicts'));

-- An operator's correction of the books. It is an amount from one account to another, posted by the
-- very transaction in which a second person approves it. Few rows, so not partitioned.
create table adjustments (
  id text primary key check (id ~ '^adj_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  debit_code text not null,
  credit_code text not null check (credit_code <> debit_code),
  amount bigint not null check (amount between 1 and 999999999999),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  -- What is wrong, and what shows it: an acquirer's reference, a line of a report, a ticket. Plain text:
  -- on a terminal it must not write over what is to be approved.
  reason text not null check (length(btrim(reason)) between 1 and 1000 and reason !~ '[[:cntrl:]]'),
  evidence text not null check (length(btrim(evidence)) between 1 and 1000 and evidence !~ '[[:cntrl:]]'),
  payment_id text,
  -- A person has one spelling, or one could be two.
  requested_by text not null check (requested_by ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
  requested_at timestamptz not null,
  state text not null default 'requested' check (state in ('requested', 'approved', 'rejected')),
  decided_by text check (decided_by ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
  decided_at timestamptz,
  decision_reason text check (length(decision_reason) <= 1000 and decision_reason !~ '[[:cntrl:]]'),
  check ((state = 'requested') = (decided_by is null) and (state = 'requested') = (decided_at is null)),
  -- Nobody moves money alone.
  constraint adjustments_two_persons check (decided_by <> requested_by)
);
create index adjustments_open on adjustments (requested_at) where state = 'requested';
create trigger append_only before delete or truncate on adjustments for each statement execute function refuse_change();

-- Each state that it was in, by whom. Written by trigger: nobody can leave a line out.
create table adjustment_history (
  adjustment_id text not null references adjustments,
  state text not null,
  at timestamptz not null,
  person text not null,
  reason text,
  primary key (adjustment_id, state)
);
create trigger append_only before update or delete or truncate on adjustment_history
  for each statement execute function refuse_change();

-- Only an adjustment can be about no payment.
alter table ledger_transactions alter column payment_id drop not null;
alter table ledger_transactions add constraint ledger_transactions_of_payments check (payment_id is not null or event = 'adjusted');

-- operator: asks for adjustments and decides them, by two functions alone, and reads them.
grant usage on schema public to quittance_operator;
grant select on adjustments, adjustment_history to quittance_api, quittance_worker, quittance_operator;
-- A database that is older than the role does not let it in yet.
do $$
begin
  execute format('grant connect on database %I to quittance_operator', current_database());
end $$;

-- Where disputes are posted.
insert into ledger_account_kinds (kind, normal_side, may_go_against, what) values
  ('fee_expense:dispute', 'debit', true, 'What acquirers took for disputes.');
