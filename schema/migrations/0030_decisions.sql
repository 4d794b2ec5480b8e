-- What operators decide: each decision is a row, with who said so, why, and who agreed. And who minds what
-- waits for a person, until when.

-- What an operator can decide. A row that is changed holds for decisions to come.
create table decision_kinds (
  action text primary key check (action ~ '^[a-z_]+$'),
  needs_role text not null check (needs_role in ('operator', 'admin')),
  -- Somebody else must agree. Whoever proposes can ask for it where it is not needed, never the other way.
  second_person boolean not null,
  what text not null
);
insert into decision_kinds values
  ('approve_review', 'operator', false, 'the risk is taken: the payment goes on'),
  ('reject_review', 'operator', false, 'the risk is not taken: the hold is released'),
  ('call_executed', 'operator', false, 'the operation was executed, whatever the acquirer''s silence'),
  ('call_not_executed', 'operator', true, 'the operation was not executed'),
  ('force_reversal', 'operator', true, 'an authorization that is unknown is undone now'),
  ('release_hold', 'operator', true, 'what is held is released'),
  ('extend_hold', 'operator', true, 'what is held is released and authorized anew'),
  ('ask_now', 'operator', false, 'what is unknown is asked about now, not when it is due'),
  ('close_case', 'operator', false, 'the question of a case is answered'),
  ('retry_webhook', 'operator', false, 'a delivery that failed is made once more'),
  ('adjust', 'operator', true, 'the books are corrected by hand');

create table decisions (
  -- The command that it becomes has the same suffix: cmd_… of dcs_….
  id text primary key check (id ~ '^dcs_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  action text not null references decision_kinds,
  merchant_id text not null,
  -- Null where it is about no payment: a correction of the books, a test event.
  payment_id text,
  -- What it is about: the payment, or its operation, case or delivery, or the correction itself.
  subject text not null check (length(subject) <= 200),
  body jsonb not null default '{}' check (jsonb_typeof(body) = 'object'),
  reason text not null check (length(btrim(reason)) between 1 and 1000 and reason !~ '[[:cntrl:]]'),
  -- What shows it: the acquirer's reference, the line of its report.
  evidence text check (length(btrim(evidence)) between 1 and 1000 and evidence !~ '[[:cntrl:]]'),
  proposed_by text not null references gateway_operators,
  proposed_at timestamptz not null,
  -- As the rule was then.
  second_person boolean not null,
  state text not null check (state in ('proposed', 'approved', 'rejected')),
  decided_by text references gateway_operators,
  decided_at timestamptz,
  decision_reason text check (length(decision_reason) <= 1000 and decision_reason !~ '[[:cntrl:]]'),
  -- What came of it: a command, a resolution, an adjustment, a delivery, the case.
  effect text,
  check ((state = 'proposed') = (decided_by is null) and (state = 'proposed') = (decided_at is null)),
  check ((state = 'approved') = (effect is not null)),
  -- Two names are two people: each is a login with a password of its own.
  constraint decisions_two_persons check (not second_person or decided_by <> proposed_by)
);
-- One question at a time: a second proposal of the same would be carried out twice.
create unique index decisions_open on decisions (action, subject) where state = 'proposed';
create index decisions_listed on decisions (proposed_at);
create index decisions_of_payment on decisions (payment_id) where payment_id is not null;
create trigger append_only before delete or truncate on decisions for each statement execute function refuse_change();
insert into legal_transitions values
  ('decision', 'proposed', 'approved'),
  ('decision', 'proposed', 'rejected');

-- How long each kind of case may wait for a person before it is escalated.
create table case_terms (
  kind text primary key,
  due_after interval not null check (due_after > interval '0')
);
insert into case_terms values
  ('review', '4 hours'),
  ('unknown_too_long', '4 hours'),
  ('not_sent', '4 hours'),
  ('answer_mismatch', '4 hours'),
  ('resolution_contradicted', '4 hours'),
  ('advice_refused', '8 hours'),
  ('refund_unknown', '24 hours'),
  ('late_answer', '24 hours'),
  ('report_contradicts', '24 hours'),
  ('adopted', '24 hours');

-- Who minds a case (case_…), or the review of a payment (pay_…). None yet: nobody, and not escalated.
create table case_handling (
  id text primary key check (id ~ '^(case|pay)_'),
  merchant_id text not null,
  assignee text references gateway_operators,
  assigned_by text references gateway_operators,
  assigned_at timestamptz,
  -- It was still open when it was due.
  escalated_at timestamptz,
  check ((assigned_by is null) = (assigned_at is null))
);
create trigger append_only before delete or truncate on case_handling for each statement execute function refuse_change();

-- What waits for a person. Two indexes hold nothing else (0028).
create view waiting_work as
  select w.id, w.kind, w.merchant_id, w.payment_id, w.operation_id, w.opened_at,
         -- A review that nobody decided in time ends by itself.
         least(w.opened_at + t.due_after, w.ends_at) as due_at, h.assignee, h.escalated_at
  from (
    select id, kind, merchant_id, payment_id, operation_id, opened_at, null::timestamptz as ends_at from cases where state = 'open'
    union all
    select id, 'review', merchant_id, id, null, created_at, review_by from payments where status = 'in_review'
  ) w
  left join case_terms t on t.kind = w.kind
  left join case_handling h on h.id = w.id;

alter table gateway_audit
  drop constraint gateway_audit_kind_check,
  add constraint gateway_audit_kind_check check (kind in ('login_tried', 'login', 'logout', 'operator_changed', 'decode', 'encode', 'write',
    'write_refused', 'answered', 'look', 'assign', 'decision'));

-- What the gateway shows of decisions; of payments it sees what work_item says, and nothing else.
grant select on decisions, decision_kinds to quittance_gateway;
-- What is overdue is measured.
grant select on waiting_work, case_terms, case_handling to quittance_worker;
