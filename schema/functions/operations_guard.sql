create or replace function operations_guard() returns trigger language plpgsql as $$
begin
  if new.state is distinct from old.state then
    perform check_transition('operation', new.id, old.state, new.state);
  end if;
  if old.state = 'succeeded' and new.state = 'failed' and new.kind not in ('capture', 'refund') then
    raise exception 'operation %: only a capture or a refund can fail after it succeeded', new.id using errcode = 'check_violation';
  end if;
  -- A void alone is asked for without an amount: while it waits for the authorization, what it will release is not known.
  if (new.kind, new.payment_id, new.created_at, new.final, new.acquirer_reference, new.withdraws_operation_id)
     is distinct from (old.kind, old.payment_id, old.created_at, old.final, old.acquirer_reference, old.withdraws_operation_id)
     or (new.amount <> old.amount and not (old.kind = 'void' and old.state = 'pending')) then
    raise exception 'operation %: what was asked cannot change', old.id using errcode = 'check_violation';
  end if;
  if (old.origin, old.resolution) is distinct from (new.origin, new.resolution) and (old.origin <> new.origin or old.resolution is not null) then
    raise exception 'operation %: who began it, and what a person said of it, cannot change', old.id using errcode = 'check_violation';
  end if;
  -- By what it was charged and converted is a fact once it is written.
  if old.settlement is not null and new.settlement is distinct from old.settlement then
    raise exception 'operation %: what it came to cannot change', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger operations_guard before update on operations for each row execute function operations_guard();
