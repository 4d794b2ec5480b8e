-- A second person approves or rejects what a first one asked for. Approving posts it, in the same
-- transaction. Said again by the same person it is the same decision; said otherwise it is refused.
create or replace function decide_adjustment(adjustment text, decision text, person text, why text default null) returns adjustments
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform not_of_a_decision(adjustment);
  return end_adjustment(adjustment, decision, person, why);
end $$;

-- The same for whoever has looked already whether it may be: decide_decision carries out its own by it.
create or replace function end_adjustment(adjustment text, decision text, person text, why text) returns adjustments
language plpgsql set search_path = public, pg_temp as $$
declare
  a adjustments;
  verdict constant text := case decision when 'approve' then 'approved' when 'reject' then 'rejected' end;
begin
  if verdict is null then
    raise exception 'adjustment %: % is neither approve nor reject', adjustment, decision using errcode = 'check_violation';
  end if;
  perform known_person(adjustment, person);
  select * into a from adjustments where id = adjustment for update;
  if not found then
    raise exception 'adjustment % does not exist', adjustment using errcode = 'no_data_found';
  end if;
  if (a.state, a.decided_by) = (verdict, person) then
    return a;
  end if;
  if a.state <> 'requested' then
    raise exception 'adjustment % is % already, by %', a.id, a.state, a.decided_by using errcode = 'check_violation', constraint = 'legal_transitions';
  end if;
  if a.requested_by = person then
    raise exception 'adjustment % was requested by %: somebody else must decide it', a.id, person
      using errcode = 'check_violation', constraint = 'adjustments_two_persons';
  end if;
  update adjustments set state = verdict, decided_by = person, decided_at = clock_timestamp(), decision_reason = why
  where id = a.id returning * into a;
  if a.state = 'approved' then
    perform post_transaction(
      jsonb_build_object('merchant_id', a.merchant_id, 'mode', a.mode, 'payment_id', a.payment_id, 'operation_id', a.id, 'event', 'adjusted',
        'business_key', a.id, 'at', a.decided_at, 'workflow_id', a.id, 'workflow_run_id', 'operator',
        'cause', 'approved by ' || a.decided_by),
      jsonb_build_array(
        jsonb_build_object('code', a.debit_code, 'normal_side', (kind_of_account(a.debit_code)).normal_side, 'currency', a.currency, 'amount', a.amount),
        jsonb_build_object('code', a.credit_code, 'normal_side', (kind_of_account(a.credit_code)).normal_side, 'currency', a.currency, 'amount', -a.amount)));
  end if;
  return a;
end $$;

grant execute on function decide_adjustment to quittance_operator;
