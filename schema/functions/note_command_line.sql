-- What somebody did with a command of operators and without the gateway is in the same audit log. Who they are
-- is what they said (--by): the log says 'command line' where the gateway's lines have an address.
create or replace function note_command_line(person text, action text, payment text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform known_person('command line', person);
  insert into gateway_audit (kind, login, address, action, workflow_ids)
  values ('command_line', person, 'command line', left(action, 500), case when payment is null then '{}' else array[payment] end);
end $$;

grant execute on function note_command_line to quittance_worker;

-- A resolution or an adjustment, and what was decided about it; what a decision of the gateway made has its
-- line from there. That is one which says the same of the same thing: whoever types an id can take that of any
-- other decision.
create or replace function note_by_hand() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  made jsonb := to_jsonb(new);
begin
  if tg_op = 'UPDATE' and new.state = old.state then
    return null;
  end if;
  -- A resolution is call_executed or call_not_executed of its operation; an adjustment has no outcome, and is itself
  -- what its decision is about.
  if not exists (
    select from decisions d
    where d.id = 'dcs_' || substr(new.id, 5) and d.merchant_id = new.merchant_id and d.payment_id is not distinct from new.payment_id
      and d.action = coalesce('call_' || (made ->> 'outcome'), 'adjust') and d.subject = coalesce(made ->> 'operation_id', new.id)
  ) then
    perform note_command_line(coalesce(new.decided_by, made ->> 'proposed_by', made ->> 'requested_by'), format('%s %s', new.state, new.id),
      new.payment_id);
  end if;
  return null;
end $$;

create or replace trigger note_by_hand after insert or update on resolutions for each row execute function note_by_hand();
create or replace trigger note_by_hand after insert or update on adjustments for each row execute function note_by_hand();
