-- A client in use, for a token of it: before its claims are held against this row nobody knows the merchant.
create or replace function find_oauth_client(client text)
returns table (id text, merchant_id text, mode text, scopes text[], ip_allow_list text[], version text, api_tier text)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.id, c.merchant_id, c.mode, c.scopes, c.ip_allow_list, c.version, m.api_tier
  from oauth_clients c join merchants m on m.id = c.merchant_id
  where c.id = client and c.revoked_at is null
$$;

-- The same for whoever shows its secret, by the secret's hash; that it was used is noted at most once a minute.
create or replace function prove_oauth_client(client text, hash bytea)
returns table (id text, merchant_id text, mode text, scopes text[], ip_allow_list text[], version text, api_tier text)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from oauth_clients c
  where c.id = client and c.revoked_at is null
    and (c.secret_hash = hash or (c.previous_hash = hash and c.previous_until > clock_timestamp()));
  if not found then
    return;
  end if;
  update oauth_clients c set last_used_at = clock_timestamp()
  where c.id = client and (c.last_used_at is null or c.last_used_at < clock_timestamp() - interval '1 minute');
  return query select * from find_oauth_client(client);
end $$;

grant execute on function find_oauth_client, prove_oauth_client to quittance_api;
