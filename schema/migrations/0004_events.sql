-- What merchants are told: written with the change itself, delivered afterwards, at least once.

create table events (
  merchant_id text not null,
  id text not null check (id ~ '^evt_'),
  mode text not null,
  payment_id text not null,
  -- The change it tells of: one event of a type per change.
  version integer not null,
  type text not null,
  -- The exact bytes that are signed and sent.
  body text not null,
  created_at timestamptz not null,
  primary key (merchant_id, id),
  constraint events_once unique (merchant_id, payment_id, version, type)
) partition by hash (merchant_id);
select partition_by_merchant('events', 8);
select append_only('events');

create table deliveries (
  merchant_id text not null,
  id text not null check (id ~ '^dlv_'),
  event_id text not null,
  endpoint_id text not null,
  -- pending: the dispatcher's; retrying: a delivery workflow's; then delivered or failed for good.
  state text not null default 'pending' check (state in ('pending', 'retrying', 'delivered', 'failed')),
  attempts integer not null default 0,
  -- While leased nobody else takes it; when the lease runs out, anybody may.
  leased_until timestamptz,
  created_at timestamptz not null,
  concluded_at timestamptz,
  check ((state in ('delivered', 'failed')) = (concluded_at is not null)),
  primary key (merchant_id, id),
  -- One webhook id per event and endpoint, however often it is sent.
  constraint deliveries_once unique (merchant_id, event_id, endpoint_id)
) partition by hash (merchant_id);
select partition_by_merchant('deliveries', 8);
create index deliveries_pending on deliveries (created_at) where state = 'pending';
create index deliveries_retrying on deliveries (created_at) where state = 'retrying';

create table delivery_attempts (
  merchant_id text not null,
  delivery_id text not null,
  number integer not null check (number > 0),
  at timestamptz not null,
  -- HTTP status, or null when there was no answer.
  response_status integer,
  error text,
  latency_ms integer not null check (latency_ms >= 0),
  primary key (merchant_id, delivery_id, number)
) partition by hash (merchant_id);
select partition_by_merchant('delivery_attempts', 8);
