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
