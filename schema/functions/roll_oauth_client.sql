-- Gives a client another secret. The one before is good beside it until the overlap is over; one that was
-- still overlapping ends. False when this merchant has no such client in use.
create or replace function roll_oauth_client(merchant text, of_mode text, client text, new_hash bytea, new_hint text, overlap interval)
returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update oauth_clients set
    secret_hash = new_hash, hint = new_hint,
    previous_hash = case when overlap > interval '0' then secret_hash end,
    previous_until = case when overlap > interval '0' then clock_timestamp() + overlap end
  where merchant_id = merchant and mode = of_mode and id = client and revoked_at is null;
  return found;
end $$;

grant execute on function roll_oauth_client to quittance_api;
