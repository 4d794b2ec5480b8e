-- Tells a merchant of an endpoint of which every attempt fails, and disables it when that has gone on too
-- long: `told` after tell_after, `disabled` after disable_after, and not before the merchant was told for
-- as long as tell_after; null = neither (any more). The row is locked: a success that was recorded first has
-- cleared failing_since and nothing happens; one that comes after finds it disabled, and it stays so.
-- The event is told to the merchant's other endpoints; this one would not take it.
-- event_version: the version of the API that its body is in.
drop function if exists judge_failing_endpoint(text, text, text, interval, interval);
create or replace function judge_failing_endpoint(merchant text, endpoint text, event text, tell_after interval, disable_after interval,
  event_version text default '2026-11-01') returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  w webhook_endpoints;
  verdict text;
  type_told text;
  at timestamptz;
begin
  select * into w from webhook_endpoints where merchant_id = merchant and id = endpoint for update;
  -- Of the moment when nobody else is at it.
  at := clock_timestamp();
  if not found or not w.enabled or w.failing_since is null then
    return null;
  elsif w.failing_told_at is null and w.failing_since <= at - tell_after then
    update webhook_endpoints set failing_told_at = at where merchant_id = merchant and id = endpoint;
    verdict := 'told';
    type_told := 'webhook_endpoint.failing';
  elsif w.failing_told_at <= at - tell_after and w.failing_since <= at - disable_after then
    update webhook_endpoints set enabled = false, disabled_reason = 'failing' where merchant_id = merchant and id = endpoint;
    verdict := 'disabled';
    type_told := 'webhook_endpoint.disabled';
  else
    return null;
  end if;

  insert into events (merchant_id, id, mode, payment_id, version, type, body, api_version, created_at)
  values (merchant, event, w.mode, null, 0, type_told,
    format('{"id":%s,"object":"event","type":%s,"created":"%s","data":{"endpoint":%s,"failing_since":"%s"}}',
      to_json(event), to_json(type_told), utc_text(at), to_json(endpoint), utc_text(w.failing_since)), event_version, at);
  insert into deliveries (merchant_id, id, event_id, endpoint_id, api_version, created_at)
  select o.merchant_id, 'dlv_' || substr(event, 5) || '_' || substr(o.id, 5), event, o.id, o.api_version, at
  from webhook_endpoints o
  where o.merchant_id = merchant and o.mode = w.mode and o.enabled and o.id <> endpoint
    and (o.event_types = '{}' or type_told = any (o.event_types));
  return verdict;
end $$;

-- As the api writes times.
create or replace function utc_text(at timestamptz) returns text
language sql stable set search_path = public, pg_temp as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

grant execute on function judge_failing_endpoint to quittance_worker;
