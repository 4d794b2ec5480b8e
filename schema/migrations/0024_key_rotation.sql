-- Rotation of the platform's master key: one at a time. Each step of it may be repeated; killed anywhere,
-- it goes on from here. (The vault's own keys are rotated in the vault's database, in the same shape.)
create table key_rotations (
  id text primary key check (length(id) between 1 and 200),
  started_at timestamptz not null default now(),
  -- The writing master key before and after, as the key service names them.
  from_master_key text,
  to_master_key text,
  -- From then on no data key under another one is taken.
  turned_at timestamptz,
  -- Wrapped keys that were re-wrapped so far.
  rewrapped bigint not null default 0,
  -- Nothing is wrapped by any other master key.
  finished_at timestamptz,
  constraint key_rotations_have_both_keys check ((from_master_key is null) = (to_master_key is null)),
  constraint key_rotations_in_order check (
    (turned_at is null or to_master_key is not null) and (finished_at is null or turned_at is not null)),
  constraint key_rotations_to_another check (from_master_key <> to_master_key)
);
create unique index key_rotations_one_open on key_rotations ((true)) where finished_at is null;

-- Master keys that wrap nothing new any more.
create table retired_master_keys (
  master_key text primary key,
  rotation text not null references key_rotations,
  retired_at timestamptz not null default now()
);

grant select, insert (id), update (from_master_key, to_master_key, rewrapped, finished_at) on key_rotations to quittance_worker;
grant select on retired_master_keys to quittance_worker;
