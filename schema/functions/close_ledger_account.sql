-- Closes an account: nothing can be posted to it any more. Refused while its balance is not zero. For the
-- owner's hand: nobody else may call it. Answers when it was closed; a closed one stays as it is.
create or replace function close_ledger_account(merchant text, ledger_mode text, account text, account_currency text) returns timestamptz
language plpgsql as $$
declare
  closed timestamptz;
begin
  update ledger_accounts a set closed_at = coalesce(a.closed_at, clock_timestamp())
  where a.merchant_id = merchant and a.mode = ledger_mode and a.code = account and a.currency = account_currency
  returning a.closed_at into closed;
  if not found then
    raise exception 'ledger account % % of % (%) was never opened', account, account_currency, merchant, ledger_mode using errcode = 'no_data_found';
  end if;
  return closed;
end $$;
