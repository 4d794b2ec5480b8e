-- What was agreed is what payments were charged by: it can be ended, not changed and not forgotten.
create or replace function terms_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception '% % cannot be deleted: end it with valid_to', tg_table_name, old.id using errcode = 'check_violation';
  end if;
  if to_jsonb(new) - 'valid_to' <> to_jsonb(old) - 'valid_to' then
    raise exception '% % cannot change: end it with valid_to and insert another', tg_table_name, old.id using errcode = 'check_violation';
  end if;
  -- Nor can it end before now: captures have been made by it since.
  if new.valid_to is distinct from old.valid_to and new.valid_to < now() then
    raise exception '% % cannot end in the past, at %', tg_table_name, old.id, new.valid_to using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger guard before update or delete on fee_schedules for each row execute function terms_guard();
create or replace trigger guard before update or delete on reserve_terms for each row execute function terms_guard();
create or replace trigger guard before update or delete on availability_terms for each row execute function terms_guard();
create or replace trigger guard before update or delete on settlement_terms for each row execute function terms_guard();
