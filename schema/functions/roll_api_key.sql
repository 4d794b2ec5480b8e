-- Gives a key another text. The one before is good beside it until the overlap is over; one that was
-- still overlapping ends. False when this merchant has no such key in use.
create or replace function roll_api_key(merchant text, of_mode text, key text, new_hash bytea, new_hint text, new_public text, overlap interval)
returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update api_keys set
    key_hash = new_hash, keyed = true, hint = new_hint, public_key = new_public,
    previous_hash = case when overlap > interval '0' then key_hash end,
    previous_public_key = case when overlap > interval '0' then public_key end,
    previous_until = case when overlap > interval '0' then clock_timestamp() + overlap end
  where merchant_id = merchant and mode = of_mode and id = key and revoked_at is null;
  return found;
end $$;

grant execute on function roll_api_key to quittance_api;
