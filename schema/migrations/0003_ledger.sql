-- The ledger: double entry, append-only, zero per currency. Debits are positive, credits negative.

create table ledger_accounts (
  merchant_id text not null,
  mode text not null check (mode in ('test', 'live')),
  -- kind, or kind:qualifier (an acquirer, pending|available): 'merchant_payable:pending'.
  code text not null check (code ~ '^[a-z_]+(:[a-z0-9_-]+)?$'),
  currency char(3) not null,
  -- The side on which the account normally grows.
  normal_side text not null check (normal_side in ('debit', 'credit')),
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (merchant_id, mode, code, currency)
) partition by hash (merchant_id);
select partition_by_merchant('ledger_accounts', 8);

create table ledger_transactions (
  merchant_id text not null,
  mode text not null,
  id bigint generated always as identity,
  payment_id text not null,
  operation_id text,
  attempt_id text,
  event text not null,
  -- One transaction per event of the business: the same fact cannot be posted twice.
  business_key text not null,
  at timestamptz not null,
  workflow_id text not null,
  workflow_run_id text not null,
  primary key (merchant_id, id),
  constraint ledger_transactions_once unique (merchant_id, business_key)
) partition by hash (merchant_id);
select partition_by_merchant('ledger_transactions', 8);
create index ledger_transactions_of_payment on ledger_transactions (merchant_id, payment_id);

create table ledger_postings (
  merchant_id text not null,
  mode text not null,
  transaction_id bigint not null,
  line smallint not null check (line > 0),
  code text not null,
  currency char(3) not null,
  amount bigint not null check (amount <> 0),
  -- Gapless per account: a missing row shows.
  account_sequence bigint not null check (account_sequence > 0),
  primary key (merchant_id, transaction_id, line)
) partition by hash (merchant_id);
select partition_by_merchant('ledger_postings', 8);
create unique index ledger_postings_sequence on ledger_postings (merchant_id, mode, code, currency, account_sequence);

-- Running balances, moved in the same transaction as the postings that move them.
create table ledger_balances (
  merchant_id text not null,
  mode text not null,
  code text not null,
  currency char(3) not null,
  balance bigint not null check (balance between -1000000000000000000 and 1000000000000000000),
  last_sequence bigint not null,
  primary key (merchant_id, mode, code, currency)
) partition by hash (merchant_id);
select partition_by_merchant('ledger_balances', 8);

-- All legs of a transaction come in one statement, so one look at the statement's rows is enough:
-- a transaction that does not net to zero per currency never exists, not even for a moment.
create function postings_guard() returns trigger language plpgsql as $$
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

-- A statement's trigger belongs to the table that the statement names, so a guarded table's partitions
-- carry the guard as well: else a statement on ledger_postings_p3 would pass it by.
create function guard_each_partition(guarded text, guard text) returns void
language plpgsql as $$
declare
  relation regclass;
begin
  for relation in select relid from pg_partition_tree(guarded::regclass) loop
    execute format(guard, relation);
  end loop;
end $$;
select guard_each_partition('ledger_postings', 'create trigger guard after insert on %s
  referencing new table as inserted for each statement execute function postings_guard()');

-- Append-only by grant for the application, and by trigger for the owner's hand as well.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused; post a correcting entry instead', tg_table_name, lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$;
create function append_only(guarded text) returns void
language sql as $$
  select guard_each_partition(guarded, 'create trigger append_only before update or delete or truncate on %s
    for each statement execute function refuse_change()')
$$;
select append_only(guarded) from unnest(array['ledger_postings', 'ledger_transactions', 'payment_history']) as guarded;

-- Posts one transaction. legs: [{"code","normal_side","currency","amount"}], at most one leg per
-- account. Balances are moved in account order, which is the lock order, and hand out the sequences.
create function post_transaction(header jsonb, legs jsonb) returns bigint
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
