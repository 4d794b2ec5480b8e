-- Customers; what a list of reviews needs; and why a delivery is not sent.

-- Whom a merchant sells to, as far as it says. What is here of a person is here alone: payments carry an id.

create table customers (
  merchant_id text not null,
  id text not null check (id ~ '^cus_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  mode text not null check (mode in ('test', 'live')),
  created_at timestamptz not null default now(),
  -- The merchant's own name for it.
  reference text check (length(reference) between 1 and 100),
  name text check (length(name) between 1 and 200),
  email text check (length(email) between 3 and 254),
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  -- A deleted customer is an id and two dates: payments go on to name it, and it is nobody.
  deleted_at timestamptz,
  constraint customers_deleted_are_nobody
    check (deleted_at is null or (num_nonnulls(reference, name, email) = 0 and metadata = '{}')),
  primary key (merchant_id, id)
) partition by hash (merchant_id);
select partition_by_merchant('customers', 8);
create unique index customers_one_per_reference on customers (merchant_id, mode, reference) where reference is not null;
create index customers_listed on customers (merchant_id, mode, id) where deleted_at is null;

-- Whose payment it is. No foreign key: every payment of a customer would lock the one row. Not checked: a
-- check would read every payment under the table's lock; the api looks the id up before it writes it.
alter table payments add column customer_id text;
-- "What waits, and waited, for a person." Few payments ever do.
create index payments_reviewed on payments (merchant_id, mode, id) where review <> 'none';
create index payments_by_customer on payments (merchant_id, customer_id, id) where customer_id is not null;

-- Why a delivery is not sent though it is its turn; null = nothing is in its way. `version`: the builds that
-- looked at it cannot write its event in the version that it is to be told in.
alter table deliveries add column waits_for text;
grant update (waits_for) on deliveries to quittance_worker;

-- ---------------------------------------------------------------------------------------------------
-- No worker needs to know who somebody is.
grant select on customers to quittance_api;
grant insert (merchant_id, id, mode, reference, name, email, metadata) on customers to quittance_api;
grant update (reference, name, email, metadata, deleted_at) on customers to quittance_api;
grant insert (customer_id) on payments to quittance_api;

alter table customers enable row level security;
create policy one_merchant on customers to quittance_api using (merchant_id = current_setting('quittance.merchant', true));
