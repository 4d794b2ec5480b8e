-- What came in is a fact; only how far it has come changes, and what is done is done.
create or replace function acquirer_events_guard() returns trigger language plpgsql as $$
begin
  if (new.id, new.acquirer_id, new.dedupe_key, new.type, new.item, new.occurred_at, new.received_at)
     is distinct from (old.id, old.acquirer_id, old.dedupe_key, old.type, old.item, old.occurred_at, old.received_at) then
    raise exception 'event %: what an acquirer said cannot change', old.id using errcode = 'check_violation';
  end if;
  if old.state <> 'waiting' and new.state is distinct from old.state then
    raise exception 'event % is % already', old.id, old.state using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger guard before update on acquirer_events for each row execute function acquirer_events_guard();
