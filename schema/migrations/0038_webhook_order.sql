-- Endpoints that are told the events of one payment in their order, where they wish for it.

alter table webhook_endpoints add column ordered boolean not null default false;

-- The payment whose events are told in order, and the change that this one tells of. Null = it goes by itself:
-- of an endpoint that does not wish for an order, or a replay. Of one payment the later change is committed
-- after the earlier, so whoever sees a delivery here sees all that come before it.
alter table deliveries
  add column order_key text,
  add column order_at integer,
  add constraint deliveries_order check ((order_key is null) = (order_at is null));
-- "What comes before this and is still on its way." Nothing of other deliveries is in it.
create index deliveries_in_order on deliveries (merchant_id, endpoint_id, order_key, order_at)
  where order_key is not null and state in ('pending', 'retrying');

grant select (ordered), insert (ordered), update (ordered) on webhook_endpoints to quittance_api;
