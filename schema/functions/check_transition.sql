create or replace function check_transition(part_name text, id text, from_state text, to_state text) returns void
language plpgsql as $$
begin
  if from_state is distinct from to_state and not exists (
    select from legal_transitions t where t.part = part_name and t.from_state = check_transition.from_state and t.to_state = check_transition.to_state
  ) then
    raise exception '% of % cannot go from % to %', part_name, id, from_state, to_state
      using errcode = 'check_violation', constraint = 'legal_transitions';
  end if;
end $$;

grant execute on function check_transition to quittance_api, quittance_worker;
