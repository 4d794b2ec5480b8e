-- Posts transactions, in their order; answers their ids. Each is an object of its header's columns and
-- legs: [{"code","normal_side","currency","amount"}], at most one leg per account. Every balance is
-- moved once, whatever the number of transactions on it, in account order, which is the lock order;
-- it hands out the sequences.
-- (Its settings: one plan per connection, and never one for tables that were still empty; see record_changes.)
create or replace function post_transactions(transactions jsonb) returns bigint[]
language plpgsql set plan_cache_mode = force_generic_plan set jit = off set enable_seqscan = off as $$
declare
  bad text;
  ids bigint[];
begin
  -- A transaction that moves nothing would still take its business key: the real one could not come any more.
  select t ->> 'business_key' into bad from jsonb_array_elements(transactions) as t where jsonb_array_length(t -> 'legs') < 2 limit 1;
  if found then
    raise exception 'ledger transaction % has fewer than two legs', bad
      using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;
  select t ->> 'business_key' into bad from jsonb_array_elements(transactions) as t
  where jsonb_array_length(t -> 'legs') > (
    select count(distinct (l ->> 'code', l ->> 'currency')) from jsonb_array_elements(t -> 'legs') as l) limit 1;
  if found then
    raise exception 'ledger transaction % has two legs on one account', bad using errcode = 'cardinality_violation';
  end if;

  insert into ledger_accounts (merchant_id, mode, code, currency, normal_side)
  select distinct t ->> 'merchant_id', t ->> 'mode', l ->> 'code', l ->> 'currency', l ->> 'normal_side'
  from jsonb_array_elements(transactions) as t cross join lateral jsonb_array_elements(t -> 'legs') as l
  where (select true from ledger_accounts a where a.merchant_id = t ->> 'merchant_id' and a.mode = t ->> 'mode'
         and a.code = l ->> 'code' and a.currency = (l ->> 'currency')::char(3)) is not true
  order by 1, 2, 3, 4
  on conflict do nothing;

  with given as materialized (
    select t, place, t ->> 'merchant_id' as merchant_id, t ->> 'business_key' as business_key, t -> 'legs' as legs
    from jsonb_array_elements(transactions) with ordinality as one (t, place)
  ), posted as (
    insert into ledger_transactions (merchant_id, mode, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id, workflow_run_id)
    select merchant_id, t ->> 'mode', t ->> 'payment_id', t ->> 'operation_id', t ->> 'attempt_id', t ->> 'event', business_key, (t ->> 'at')::timestamptz,
           t ->> 'workflow_id', t ->> 'workflow_run_id'
    from given order by place
    returning merchant_id, mode, id, business_key
  ), leg as materialized (
    select merchant_id, p.mode, p.id, l.code, l.currency, l.amount,
           row_number() over (partition by p.id order by l.code, l.currency) as line,
           row_number() over account as turn, count(*) over (account rows between unbounded preceding and unbounded following) as turns
    from posted p join given using (merchant_id, business_key)
    cross join lateral jsonb_to_recordset(legs) as l (code text, currency text, amount bigint)
    window account as (partition by merchant_id, p.mode, l.code, l.currency order by p.id)
  ), moved as (
    insert into ledger_balances as b (merchant_id, mode, code, currency, balance, last_sequence)
    select merchant_id, mode, code, currency, sum(amount)::bigint, count(*) from leg
    group by merchant_id, mode, code, currency order by merchant_id, mode, code, currency
    on conflict (merchant_id, mode, code, currency)
      do update set balance = b.balance + excluded.balance, last_sequence = b.last_sequence + excluded.last_sequence
    returning b.merchant_id, b.mode, b.code, b.currency, b.last_sequence
  ), written as (
    insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
    select merchant_id, mode, leg.id, leg.line, code, currency, leg.amount, moved.last_sequence - leg.turns + leg.turn
    from leg join moved using (merchant_id, mode, code, currency)
  )
  select array_agg(id order by id) into ids from posted;
  return ids;
end $$;
