create or replace function decisions_guard() returns trigger language plpgsql as $$
begin
  perform check_transition('decision', new.id, old.state, new.state);
  if old.state <> 'proposed' or (new.id, new.action, new.merchant_id, new.payment_id, new.subject, new.body, new.reason, new.evidence,
      new.proposed_by, new.proposed_at, new.second_person, new.bulk)
     is distinct from (old.id, old.action, old.merchant_id, old.payment_id, old.subject, old.body, old.reason, old.evidence,
      old.proposed_by, old.proposed_at, old.second_person, old.bulk) then
    raise exception 'decision %: what was proposed, and what was decided, cannot change', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger guard before update on decisions for each row execute function decisions_guard();
