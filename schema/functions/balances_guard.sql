-- Nothing is held that was not promised, and nothing is on its way that was not accepted: a balance whose
-- kind has one side alone never stands on the other. After the row was moved, because a posting is added
-- to what is there; where nothing is wrong, no function is called.
create or replace function balances_guard() returns trigger language plpgsql as $$
begin
  raise exception 'ledger account % % of % (%) can only stand on its % side: % would be on the other (stripe %)',
    new.code, new.currency, new.merchant_id, new.mode, new.only_side, abs(new.balance), new.stripe
    using errcode = 'check_violation', constraint = 'ledger_balance_on_its_side';
end $$;

create or replace trigger balances_guard after insert or update on ledger_balances for each row
  when (new.only_side is not null and new.balance <> 0 and (new.balance > 0) <> (new.only_side = 'debit'))
  execute function balances_guard();
