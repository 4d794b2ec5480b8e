-- API keys as a resource: several per merchant and mode, each with what it may do, from where, and since
-- when it is used. And the second wall between merchants: the api's own role sees one merchant at a time.

-- ---------------------------------------------------------------------------------------------------
alter table api_keys
  add column id text,
  -- A publishable key stands in pages: it makes card tokens at the vault and is refused here.
  add column kind text not null default 'secret' check (kind in ('secret', 'publishable')),
  add column name text check (length(name) between 1 and 100),
  -- What it may do (api/auth/scopes.ts). Keys that were made before there were scopes may do all.
  add column scopes text[] not null default '{read,payments,refunds,payouts,admin}'
    check (scopes <@ '{read,payments,refunds,payouts,admin}'::text[]),
  -- Addresses and networks it may be used from; none = any.
  add column ip_allow_list text[] not null default '{}' check (cardinality(ip_allow_list) <= 50),
  -- Of a publishable key: the pages that may use it, and its text, which is no secret.
  add column origins text[] not null default '{}' check (cardinality(origins) <= 20),
  add column public_key text unique check (public_key ~ '^pk_(test|live)_[A-Za-z0-9]{24,64}$'),
  -- While a key is rolled the one before is good as well.
  add column previous_hash bytea check (octet_length(previous_hash) = 32),
  add column previous_public_key text,
  add column previous_until timestamptz,
  -- The hash is an HMAC-SHA256 under the api's own secret; false: a SHA-256, until it is first used.
  add column keyed boolean not null default false,
  -- Written at most once a minute.
  add column last_used_at timestamptz,
  -- The version of the API that it is answered in where a request names none; null = the newest.
  add column version text check (version ~ '^\d{4}-\d{2}-\d{2}$'),
  add constraint api_keys_of_a_kind check (
    (kind = 'secret' and public_key is null and previous_public_key is null and origins = '{}')
    or (kind = 'publishable' and public_key is not null and scopes = '{}' and ip_allow_list = '{}')),
  add constraint api_keys_previous_ends check (
    (previous_hash is null) = (previous_until is null) and (previous_public_key is null or previous_hash is not null));

-- Of the time before there were ids: older than all others, and different.
update api_keys k set id = 'key_0' || (
  select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + get_byte(sha256(k.key_hash), n) % 32, 1), '' order by n)
  from generate_series(0, 24) as n);

alter table api_keys
  drop constraint api_keys_pkey,
  alter column id set not null,
  add primary key (id),
  add constraint api_keys_id check (id ~ '^key_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  add constraint api_keys_hash unique (key_hash);
create unique index api_keys_previous on api_keys (previous_hash) where previous_hash is not null;
create index api_keys_listed on api_keys (merchant_id, mode, id);

-- How often a merchant may call, as a multiple of what is configured (api/limits/tiers.ts).
alter table merchants add column api_tier text not null default 'standard' check (api_tier in ('standard', 'plus', 'high'));

-- The api manages keys and reads no hash: find_api_key tells it whose a key is.
revoke select on api_keys from quittance_api;
grant select (id, merchant_id, mode, kind, hint, name, scopes, ip_allow_list, origins, public_key, previous_public_key, previous_until,
              created_at, revoked_at, last_used_at, version),
      insert (id, merchant_id, mode, kind, key_hash, keyed, hint, name, scopes, ip_allow_list, origins, public_key, version),
      update (name, ip_allow_list, origins, revoked_at, version) on api_keys to quittance_api;

-- ---------------------------------------------------------------------------------------------------
-- A query of the api that forgets its merchant sees nothing, and a row of another is not written. The
-- others work for all merchants; who owns the tables (functions, archives) is not held up.
do $$
declare
  whole text;
  part text;
begin
  for whole in
    select c.oid::regclass::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id'
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and has_any_column_privilege('quittance_api', c.oid, 'select')
  loop
    execute format('alter table %s enable row level security', whole);
    execute format('create policy one_merchant on %s to quittance_api
                    using (merchant_id = current_setting(''quittance.merchant'', true))', whole);
    execute format('create policy all_merchants on %s to quittance_worker, quittance_operator, quittance_gateway using (true)', whole);
  end loop;
  -- A partition asked by its own name would go around its table's policy; nobody does.
  for part in
    select c.oid::regclass::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relispartition and c.relkind in ('r', 'p')
  loop
    execute format('revoke all on %s from quittance_api', part);
  end loop;
end $$;

alter table merchants enable row level security;
create policy one_merchant on merchants to quittance_api using (id = current_setting('quittance.merchant', true));
create policy all_merchants on merchants to quittance_worker, quittance_operator, quittance_gateway using (true);
