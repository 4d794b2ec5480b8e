-- Posts one transaction. legs: [{"code","normal_side","currency","amount"}], at most one leg per
-- account. Balances are moved in account order, which is the lock order, and hand out the sequences.
create or replace function post_transaction(header jsonb, legs jsonb) returns bigint
language plpgsql as $$
declare
  new_id bigint;
  merchant constant text := header ->> 'merchant_id';
  ledger_mode constant text := header ->> 'mode';
begin
  -- A transaction that moves nothing would still take its business key: the real one could not come any more.
  if jsonb_array_length(legs) < 2 then
    raise exception 'ledger transaction % has fewer than two legs', header ->> 'business_key'
      using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;

  insert into ledger_transactions (merchant_id, mode, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id, workflow_run_id)
  values (merchant, ledger_mode, header ->> 'payment_id', header ->> 'operation_id', header ->> 'attempt_id', header ->> 'event',
          header ->> 'business_key', (header ->> 'at')::timestamptz, header ->> 'workflow_id', header ->> 'workflow_run_id')
  returning id into new_id;

  insert into ledger_accounts (merchant_id, mode, code, currency, normal_side)
  select merchant, ledger_mode, l.code, l.currency, l.normal_side
  from jsonb_to_recordset(legs) as l(code text, currency text, normal_side text)
  where not exists (
    select from ledger_accounts a
    where a.merchant_id = merchant and a.mode = ledger_mode and a.code = l.code and a.currency = l.currency)
  on conflict do nothing;

  with leg as (
    select l.code, l.currency, l.amount, row_number() over (order by l.code, l.currency) as line
    from jsonb_to_recordset(legs) as l(code text, currency text, amount bigint)
  ), moved as (
    insert into ledger_balances as b (merchant_id, mode, code, currency, balance, last_sequence)
    select merchant, ledger_mode, leg.code, leg.currency, leg.amount, 1 from leg order by leg.line
    on conflict (merchant_id, mode, code, currency)
      do update set balance = b.balance + excluded.balance, last_sequence = b.last_sequence + 1
    returning b.code, b.currency, b.last_sequence
  )
  insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
  select merchant, ledger_mode, new_id, leg.line, leg.code, leg.currency, leg.amount, moved.last_sequence
  from leg join moved using (code, currency);
  return new_id;
end $$;
