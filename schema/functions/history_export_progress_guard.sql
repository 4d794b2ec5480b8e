-- A job that was taken for dead and goes on must not turn the mark back.
create or replace function history_export_progress_guard() returns trigger language plpgsql as $$
begin
  if new.through is null or new.through < old.through then
    raise exception 'histories are exported through %, which cannot become %', old.through, new.through using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger history_export_progress_guard before update on history_export_progress for each row execute function history_export_progress_guard();
