-- All legs of a transaction come in one statement, so one look at the statement's rows is enough:
-- a transaction that does not net to zero per currency never exists, not even for a moment.
create or replace function postings_guard() returns trigger language plpgsql as $$
declare
  bad record;
  posted record;
begin
  select merchant_id, transaction_id, currency, sum(amount) as rest into bad
  from inserted group by merchant_id, transaction_id, currency having sum(amount) <> 0 order by 1, 2, 3 limit 1;
  if found then
    raise exception 'ledger transaction % of % does not net to zero: % % left over', bad.transaction_id, bad.merchant_id, bad.rest, bad.currency
      using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;
  -- One by one, by key: a join with the rows of the statement is planned while the tables are empty,
  -- and would read them whole for as long as that plan is kept.
  for posted in select merchant_id, mode, transaction_id, count(*) as legs from inserted group by merchant_id, mode, transaction_id loop
    -- A second statement for the same transaction could be balanced in itself and still be wrong.
    if posted.legs <> (select count(*) from ledger_postings p where p.merchant_id = posted.merchant_id and p.transaction_id = posted.transaction_id) then
      raise exception 'ledger transaction % of % takes all its legs in one statement', posted.transaction_id, posted.merchant_id
        using errcode = 'check_violation', constraint = 'ledger_balanced';
    end if;
    select i.code, i.currency into bad from inserted i
    where i.merchant_id = posted.merchant_id and i.transaction_id = posted.transaction_id and not exists (
      select from ledger_accounts a
      where a.merchant_id = posted.merchant_id and a.mode = posted.mode and a.code = i.code and a.currency = i.currency and a.closed_at is null)
    limit 1;
    if found then
      raise exception 'ledger account % % of % (%) is closed or was never opened', bad.code, bad.currency, posted.merchant_id, posted.mode
        using errcode = 'check_violation', constraint = 'ledger_account_open';
    end if;
  end loop;
  return null;
end $$;

select guard_each_partition('ledger_postings', 'create or replace trigger guard after insert on %s
  referencing new table as inserted for each statement execute function postings_guard()');
