-- A second person approves or rejects what a first one says was not executed. Said again by the same
-- person it is the same decision.
create or replace function decide_resolution(resolution text, decision text, person text, why text default null) returns resolutions
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform not_of_a_decision(resolution);
  return end_resolution(resolution, decision, person, why);
end $$;

-- The same for whoever has looked already whether it may be: decide_decision carries out its own by it.
create or replace function end_resolution(resolution text, decision text, person text, why text) returns resolutions
language plpgsql set search_path = public, pg_temp as $$
declare
  r resolutions;
  verdict constant text := case decision when 'approve' then 'approved' when 'reject' then 'rejected' end;
begin
  if verdict is null then
    raise exception 'resolution %: % is neither approve nor reject', resolution, decision using errcode = 'check_violation';
  end if;
  perform known_person(resolution, person);
  select * into r from resolutions where id = resolution for update;
  if not found then
    raise exception 'resolution % does not exist', resolution using errcode = 'no_data_found';
  end if;
  if (r.state, r.decided_by) = (verdict, person) then
    return r;
  end if;
  if r.state <> 'proposed' then
    raise exception 'resolution % is % already, by %', r.id, r.state, r.decided_by using errcode = 'check_violation', constraint = 'legal_transitions';
  end if;
  if r.proposed_by = person then
    raise exception 'resolution % was proposed by %: somebody else must decide it', r.id, person
      using errcode = 'check_violation', constraint = 'resolutions_two_persons';
  end if;
  if verdict = 'approved' then
    return deliver_resolution(r.id, person, why);
  end if;
  update resolutions set state = verdict, decided_by = person, decided_at = clock_timestamp(), decision_reason = why
  where id = r.id returning * into r;
  return r;
end $$;

-- What the gateway asked for is decided there, by the people who log in there: decided here it would stand open
-- there for ever.
create or replace function not_of_a_decision(asked text) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
  d decisions;
begin
  select * into d from decisions where id = 'dcs_' || substr(asked, 5) and state = 'proposed';
  if found then
    raise exception '% is asked for by decision % of %: confirm or reject that one (ops confirm %)', asked, d.id, d.proposed_by, d.id
      using errcode = 'check_violation', constraint = 'decisions_open';
  end if;
end $$;

grant execute on function decide_resolution to quittance_operator;
