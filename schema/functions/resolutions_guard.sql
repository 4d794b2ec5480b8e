create or replace function resolutions_guard() returns trigger language plpgsql as $$
begin
  perform check_transition('resolution', new.id, old.state, new.state);
  if old.state <> 'proposed' or (new.id, new.merchant_id, new.payment_id, new.operation_id, new.attempt_id, new.outcome, new.evidence, new.reason,
      new.proposed_by, new.proposed_at)
     is distinct from (old.id, old.merchant_id, old.payment_id, old.operation_id, old.attempt_id, old.outcome, old.evidence, old.reason,
      old.proposed_by, old.proposed_at) then
    raise exception 'resolution %: what was said, and what was decided, cannot change', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger guard before update on resolutions for each row execute function resolutions_guard();
