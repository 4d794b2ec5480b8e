-- A second person approves or rejects what a first one proposed; approving carries it out in the same
-- transaction. Said again by the same person it is the same decision.
create or replace function decide_decision(decision text, verdict_word text, person text, why text, address text) returns decisions
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d decisions;
  who gateway_operators;
  verdict constant text := case verdict_word when 'approve' then 'approved' when 'reject' then 'rejected' end;
begin
  if verdict is null then
    raise exception 'decision %: % is neither approve nor reject', decision, verdict_word using errcode = 'check_violation';
  end if;
  select * into d from decisions where id = decision for update;
  if not found then
    raise exception 'decision % does not exist', decision using errcode = 'no_data_found';
  end if;
  who := acting_operator(format('decision %s, %s', d.id, d.action), person, (select needs_role from decision_kinds where action = d.action));
  if (d.state, d.decided_by) = (verdict, person) then
    return d;
  end if;
  if d.state <> 'proposed' then
    raise exception 'decision % is % already, by %', d.id, d.state, d.decided_by using errcode = 'check_violation', constraint = 'legal_transitions';
  end if;
  if d.proposed_by = person then
    raise exception 'decision % was proposed by %: somebody else must decide it', d.id, person
      using errcode = 'check_violation', constraint = 'decisions_two_persons';
  end if;
  if verdict = 'approved' then
    -- The payment may have moved on while nobody agreed: what is not so any more is carried out by nobody. It
    -- moves no further until this is committed.
    perform from payments where merchant_id = d.merchant_id and id = d.payment_id for share;
    perform decision_about(d);
    -- Two people stand behind it, or it is one person's word.
    perform acting_operator(format('decision %s, proposed by %s', d.id, d.proposed_by), d.proposed_by,
      (select needs_role from decision_kinds where action = d.action));
  else
    if d.action = 'call_not_executed' then
      perform end_resolution('res_' || substr(d.id, 5), 'reject', person, why);
    elsif d.action = 'adjust' then
      perform end_adjustment('adj_' || substr(d.id, 5), 'reject', person, why);
    end if;
  end if;
  update decisions set state = verdict, decided_by = person, decided_at = clock_timestamp(), decision_reason = why,
    effect = case verdict when 'approved' then carry_out_decision(d, person, why) end
  where id = d.id returning * into d;
  perform note_in_audit('decision', who, address, format('%s %s: %s of %s', verdict, d.id, d.action, d.subject), d.payment_id);
  return d;
end $$;

grant execute on function decide_decision to quittance_gateway;
