-- What acquirers report of money that has moved already (chargebacks, their reversals, successes that
-- are taken back).

-- Withdrawn: nothing is held, and what had been captured failed afterwards. Not the same as released,
-- which somebody wished for.
alter table payments drop constraint payments_authorization_state_check;
alter table payments add constraint payments_authorization_state_check
  check (authorization_state in ('none', 'unknown', 'held', 'released', 'expired', 'withdrawn'));
-- More than was taken can never be charged back. (It may be refunded as well: both happen.)
alter table payments add constraint disputed_within_captured check (amount_disputed <= amount_captured);

insert into legal_transitions values
  ('authorization', 'released', 'withdrawn'),   -- the last capture failed
  ('authorization', 'expired', 'withdrawn');    -- so did what had been captured before it ran out

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

-- Where disputes are posted.
insert into ledger_account_kinds (kind, normal_side, may_go_against, what) values
  ('fee_expense:dispute', 'debit', true, 'What acquirers took for disputes.');
