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

-- The same for a secret that has its data key beside it, in the column that the trigger names.
create or replace function webhook_secrets_guard() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  rec jsonb := to_jsonb(new);
  master text := rec -> tg_argv[0] ->> 'master_key';
begin
  lock table retired_master_keys in row share mode;
  perform from retired_master_keys where master_key = master;
  if found then
    raise exception '% of % is wrapped by %, which was retired', tg_argv[0], coalesce(rec ->> 'id', rec ->> 'key'), master
      using errcode = 'QK001', hint = 'Seal it again.';
  end if;
  return new;
end $$;
create or replace trigger webhook_secrets_guard before insert or update of sealed_secret on webhook_endpoints
  for each row execute function webhook_secrets_guard('sealed_secret');
-- A secret that is rolled goes on as it is: the rotation finds it where it went.
create or replace trigger previous_secrets_guard before update of previous_secret on webhook_endpoints
  for each row when (new.previous_secret is distinct from old.sealed_secret)
  execute function webhook_secrets_guard('previous_secret');
create or replace trigger signing_secrets_guard before insert or update of sealed_secret on signing_secrets
  for each row execute function webhook_secrets_guard('sealed_secret');
create or replace trigger token_keys_guard before insert or update of sealed_secret on oauth_signing_keys
  for each row execute function webhook_secrets_guard('sealed_secret');
-- A request about a payment keeps no answer, and does not come here.
create or replace trigger answers_guard before insert or update of sealed_answer on idempotency_keys
  for each row when (new.sealed_answer is not null) execute function webhook_secrets_guard('sealed_answer');

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
        union select previous_secret ->> 'master_key' from webhook_endpoints
        union select sealed_secret ->> 'master_key' from signing_secrets
        union select sealed_secret ->> 'master_key' from oauth_signing_keys
        union select sealed_answer ->> 'master_key' from idempotency_keys where sealed_answer is not null) as known (old)
  where old <> this.to_master_key
  on conflict do nothing;
  update key_rotations set turned_at = coalesce(turned_at, now()) where id = this.id;
end $$;
grant execute on function retire_master_keys to quittance_worker;
