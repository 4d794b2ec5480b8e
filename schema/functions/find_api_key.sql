-- Whose a secret key is, by any of its hashes: before that nobody knows the merchant, and the api cannot
-- read a hash. Nothing for a key that is revoked, or was rolled and its overlap is over.
create or replace function find_api_key(hashes bytea[])
returns table (id text, merchant_id text, mode text, scopes text[], ip_allow_list text[], keyed boolean,
               good_until timestamptz, last_used_at timestamptz, version text, api_tier text)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.id, k.merchant_id, k.mode, k.scopes, k.ip_allow_list, k.keyed,
         case when k.key_hash <> all (hashes) then k.previous_until end, k.last_used_at, k.version, m.api_tier
  from api_keys k join merchants m on m.id = k.merchant_id
  where k.kind = 'secret' and k.revoked_at is null
    and (k.key_hash = any (hashes) or (k.previous_hash = any (hashes) and k.previous_until > clock_timestamp()))
$$;

grant execute on function find_api_key to quittance_api;
