-- A key was used: noted at most once a minute, whoever sees it. One whose hash is not keyed yet (it was
-- made where the api's secret is not known) gets the keyed one.
create or replace function touch_api_key(key text, plain bytea, hashed bytea) returns void
language sql security definer set search_path = public, pg_temp as $$
  update api_keys set last_used_at = clock_timestamp(),
    key_hash = case when not keyed and key_hash = plain then hashed else key_hash end,
    keyed = keyed or key_hash = plain
  where id = key and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute' or (not keyed and key_hash = plain))
$$;

grant execute on function touch_api_key to quittance_api;
