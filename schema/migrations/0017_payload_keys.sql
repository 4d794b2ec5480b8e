-- The data keys under which payloads of Temporal are sealed, each wrapped by the master key. Histories
-- name a key by its id, so key rotation re-wraps these few rows and never touches a history; to destroy
-- a row is to make everything that was sealed under it unreadable.
create table payload_keys (
  id text primary key check (id ~ '^dk_'),
  -- The master key as the key service names it (never an alias, which can move).
  master_key text not null check (master_key <> ''),
  wrapped bytea not null check (octet_length(wrapped) >= 32),
  created_at timestamptz not null default now()
);
grant select, insert on payload_keys to quittance_api, quittance_worker;
