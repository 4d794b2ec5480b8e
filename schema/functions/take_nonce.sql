-- True the first time that a merchant uses a nonce, false whenever it comes again. Each call takes two
-- away that have ended, whosever they are: there are never more than were used while they could be good.
create or replace function take_nonce(merchant text, used text, good_until timestamptz) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from request_nonces where ctid = any (array(
    select n.ctid from request_nonces n where n.expires_at < clock_timestamp() order by n.expires_at limit 2 for update skip locked));
  insert into request_nonces (merchant_id, nonce, expires_at) values (merchant, used, good_until) on conflict do nothing;
  return found;
end $$;

grant execute on function take_nonce to quittance_api;
