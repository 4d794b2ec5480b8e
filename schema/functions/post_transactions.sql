-- Posts transactions, in their order; answers their ids. Each is an object of its header's columns and
-- legs: [{"code","normal_side","currency","amount"}], at most one leg per account. An account that is not
-- there yet is opened by the chart of accounts. Every balance is moved once, whatever the number of
-- transactions on it, in account order, which is the lock order; it hands out the sequences. Call it once
-- in a transaction of PostgreSQL, with all that is posted there, and last: then nobody waits for a balance
-- longer than a commit takes.
-- (Its settings: one plan per connection, and never one for tables that were still empty; see record_changes.)
create or replace function post_transactions(transactions jsonb) returns bigint[]
language plpgsql
set plan_cache_mode = force_generic_plan
set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off set enable_memoize = off as $$
declare
  bad record;
  legs ledger_leg[];
  all_open boolean;
  all_sided boolean;
  ids bigint[];
begin
  select t ->> 'business_key' as key, jsonb_array_length(t -> 'legs') as legs into bad from jsonb_array_elements(transactions) as t
  where jsonb_array_length(t -> 'legs') < 2
     or jsonb_array_length(t -> 'legs') > (select count(distinct (l ->> 'code', l ->> 'currency')) from jsonb_array_elements(t -> 'legs') as l)
  limit 1;
  if found and bad.legs < 2 then
    -- It would move nothing and still take its business key: the real one could not come any more.
    raise exception 'ledger transaction % has fewer than two legs', bad.key
      using errcode = 'check_violation', constraint = 'ledger_balanced';
  elsif found then
    raise exception 'ledger transaction % has two legs on one account', bad.key using errcode = 'cardinality_violation';
  end if;

  for round in 1 .. 2 loop
    -- Each account is asked for as a value, by its key: as a join PostgreSQL may read those of all merchants.
    select array_agg(row(place, t ->> 'merchant_id', t ->> 'mode', l ->> 'code', l ->> 'currency', (l ->> 'amount')::bigint,
                         case (account).stripes when 1 then 0 else stripe_of(t ->> 'payment_id', (account).stripes) end,
                         case when not (account).may_go_against then (account).normal_side end)::ledger_leg),
           bool_and((account).code is not null), bool_and((account).normal_side = l ->> 'normal_side')
    into legs, all_open, all_sided
    from (
      select place, t, l, (select a from ledger_accounts a where a.merchant_id = t ->> 'merchant_id' and a.mode = t ->> 'mode'
                           and a.code = l ->> 'code' and a.currency = (l ->> 'currency')::char(3)) as account
      from jsonb_array_elements(transactions) with ordinality as one (t, place) cross join lateral jsonb_array_elements(t -> 'legs') as l
      offset 0
    ) as leg;
    exit when all_open;
    insert into ledger_accounts (merchant_id, mode, code, currency, normal_side)
    select distinct t ->> 'merchant_id', t ->> 'mode', l ->> 'code', l ->> 'currency', l ->> 'normal_side'
    from jsonb_array_elements(transactions) as t cross join lateral jsonb_array_elements(t -> 'legs') as l
    order by 1, 2, 3, 4
    on conflict do nothing;
  end loop;
  if all_sided is not true then
    select * into bad from (
      select t, l, (select a.normal_side from ledger_accounts a where a.merchant_id = t ->> 'merchant_id' and a.mode = t ->> 'mode'
                    and a.code = l ->> 'code' and a.currency = (l ->> 'currency')::char(3)) as side
      from jsonb_array_elements(transactions) as t cross join lateral jsonb_array_elements(t -> 'legs') as l
    ) as leg where side is distinct from l ->> 'normal_side' limit 1;
    raise exception 'ledger account % % of % (%) cannot have % for its normal side: the chart says %', bad.l ->> 'code', bad.l ->> 'currency',
      bad.t ->> 'merchant_id', bad.t ->> 'mode', bad.l ->> 'normal_side', bad.side
      using errcode = 'check_violation', constraint = 'ledger_account_kind';
  end if;

  with given as materialized (
    select t, place, t ->> 'merchant_id' as merchant_id, t ->> 'business_key' as business_key
    from jsonb_array_elements(transactions) with ordinality as one (t, place)
  ), posted as (
    insert into ledger_transactions (merchant_id, mode, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id, workflow_run_id,
                                     cause, activity)
    select merchant_id, t ->> 'mode', t ->> 'payment_id', t ->> 'operation_id', t ->> 'attempt_id', t ->> 'event', business_key, (t ->> 'at')::timestamptz,
           t ->> 'workflow_id', t ->> 'workflow_run_id', t ->> 'cause', t ->> 'activity'
    from given order by place
    returning merchant_id, id, business_key
  ), leg as materialized (
    select l.*, p.id, row_number() over (partition by p.id order by l.code, l.currency) as line,
           row_number() over account as turn, count(*) over (account rows between unbounded preceding and unbounded following) as turns
    from posted p join given g using (merchant_id, business_key) join unnest(legs) as l on l.place = g.place
    window account as (partition by l.merchant_id, l.mode, l.code, l.currency, l.stripe order by p.id)
  ), moved as (
    insert into ledger_balances as b (merchant_id, mode, code, currency, stripe, balance, last_sequence, only_side)
    select merchant_id, mode, code, currency, stripe, sum(amount)::bigint, count(*), min(only_side) from leg
    group by merchant_id, mode, code, currency, stripe order by merchant_id, mode, code, currency, stripe
    on conflict (merchant_id, mode, code, currency, stripe)
      do update set balance = b.balance + excluded.balance, last_sequence = b.last_sequence + excluded.last_sequence, only_side = excluded.only_side
    returning b.merchant_id, b.mode, b.code, b.currency, b.stripe, b.last_sequence
  ), written as (
    insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, stripe, account_sequence)
    select merchant_id, mode, leg.id, leg.line, code, currency, leg.amount, stripe, moved.last_sequence - leg.turns + leg.turn
    from leg join moved using (merchant_id, mode, code, currency, stripe)
    order by leg.id, leg.line
  )
  select array_agg(id order by id) into ids from posted;
  return ids;
end $$;
