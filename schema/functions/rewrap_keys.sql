-- The only ways in which a wrapped key changes: to the open rotation's master key, from what was read.
create or replace function refuse_other_than_rotation(master text, what text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from key_rotations r where r.finished_at is null and r.turned_at is not null and r.to_master_key = master;
  if not found then
    raise exception 'no open rotation to % that % could be re-wrapped by', master, what using errcode = 'object_not_in_prerequisite_state';
  end if;
end $$;

create or replace function rewrap_payload_key(key text, before bytea, master text, after bytea) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform refuse_other_than_rotation(master, 'data key ' || key);
  update payload_keys k set master_key = master, wrapped = after where k.id = key and k.wrapped = before and k.master_key <> master;
  return found;
end $$;

-- The secret itself stays sealed as it was: only the key that it is sealed under is wrapped anew.
create or replace function rewrap_webhook_secret(merchant text, endpoint text, before bytea, master text, after bytea) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform refuse_other_than_rotation(master, 'the secret of ' || endpoint);
  update webhook_endpoints e
  set sealed_secret = e.sealed_secret || jsonb_build_object('master_key', master, 'wrapped', translate(encode(after, 'base64'), E'\n', ''))
  where e.merchant_id = merchant and e.id = endpoint and e.sealed_secret ->> 'master_key' <> master
    and e.sealed_secret ->> 'wrapped' = translate(encode(before, 'base64'), E'\n', '');
  return found;
end $$;

-- The one before, which signs as well until the overlap is over.
create or replace function rewrap_previous_secret(merchant text, endpoint text, before bytea, master text, after bytea) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform refuse_other_than_rotation(master, 'the secret before of ' || endpoint);
  update webhook_endpoints e
  set previous_secret = e.previous_secret || jsonb_build_object('master_key', master, 'wrapped', translate(encode(after, 'base64'), E'\n', ''))
  where e.merchant_id = merchant and e.id = endpoint and e.previous_secret ->> 'master_key' <> master
    and e.previous_secret ->> 'wrapped' = translate(encode(before, 'base64'), E'\n', '');
  return found;
end $$;

create or replace function rewrap_signing_secret(merchant text, secret text, before bytea, master text, after bytea) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform refuse_other_than_rotation(master, 'the signing secret ' || secret);
  update signing_secrets s
  set sealed_secret = s.sealed_secret || jsonb_build_object('master_key', master, 'wrapped', translate(encode(after, 'base64'), E'\n', ''))
  where s.merchant_id = merchant and s.id = secret and s.sealed_secret ->> 'master_key' <> master
    and s.sealed_secret ->> 'wrapped' = translate(encode(before, 'base64'), E'\n', '');
  return found;
end $$;

-- No merchant's: `owner` is what stands in its place when it is sealed.
create or replace function rewrap_token_key(owner text, key text, before bytea, master text, after bytea) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform refuse_other_than_rotation(master, 'the key of tokens ' || key);
  update oauth_signing_keys k
  set sealed_secret = k.sealed_secret || jsonb_build_object('master_key', master, 'wrapped', translate(encode(after, 'base64'), E'\n', ''))
  where k.id = key and k.sealed_secret ->> 'master_key' <> master
    and k.sealed_secret ->> 'wrapped' = translate(encode(before, 'base64'), E'\n', '');
  return found;
end $$;

-- `answer` is what it was sealed as: answer:<mode>:<idempotency key>.
create or replace function rewrap_answer(merchant text, answer text, before bytea, master text, after bytea) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform refuse_other_than_rotation(master, answer);
  update idempotency_keys k
  set sealed_answer = k.sealed_answer || jsonb_build_object('master_key', master, 'wrapped', translate(encode(after, 'base64'), E'\n', ''))
  where k.merchant_id = merchant and k.mode = split_part(answer, ':', 2) and k.key = regexp_replace(answer, '^answer:[a-z]+:', '')
    and k.sealed_answer ->> 'master_key' <> master
    and k.sealed_answer ->> 'wrapped' = translate(encode(before, 'base64'), E'\n', '');
  return found;
end $$;
grant execute on function rewrap_payload_key, rewrap_webhook_secret, rewrap_previous_secret, rewrap_signing_secret, rewrap_token_key,
  rewrap_answer to quittance_worker;
