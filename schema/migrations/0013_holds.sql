-- Authorizations that may grow or be renewed, final captures, and how long an authorization is valid.

alter table payments
  -- What was agreed with the cardholder: the final amount, or an estimate that may still grow.
  add column authorization_type text not null default 'final' check (authorization_type in ('final', 'pre')),
  -- An estimate is captured by whoever learns the amount.
  add constraint pre_is_captured_by_hand check (authorization_type = 'final' or capture_method = 'manual');
grant insert (authorization_type) on payments to quittance_api;

alter table operations
  -- The last capture: what it leaves of the hold is released.
  add column final boolean not null default false,
  add constraint final_is_a_capture check (not final or kind = 'capture'),
  drop constraint operations_id_check,
  add constraint operations_id_check check (id ~ '^(auth|rea|inc|cap|rel|ref|void|exp|dsp|wdr)_'),
  drop constraint operations_kind_check,
  add constraint operations_kind_check check (kind in ('authorize', 'reauthorize', 'increment', 'capture', 'release', 'void', 'expiry', 'refund',
                                                    'chargeback', 'chargeback_reversal', 'withdrawal'));
-- One authorization per payment; each that replaces it (reauthorize) may expire again.
drop index operations_single;
create unique index operations_single on operations (merchant_id, payment_id, kind) where kind = 'authorize';

alter table attempts
  -- When the authorization ends by the acquirer's own word.
  add column valid_until timestamptz,
  -- Could this attempt add to the hold, or is it being undone? A column of its own, like live: an index
  -- whose condition names the state would be written to with every step of every attempt.
  add column adding boolean generated always as (kind = 'increment' and state in ('planned', 'sending', 'reversing')) stored,
  drop constraint attempts_kind_check,
  add constraint attempts_kind_check
    check (kind in ('authorization', 'sale', 'increment', 'capture', 'void', 'partial_void', 'refund', 'reversal')),
  drop constraint attempts_check,
  add constraint attempts_check
    check ((kind in ('reversal', 'increment', 'capture', 'void', 'partial_void', 'refund')) = (original_attempt_id is not null));
grant update (valid_until) on attempts to quittance_worker;
-- Never add twice: a second increment cannot even be planned while one may be on its way or is being undone.
create unique index attempts_one_open_increment on attempts (merchant_id, payment_id)
  where adding;

alter table commands
  drop constraint commands_kind_check,
  add constraint commands_kind_check check (kind in ('create', 'reauthorize', 'increment', 'capture', 'void', 'refund', 'review',
                                                  'chargeback', 'chargeback_reversal', 'withdrawal'));

insert into legal_transitions values
  ('authorization', 'expired', 'unknown'),    -- a new authorization is on its way, the old one is gone
  ('authorization', 'unknown', 'expired');    -- and it was refused, or undone

alter table merchant_acquirer_accounts
  -- The contract says whether an authorization can be added to.
  add column increments boolean not null default false;
