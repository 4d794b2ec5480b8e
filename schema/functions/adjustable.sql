-- Which kind of the chart an account is of: the code itself, or what stands before the acquirer's name.
create or replace function kind_of_account(code text) returns ledger_account_kinds
language sql stable as $$
  select k from ledger_account_kinds k where k.kind in (code, split_part(code, ':', 1)) order by k.kind = code desc limit 1
$$;

-- Why an adjustment may not touch that account; null when it may. (That it is not closed is checked
-- again when it is posted.)
create or replace function adjustable(merchant text, ledger_mode text, account text, in_currency text) returns text
language plpgsql stable as $$
declare
  k ledger_account_kinds := kind_of_account(account);
begin
  return case
    when k is null then format('%s is no account of the chart', account)
    -- A misspelt acquirer would open books that nobody ever settles.
    when k.kind <> account and not exists (
      select from merchant_acquirer_accounts a
      where a.merchant_id = merchant and a.mode = ledger_mode and k.kind || ':' || a.acquirer_id = account
    ) then format('%s is of an acquirer where %s has no account (%s)', account, merchant, ledger_mode)
    when exists (
      select from ledger_accounts a
      where a.merchant_id = merchant and a.mode = ledger_mode and a.code = account and a.currency = in_currency and a.closed_at is not null
    ) then format('account %s %s is closed', account, in_currency)
  end;
end $$;
