-- In which version of the API an endpoint is told, and what becomes of one that fails for days.

-- ---------------------------------------------------------------------------------------------------
-- The version that an event's body is written in: of each the newest when it was written.
alter table events add column api_version text not null default '2026-11-01';

-- The version that an endpoint is told in, and that a delivery is made in: a delivery keeps to it, whatever
-- its endpoint is pinned to afterwards. Whoever was told before this was told in the newest.
alter table webhook_endpoints add column api_version text not null default '2026-11-01' check (api_version ~ '^\d{4}-\d{2}-\d{2}$');
alter table deliveries
  add column api_version text not null default '2026-11-01',
  -- The bytes that are sent, where they are not the event's own: kept before they are first sent, so that
  -- a repeat sends the same, whatever is changed in how versions are made.
  add column sent_body text;

-- ---------------------------------------------------------------------------------------------------
alter table webhook_endpoints
  -- Since when every attempt has failed; null = the last one was taken, or there was none. Written at the
  -- first failure and at the first success after it, not at each attempt.
  add column failing_since timestamptz,
  -- When the merchant was told of it.
  add column failing_told_at timestamptz,
  -- Why it is disabled, where that was not the merchant's wish.
  add column disabled_reason text check (disabled_reason in ('failing')),
  add constraint told_of_a_failure check (failing_told_at is null or failing_since is not null),
  add constraint a_reason_of_what_is_disabled check (disabled_reason is null or not enabled);

-- endpoint_disabled: it was on its way when its endpoint was disabled, or deleted. It can be replayed.
alter table deliveries
  drop constraint deliveries_state_check,
  drop constraint deliveries_check,
  add constraint deliveries_state_check check (state in ('pending', 'retrying', 'delivered', 'failed', 'endpoint_disabled')),
  add constraint deliveries_check check ((state in ('delivered', 'failed', 'endpoint_disabled')) = (concluded_at is not null));

grant select (api_version, failing_since, disabled_reason), insert (api_version), update (api_version) on webhook_endpoints to quittance_api;
grant update (failing_since, failing_told_at) on webhook_endpoints to quittance_worker;
-- A replay is of the bytes that were sent before.
grant insert (api_version, sent_body) on deliveries to quittance_api;
grant update (sent_body) on deliveries to quittance_worker;
