-- Who may ask for payments, and who can make them.
--
-- Conventions of every migration: ids are text with a type prefix; money is bigint minor units beside
-- an ISO 4217 code; times are timestamptz; each invariant is a constraint, trigger or grant with one
-- line of why. Lock order of every transaction that takes more than one: payment row, then operations,
-- attempts, commands, then balances in account order.

-- Hot tables are hash-partitioned by merchant: everything of one merchant lies in one partition, so a
-- partition can move to a server of its own without a transaction ever crossing servers.
create function partition_by_merchant(parent text, partitions integer) returns void
language plpgsql as $$
begin
  for remainder in 0 .. partitions - 1 loop
    execute format('create table %I partition of %I for values with (modulus %s, remainder %s)',
                   parent || '_p' || remainder, parent, partitions, remainder);
  end loop;
end $$;

create table merchants (
  id text primary key check (id ~ '^mer_'),
  name text not null check (length(name) between 1 and 200),
  -- The country and category decide how long an authorization is valid and what a card scheme allows.
  country char(2) not null,
  mcc char(4) not null check (mcc ~ '^[0-9]{4}$'),
  created_at timestamptz not null default now()
);

create table api_keys (
  -- Only the SHA-256 of a key is kept: a key is 256 random bits, so the hash cannot be searched back.
  key_hash bytea primary key check (octet_length(key_hash) = 32),
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  -- What a person may see to tell keys apart.
  hint text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table webhook_endpoints (
  merchant_id text not null references merchants,
  id text not null check (id ~ '^whe_'),
  mode text not null check (mode in ('test', 'live')),
  url text not null check (url ~ '^https?://'),
  -- The signing secret, sealed by the platform's envelope; the plain text is never stored.
  sealed_secret jsonb not null,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (merchant_id, id)
);

create table acquirers (
  id text primary key,
  wire text not null check (wire in ('iso8583')),
  -- Where its worker listens: one queue an acquirer keeps a slow one from taking the others' slots.
  task_queue text not null,
  -- A host that is documented to refuse an original which arrives after its reversal: then "not
  -- found" (25) proves that nothing was executed. Otherwise it is proof only after in_flight_age.
  fences_by_reversal boolean not null,
  in_flight_age interval not null default interval '10 minutes'
);

create table merchant_acquirer_accounts (
  merchant_id text not null references merchants,
  id text not null check (id ~ '^aca_'),
  acquirer_id text not null references acquirers,
  mode text not null check (mode in ('test', 'live')),
  -- ISO 8583 fields 32, 42, 41, 18 and 43. Capacity is terminals x 10^6 messages a day.
  institution text not null check (institution ~ '^[0-9]{1,11}$'),
  merchant_account text not null check (length(merchant_account) between 1 and 15),
  terminals text[] not null check (cardinality(terminals) > 0),
  mcc char(4) not null check (mcc ~ '^[0-9]{4}$'),
  acceptor_name text not null check (length(acceptor_name) between 1 and 40),
  -- Sale in one message (0200), or authorization and capture apart: the contract says.
  single_message boolean not null,
  currencies text[] not null check (cardinality(currencies) > 0),
  brands text[] not null check (cardinality(brands) > 0),
  valid_from timestamptz not null default now(),
  -- A disabled account takes no new payments; what was begun on it is finished on it.
  valid_to timestamptz,
  primary key (merchant_id, id)
);

-- STANs are handed out in blocks: a process leases a block with one UPDATE and counts in memory. A
-- crash wastes what is left of its block and can never use a number twice.
create table number_blocks (
  acquirer_id text not null references acquirers,
  institution_id text not null,
  terminal_id text not null,
  next_number bigint not null default 1 check (next_number > 0),
  primary key (acquirer_id, institution_id, terminal_id)
);
