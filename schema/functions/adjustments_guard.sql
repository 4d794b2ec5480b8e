create or replace function adjustments_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'requested' then
      raise exception 'adjustment % must start as a request', new.id using errcode = 'check_violation';
    end if;
    return new;
  end if;
  perform check_transition('adjustment', new.id, old.state, new.state);
  if old.state <> 'requested' or (new.id, new.merchant_id, new.mode, new.debit_code, new.credit_code, new.amount, new.currency, new.reason,
      new.evidence, new.payment_id, new.requested_by, new.requested_at)
     is distinct from (old.id, old.merchant_id, old.mode, old.debit_code, old.credit_code, old.amount, old.currency, old.reason,
      old.evidence, old.payment_id, old.requested_by, old.requested_at) then
    raise exception 'adjustment %: what was asked, and what was decided, cannot change', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger guard before insert or update on adjustments for each row execute function adjustments_guard();

create or replace function adjustments_history() returns trigger language plpgsql as $$
begin
  insert into adjustment_history (adjustment_id, state, at, person, reason)
  values (new.id, new.state, coalesce(new.decided_at, new.requested_at), coalesce(new.decided_by, new.requested_by),
          case new.state when 'requested' then new.reason else new.decision_reason end);
  return null;
end $$;

create or replace trigger history after insert or update on adjustments for each row execute function adjustments_history();
