-- All legs of a transaction come in one statement, so one look at the statement's rows is enough:
-- a transaction that does not net to zero per currency never exists, not even for a moment.
create or replace function postings_guard() returns trigger language plpgsql as $$
declare
  bad record;
begin
  select merchant_id, transaction_id, currency, sum(amount) as rest into bad
  from inserted group by merchant_id, transaction_id, currency having sum(amount) <> 0 order by 1, 2, 3 limit 1;
  if found then
    raise exception 'ledger transaction % of % does not net to zero: % % left over', bad.transaction_id, bad.merchant_id, bad.rest, bad.currency
      using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;
  -- Asked row by row, by key, as a value: PostgreSQL may not make a join of it, which would be planned
  -- while the tables are empty, and would read them whole for as long as that plan is kept.
  -- A second statement for the same transaction could be balanced in itself and still be wrong.
  select i.merchant_id, i.transaction_id into bad
  from (select merchant_id, transaction_id, count(*) as legs from inserted group by merchant_id, transaction_id) as i
  where i.legs <> (select count(*) from ledger_postings p where p.merchant_id = i.merchant_id and p.transaction_id = i.transaction_id)
  limit 1;
  if found then
    raise exception 'ledger transaction % of % takes all its legs in one statement', bad.transaction_id, bad.merchant_id
      using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;
  select i.code, i.currency, i.merchant_id, i.mode into bad from inserted i
  where (select a.closed_at is null from ledger_accounts a
         where a.merchant_id = i.merchant_id and a.mode = i.mode and a.code = i.code and a.currency = i.currency) is not true
  limit 1;
  if found then
    raise exception 'ledger account % % of % (%) is closed or was never opened', bad.code, bad.currency, bad.merchant_id, bad.mode
      using errcode = 'check_violation', constraint = 'ledger_account_open';
  end if;
  return null;
end $$;

select guard_each_partition('ledger_postings', 'create or replace trigger guard after insert on %s
  referencing new table as inserted for each statement execute function postings_guard()');
