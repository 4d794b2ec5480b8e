-- Requests that are signed (RFC 9421), where a merchant wants that none other is taken.

-- The modes in which a merchant's requests must be signed.
alter table merchants add column signed_modes text[] not null default '{}' check (signed_modes <@ '{test,live}'::text[]);
grant update (signed_modes) on merchants to quittance_api;

create table signing_secrets (
  id text primary key check (id ~ '^sgs_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  name text check (length(name) between 1 and 100),
  hint text not null,
  -- Sealed under the key service (platform/sealed-secret.ts): an HMAC is checked with the secret itself.
  sealed_secret jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz
);
create index signing_secrets_listed on signing_secrets (merchant_id, mode, id);
alter table signing_secrets enable row level security;
create policy one_merchant on signing_secrets to quittance_api using (merchant_id = current_setting('quittance.merchant', true));
create policy all_merchants on signing_secrets to quittance_worker using (true);
grant select, insert (id, merchant_id, mode, name, hint, sealed_secret), update (revoked_at) on signing_secrets to quittance_api;
-- For the rotation of master keys.
grant select (merchant_id, id, sealed_secret) on signing_secrets to quittance_worker;

-- What was signed is taken once. A row outlives the time in which its signature is good; see take_nonce.
create table request_nonces (
  merchant_id text not null,
  nonce text not null check (length(nonce) between 16 and 128),
  expires_at timestamptz not null,
  primary key (merchant_id, nonce)
);
create index request_nonces_ended on request_nonces (expires_at);
