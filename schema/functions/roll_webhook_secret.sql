-- Gives an endpoint a new signing secret. The one before goes on signing beside it until the overlap is
-- over. The api asks for it, and reads neither. False when this merchant has no such endpoint.
create or replace function roll_webhook_secret(merchant text, of_mode text, endpoint text, sealed jsonb, overlap interval) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update webhook_endpoints set sealed_secret = sealed,
    previous_secret = case when overlap > interval '0' then sealed_secret end,
    previous_until = case when overlap > interval '0' then clock_timestamp() + overlap end
  where merchant_id = merchant and mode = of_mode and id = endpoint;
  return found;
end $$;

grant execute on function roll_webhook_secret to quittance_api;
