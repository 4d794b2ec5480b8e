-- Tells one endpoint, and no other, an event about nothing, so that a merchant sees whether it arrives.
-- False when this merchant has no such endpoint, or it is not enabled.
-- event_version: the version of the API that event_body is in.
drop function if exists send_test_event(text, text, text, text, text);
create or replace function send_test_event(merchant text, of_mode text, endpoint text, event text, event_body text,
  event_version text default '2026-11-01') returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  told_in text;
begin
  select api_version into told_in from webhook_endpoints where merchant_id = merchant and mode = of_mode and id = endpoint and enabled;
  if not found then
    return false;
  end if;
  insert into events (merchant_id, id, mode, payment_id, version, type, body, api_version, created_at)
  values (merchant, event, of_mode, null, 0, 'endpoint.test', event_body, event_version, clock_timestamp());
  insert into deliveries (merchant_id, id, event_id, endpoint_id, api_version, created_at)
  values (merchant, 'dlv_' || substr(event, 5) || '_' || substr(endpoint, 5), event, endpoint, told_in, clock_timestamp());
  return true;
end $$;

grant execute on function send_test_event to quittance_api;
