-- A writer may have asked the key service before the rotation and come here after it: its key is refused
-- (it asks again), or is seen by the rotation. The table's lock leaves nothing in between.
create or replace function payload_keys_guard() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  lock table retired_master_keys in row share mode;
  perform from retired_master_keys where master_key = new.master_key;
  if found then
    raise exception 'data key % is wrapped by %, which was retired', new.id, new.master_key
      using errcode = 'QK001', hint = 'Ask the key service for another data key.';
  end if;
  return new;
end $$;
create or replace trigger payload_keys_guard before insert or update of master_key on payload_keys
  for each row execute function payload_keys_guard();

create or replace function webhook_secrets_guard() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  lock table retired_master_keys in row share mode;
  perform from retired_master_keys where master_key = new.sealed_secret ->> 'master_key';
  if found then
    raise exception 'the secret of % is wrapped by %, which was retired', new.id, new.sealed_secret ->> 'master_key'
      using errcode = 'QK001', hint = 'Seal the secret again.';
  end if;
  return new;
end $$;
create or replace trigger webhook_secrets_guard before insert or update of sealed_secret on webhook_endpoints
  for each row execute function webhook_secrets_guard();
create or replace trigger signing_secrets_guard before insert or update of sealed_secret on signing_secrets
  for each row execute function webhook_secrets_guard();
create or replace trigger token_keys_guard before insert or update of sealed_secret on oauth_signing_keys
  for each row execute function webhook_secrets_guard();

-- From here on only the rotation's new master key wraps anything new.
create or replace function retire_master_keys(rotation text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  this key_rotations;
begin
  lock table retired_master_keys in exclusive mode;
  select * into this from key_rotations r where r.id = retire_master_keys.rotation and r.finished_at is null;
  if this.to_master_key is null then
    raise exception 'rotation % is not open, or has no new master key yet', rotation using errcode = 'object_not_in_prerequisite_state';
  end if;
  insert into retired_master_keys (master_key, rotation)
  select old, this.id
  from (select this.from_master_key union select master_key from payload_keys
        union select sealed_secret ->> 'master_key' from webhook_endpoints
        union select sealed_secret ->> 'master_key' from signing_secrets
        union select sealed_secret ->> 'master_key' from oauth_signing_keys) as known (old)
  where old <> this.to_master_key
  on conflict do nothing;
  update key_rotations set turned_at = coalesce(turned_at, now()) where id = this.id;
end $$;
grant execute on function retire_master_keys to quittance_worker;
