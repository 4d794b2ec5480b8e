-- What waits for a person, the most urgent first: open cases and open reviews.
create or replace function work_queue(of_kind text, of_assignee text, only_overdue boolean, at_most integer) returns setof jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select to_jsonb(w) || jsonb_build_object('overdue', coalesce(w.due_at < clock_timestamp(), false))
  from waiting_work w
  where (of_kind is null or w.kind = of_kind) and (of_assignee is null or w.assignee = of_assignee)
    and (not only_overdue or w.due_at < clock_timestamp())
  order by w.due_at nulls last, w.id limit at_most
$$;

-- A case, or a payment that waits for something, with what a person has to know to decide: nothing of the
-- card, nothing of the customer. Null when there is none.
create or replace function work_item(item text) returns jsonb
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  p payments;
  k cases;
begin
  if item like 'case\_%' then
    select * into k from cases where id = item;
    select * into p from payments where merchant_id = k.merchant_id and id = k.payment_id;
  else
    select * into p from payments where pending and id = item;
    if not found then
      select * into p from payments where paused_at is not null and id = item;
    end if;
  end if;
  if p.id is null then
    return null;
  end if;
  return jsonb_build_object(
    'item', jsonb_build_object('id', item, 'kind', coalesce(k.kind, case p.status when 'in_review' then 'review' end),
      'state', coalesce(k.state, case p.status when 'in_review' then 'open' else 'none' end), 'operation_id', k.operation_id, 'attempt_id', k.attempt_id,
      'detail', k.detail, 'opened_at', coalesce(k.opened_at, p.created_at), 'can_be_closed', k.id is not null and case_stays_open(k) is null),
    'waiting', (select to_jsonb(w) || jsonb_build_object('overdue', coalesce(w.due_at < clock_timestamp(), false)) from waiting_work w where w.id = item),
    'payment', jsonb_build_object('id', p.id, 'merchant_id', p.merchant_id, 'mode', p.mode, 'status', p.status, 'version', p.version,
      'amount', p.amount::text, 'currency', p.currency, 'amount_authorized', p.amount_authorized::text, 'amount_captured', p.amount_captured::text,
      'amount_refunded', p.amount_refunded::text, 'amount_disputed', p.amount_disputed::text, 'created_at', p.created_at,
      'capture_before', p.capture_before, 'review_by', p.review_by, 'paused_at', p.paused_at,
      'risk', (select jsonb_build_object('score', r.score, 'decision', r.decision, 'reasons', r.reasons) from risk_assessments r
        where r.merchant_id = p.merchant_id and r.payment_id = p.id)),
    'operations', coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'kind', o.kind, 'amount', o.amount::text, 'state', o.state, 'phase', o.phase,
        'due_at', o.due_at, 'unknown_since', o.unknown_since, 'inquiries', o.inquiries, 'failure_code', o.failure_code,
        'can_be_undone', can_be_undone(o), 'can_be_called', can_be_called(o)) order by o.created_at, o.id)
      from operations o where o.merchant_id = p.merchant_id and o.payment_id = p.id), '[]'),
    'attempts', coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'acquirer', a.acquirer_id, 'state', a.state, 'outcome', a.outcome,
        'response_code', a.response_code, 'acquirer_reference', a.acquirer_reference, 'planned_at', a.planned_at, 'answered_at', a.answered_at)
        order by a.planned_at, a.id)
      from attempts a where a.merchant_id = p.merchant_id and a.payment_id = p.id), '[]'),
    'timeline', coalesce((select jsonb_agg(jsonb_build_object('at', h.at, 'event', h.event, 'status', h.status, 'cause', h.cause) order by h.version)
      from payment_history h where h.merchant_id = p.merchant_id and h.payment_id = p.id), '[]'),
    'cases', coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'state', c.state, 'operation_id', c.operation_id,
        'opened_at', c.opened_at, 'resolved_at', c.resolved_at) order by c.opened_at, c.id)
      from cases c where c.merchant_id = p.merchant_id and c.payment_id = p.id), '[]'),
    'decisions', coalesce((select jsonb_agg(decision_record(d) order by d.proposed_at, d.id) from decisions d where d.payment_id = p.id), '[]'));
end $$;

-- A decision, and what the payment's own record says came of it.
create or replace function decision_record(d decisions) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select to_jsonb(d) || jsonb_build_object(
    'command', (select jsonb_build_object('id', c.id, 'state', c.state, 'answer_status', c.answer_status,
        'answer', case when c.answer_status >= 400 then c.answer_body::jsonb ->> 'detail' end)
      from commands c where d.effect like 'cmd\_%' and c.merchant_id = d.merchant_id and c.id = d.effect))
$$;

-- Somebody minds it, or nobody any more.
create or replace function assign_work(item text, to_whom text, person text, address text) returns jsonb
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  w waiting_work;
  who gateway_operators := acting_operator(item, person, 'operator');
begin
  select * into w from waiting_work where id = item;
  if not found then
    raise exception '% does not wait for a person', item using errcode = 'no_data_found';
  end if;
  if to_whom is not null then
    perform acting_operator(item, to_whom, 'operator');
  end if;
  insert into case_handling (id, merchant_id, assignee, assigned_by, assigned_at) values (item, w.merchant_id, to_whom, person, clock_timestamp())
  on conflict (id) do update set assignee = excluded.assignee, assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at;
  perform note_in_audit('assign', who, address, format('%s to %s', item, coalesce(to_whom, 'nobody')), w.payment_id);
  select * into w from waiting_work where id = item;
  return to_jsonb(w) || jsonb_build_object('overdue', coalesce(w.due_at < clock_timestamp(), false));
end $$;

-- Marks what was still open when it was due, once; answers what it marked.
create or replace function escalate_overdue(at_most integer) returns table (id text, kind text, payment_id text, due_at timestamptz, assignee text)
language sql security definer set search_path = public, pg_temp as $$
  with overdue as (
    select w.* from waiting_work w where w.due_at < clock_timestamp() and w.escalated_at is null order by w.due_at limit at_most
  ), marked as (
    insert into case_handling (id, merchant_id, escalated_at) select o.id, o.merchant_id, clock_timestamp() from overdue o
    on conflict (id) do update set escalated_at = excluded.escalated_at where case_handling.escalated_at is null
    returning case_handling.id
  )
  select o.id, o.kind, o.payment_id, o.due_at, o.assignee from overdue o join marked m on m.id = o.id
$$;

grant execute on function work_queue, work_item, decision_record, assign_work to quittance_gateway;
grant execute on function escalate_overdue to quittance_worker;
