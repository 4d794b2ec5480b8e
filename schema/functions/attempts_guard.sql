create or replace function attempts_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    -- Nobody can insert an attempt that has already happened.
    if new.state <> 'planned' or new.sends <> 0 or new.outcome is not null then
      raise exception 'attempt % must start as a plan', new.id using errcode = 'check_violation';
    end if;
    -- A test payment cannot reach a live account, nor the other way round, nor another merchant's.
    if not exists (
      select from payments p join merchant_acquirer_accounts a using (merchant_id, mode)
      where p.merchant_id = new.merchant_id and p.id = new.payment_id
        and a.id = new.account_id and a.acquirer_id = new.acquirer_id
    ) then
      raise exception 'attempt %: account % is not one of %''s for the mode of %', new.id, new.account_id, new.merchant_id, new.payment_id
        using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if new.state is distinct from old.state then
    perform check_transition('attempt', new.id, old.state, new.state);
  end if;
  -- What was committed before the first byte is what a reversal is built from.
  if (new.merchant_id, new.id, new.payment_id, new.operation_id, new.number, new.kind, new.amount, new.currency, new.wire, new.acquirer_id,
      new.account_id, new.original_attempt_id, new.send_by, new.on_unknown)
     is distinct from (old.merchant_id, old.id, old.payment_id, old.operation_id, old.number, old.kind, old.amount, old.currency, old.wire, old.acquirer_id,
      old.account_id, old.original_attempt_id, old.send_by, old.on_unknown) then
    raise exception 'attempt %: its plan cannot change', old.id using errcode = 'check_violation';
  end if;
  if old.acquirer_reference is distinct from new.acquirer_reference and old.acquirer_reference is not null then
    raise exception 'attempt %: its name at the acquirer cannot change', old.id using errcode = 'check_violation';
  end if;
  -- An answer, once known, is a fact.
  if old.answered_at is not null and (new.answered_at, new.outcome, new.response_code, new.approval_code, new.network_reference,
      new.approved_amount, new.settlement_date, new.valid_until)
     is distinct from (old.answered_at, old.outcome, old.response_code, old.approval_code, old.network_reference,
      old.approved_amount, old.settlement_date, old.valid_until) then
    raise exception 'attempt %: its answer cannot change', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger attempts_guard before insert or update on attempts for each row execute function attempts_guard();

grant execute on function attempts_guard to quittance_worker;
