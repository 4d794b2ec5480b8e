create or replace function commands_guard() returns trigger language plpgsql as $$
begin
  if old.state = 'done' then
    raise exception 'command % is done: its answer is final', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger commands_guard before update on commands for each row execute function commands_guard();
