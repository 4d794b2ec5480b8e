-- Accounts were opened by it, so a kind stays what it is. Its stripes count for accounts that are opened later.
create or replace function kinds_guard() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' then
    raise exception '%: % refused; accounts may have been opened by it', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
  end if;
  if (new.kind, new.normal_side, new.may_go_against) is distinct from (old.kind, old.normal_side, old.may_go_against) then
    raise exception 'kind of account %: its side and what it allows cannot change; add another kind', old.kind using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger kinds_guard before update or delete on ledger_account_kinds for each row execute function kinds_guard();
create or replace trigger kinds_stay before truncate on ledger_account_kinds for each statement execute function kinds_guard();
