-- An operator can pause a payment: it begins nothing new (no authorization, increment, capture, refund), and
-- what is at an acquirer already is concluded all the same. See docs/decisions/018-pause.md.
alter table payments add column paused_at timestamptz;
-- A paused payment with nothing pending is found by its id, too.
create index payments_paused on payments (id) where paused_at is not null;

alter table commands
  drop constraint commands_kind_check,
  add constraint commands_kind_check check (kind in ('create', 'reauthorize', 'increment', 'capture', 'void', 'refund', 'review',
    'chargeback', 'chargeback_reversal', 'withdrawal', 'late_answer', 'adoption', 'resolution', 'nudge', 'pause', 'resume'));
-- Nobody but an operator pauses.
alter table commands add constraint commands_of_pauses check (kind not in ('pause', 'resume') or origin = 'operator');

insert into decision_kinds values
  ('pause_payment', 'operator', false, 'the payment begins nothing new; what is at an acquirer is concluded'),
  ('resume_payment', 'operator', false, 'a paused payment goes on');

-- Decisions that were made as one: the bulk names the list that its dry run showed (a digest of it), so that a
-- second person can look at all of them and agree to those and no others.
alter table decisions add column bulk text check (bulk ~ '^blk_[0-9a-f]{32}$');
create index decisions_of_bulk on decisions (bulk, id) where bulk is not null;
