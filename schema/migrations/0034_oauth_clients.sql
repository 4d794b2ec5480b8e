-- OAuth2 clients: who calls with a short token that its secret was exchanged for. And the keys by which
-- such tokens are signed.

create table oauth_clients (
  id text primary key check (id ~ '^oac_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  name text check (length(name) between 1 and 100),
  -- How its secret ends, to tell secrets apart.
  hint text not null,
  -- What its tokens may at most do (api/auth/scopes.ts).
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ '{read,payments,refunds,payouts,admin}'::text[]),
  -- Addresses and networks it and its tokens may be used from; none = any.
  ip_allow_list text[] not null default '{}' check (cardinality(ip_allow_list) <= 50),
  version text check (version ~ '^\d{4}-\d{2}-\d{2}$'),
  -- HMAC-SHA256 of the secret under the api's own.
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  -- While a secret is rolled the one before is good as well.
  previous_hash bytea check (octet_length(previous_hash) = 32),
  previous_until timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  -- When a token was last given out; written at most once a minute.
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint oauth_clients_previous_ends check ((previous_hash is null) = (previous_until is null))
);
create index oauth_clients_listed on oauth_clients (merchant_id, mode, id);

alter table oauth_clients enable row level security;
create policy one_merchant on oauth_clients to quittance_api using (merchant_id = current_setting('quittance.merchant', true));

-- The api reads no hash: prove_oauth_client tells it whose a secret is, roll_oauth_client gives another.
grant select (id, merchant_id, mode, name, hint, scopes, ip_allow_list, version, previous_until, created_at, last_used_at, revoked_at),
      insert (id, merchant_id, mode, name, hint, scopes, ip_allow_list, version, secret_hash),
      update (name, ip_allow_list, version, revoked_at) on oauth_clients to quittance_api;

-- ---------------------------------------------------------------------------------------------------
-- One key signs the tokens of one week, whichever process gives them out: two that make it at once have
-- the same beginning, and one of them is refused. Deleting a row ends every token that its key signed.
create table oauth_signing_keys (
  id text primary key check (id ~ '^otk_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  signs_from timestamptz not null unique,
  signs_until timestamptz not null check (signs_until > signs_from),
  public_jwk jsonb not null,
  -- The private half, sealed under the key service (platform/sealed-secret.ts).
  sealed_secret jsonb not null,
  created_at timestamptz not null default clock_timestamp()
);
grant select, insert (id, signs_from, signs_until, public_jwk, sealed_secret), delete on oauth_signing_keys to quittance_api;
grant select (id, sealed_secret) on oauth_signing_keys to quittance_worker;
