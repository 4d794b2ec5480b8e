-- The operator of that login, when they may do what needs that role; and the line of it in the audit log,
-- which is written with what they do or not at all.
create or replace function acting_operator(about text, person text, needed text) returns gateway_operators
language plpgsql stable set search_path = public, pg_temp as $$
declare
  who gateway_operators;
begin
  select * into who from gateway_operators where login = person and disabled_at is null;
  if not found then
    raise exception '%: % is nobody who may log in', about, person using errcode = 'insufficient_privilege';
  end if;
  if array_position(array['viewer', 'operator', 'admin'], who.role) < array_position(array['viewer', 'operator', 'admin'], needed) then
    raise exception '%: % is %, and this needs %', about, person, who.role, needed using errcode = 'insufficient_privilege';
  end if;
  return who;
end $$;

create or replace function note_in_audit(what text, who gateway_operators, address text, action text, payment text) returns void
language sql set search_path = public, pg_temp as $$
  insert into gateway_audit (kind, login, role, address, action, workflow_ids)
  values (what, who.login, who.role, left(address, 100), left(action, 500), case when payment is null then '{}' else array[payment] end)
$$;
