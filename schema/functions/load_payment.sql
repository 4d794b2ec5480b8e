-- Everything a step needs to know about a payment, as one JSON document; null when there is none.
-- (Its settings: one plan per connection, and never one for tables that were still empty; see record_changes.)
create or replace function load_payment(merchant text, payment text) returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan set jit = off set enable_seqscan = off as $$
begin
  return (
    select jsonb_build_object(
      'payment', to_jsonb(p),
      'now', to_jsonb(clock_timestamp()),
      'operations', coalesce((select jsonb_agg(to_jsonb(o) order by o.created_at, o.id)
        from operations o where o.merchant_id = merchant and o.payment_id = payment), '[]'),
      'attempts', coalesce((select jsonb_agg(to_jsonb(a) || jsonb_build_object(
          'task_queue', q.task_queue, 'fences_by_reversal', q.fences_by_reversal, 'increments', m.increments, 'mcc', m.mcc,
          'in_flight_ms', (extract(epoch from q.in_flight_age) * 1000)::bigint,
          'case_after_ms', (extract(epoch from q.case_after) * 1000)::bigint) order by a.planned_at, a.id)
        from attempts a join acquirers q on q.id = a.acquirer_id
        join merchant_acquirer_accounts m on m.merchant_id = a.merchant_id and m.id = a.account_id
        where a.merchant_id = merchant and a.payment_id = payment), '[]'),
      'commands', coalesce((select jsonb_agg(jsonb_build_object(
          'id', c.id, 'kind', c.kind, 'origin', c.origin, 'operation_id', c.operation_id,
          'acquirer_reference', c.acquirer_reference, 'body', c.body) order by c.sequence)
        from commands c where c.merchant_id = merchant and c.payment_id = payment and c.state = 'pending'), '[]'),
      'risk', (select to_jsonb(r) from risk_assessments r where r.merchant_id = merchant and r.payment_id = payment),
      -- What the last routing decision left open: where else its payment could go.
      'route', (select d.decision -> 'left' from route_decisions d
        where d.merchant_id = merchant and d.payment_id = payment order by d.attempt_number desc limit 1),
      'open_case', (select k.kind from cases k
        where k.merchant_id = merchant and k.payment_id = payment and k.state = 'open' order by k.opened_at desc, k.id desc limit 1),
      'merchant', (select jsonb_build_object('country', m.country, 'mcc', m.mcc) from merchants m where m.id = merchant))
    from payments p where p.merchant_id = merchant and p.id = payment);
end $$;

grant execute on function load_payment to quittance_api, quittance_worker;
