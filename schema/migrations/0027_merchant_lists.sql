-- What the merchant API lists and manages. Ids are TypeIDs: their order is that of time.

-- "My payments, newest first." One index carries every filter that is not rare.
create index payments_listed on payments (merchant_id, mode, id);
-- "The payment of this order."
create index payments_by_order on payments (merchant_id, order_reference, id) where order_reference is not null;
-- "What I called cart = 7": one value, in any of its names.
create index payments_by_metadata on payments using gin (metadata jsonb_path_ops) where metadata <> '{}';
-- "All that failed": what is rare among a merchant's payments. What is processing or held is found by
-- payments_pending, and captured ones in the order of the list; neither is worth a write at each step.
create index payments_by_rare_status on payments (merchant_id, mode, status, id)
  where status in ('in_review', 'blocked', 'failed', 'expired', 'voided', 'refunded', 'partially_refunded', 'partially_captured');
-- "My refunds", "my captures".
create index operations_listed on operations (merchant_id, kind, id) where kind in ('capture', 'refund');
-- "Every refund.failed". What happens to every payment is found soon in the order of the list.
create index events_by_type on events (merchant_id, mode, type, id) where type not in ('payment.authorized', 'payment.captured');

-- Which events an endpoint wants; none named = all. Its own name for it; when it changed.
alter table webhook_endpoints
  add column event_types text[] not null default '{}' check (cardinality(event_types) <= 50),
  add column description text check (length(description) between 1 and 500),
  -- While a secret is rolled both sign, so that a receiver can change over in its own time.
  add column previous_secret jsonb,
  add column previous_until timestamptz,
  add constraint previous_secret_ends check ((previous_secret is null) = (previous_until is null));
create index webhook_endpoints_listed on webhook_endpoints (merchant_id, mode, id);

-- The api manages endpoints and never reads a secret: it seals new ones, and the worker opens them.
grant select (merchant_id, id, mode, url, enabled, created_at, event_types, description, previous_until),
      insert (merchant_id, id, mode, url, sealed_secret, enabled, event_types, description),
      update (url, enabled, event_types, description),
      delete on webhook_endpoints to quittance_api;

-- A test event is about no payment.
alter table events alter column payment_id drop not null;

-- A delivery that is replayed is a new one with a number of its own; what was delivered stays so.
alter table deliveries drop constraint deliveries_once,
  add constraint deliveries_once check (
    id = 'dlv_' || substr(event_id, 5) || '_' || substr(endpoint_id, 5)
    or (id like 'dlv\_' || substr(event_id, 5) || '\_' || substr(endpoint_id, 5) || '\_r%' and id ~ '_r[1-9][0-9]{0,3}$'));
grant insert (merchant_id, id, event_id, endpoint_id, created_at) on deliveries to quittance_api;
-- "What became of what was sent here", newest first, and what failed.
create index deliveries_of_endpoint on deliveries (merchant_id, endpoint_id, id);

-- Requests that are not about a payment keep their answer here: sealed, because it can hold a secret.
alter table idempotency_keys
  alter column payment_id drop not null,
  alter column command_id drop not null,
  add column answer_status smallint check (answer_status between 200 and 299),
  add column sealed_answer jsonb,
  add constraint key_of_a_command_or_of_an_answer check (
    (payment_id is not null and command_id is not null and answer_status is null and sealed_answer is null)
    or (payment_id is null and command_id is null and answer_status is not null and sealed_answer is not null));
