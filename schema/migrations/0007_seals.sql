-- Seals: proof that what was posted is still what was posted. Committed ledger transactions are put
-- into batches; a batch has one Merkle root over its transactions, and its seal is a hash over that
-- root and the seal before it. So the newest seal stands for the whole ledger, and whoever has kept a
-- copy of it outside of this database can show that something was changed, taken out or put in behind.
-- Writers know nothing of it: a background sealer follows them.

-- Which transaction of PostgreSQL wrote the row. The ledger is sealed in the order of (xact, merchant,
-- id), and a seal remembers how far it came. Ids alone cannot be that order: they are handed out before
-- the commit, so a lower one can become visible after a higher one was sealed, and a sealer that
-- remembers "up to id n" would never see it. Below pg_snapshot_xmin every transaction of PostgreSQL has
-- ended: what such a number has written is all there, and no more of it can come. What is still under
-- way, and what began after it, waits for a later batch (also for a transaction of another database of
-- this server); nobody waits for the sealer.
alter table ledger_transactions add column xact xid8 not null default pg_current_xact_id();
create index ledger_transactions_by_xact on ledger_transactions (xact);

create table ledger_seals (
  number bigint primary key check (number > 0),
  -- The seal before: each has one successor at most, and only one begins the chain.
  previous bytea references ledger_seals (seal),
  constraint ledger_seals_do_not_fork unique nulls not distinct (previous),
  check ((number = 1) = (previous is null)),
  transactions integer not null check (transactions > 0),
  postings bigint not null,
  -- The bound of the batch, within it: it goes on where the one before ended. A transaction up to here
  -- that is in no seal was put in later, by a hand that is not ours.
  last_xact xid8 not null,
  last_merchant_id text not null,
  last_transaction_id bigint not null,
  root bytea not null check (octet_length(root) = 32),
  seal bytea not null unique check (octet_length(seal) = 32),
  sealed_at timestamptz not null
);
create trigger append_only before update or delete or truncate on ledger_seals
  for each statement execute function refuse_change();

-- Which transaction is in which batch, with its own hash, so that a broken one can be named. Nothing
-- is sealed twice: by key.
create table ledger_sealed (
  merchant_id text not null,
  transaction_id bigint not null,
  seal_number bigint not null references ledger_seals (number),
  -- From 0, in the order of the Merkle tree's leaves.
  position integer not null check (position >= 0),
  leaf bytea not null check (octet_length(leaf) = 32),
  primary key (merchant_id, transaction_id)
) partition by hash (merchant_id);
select partition_by_merchant('ledger_sealed', 8);
create index ledger_sealed_by_seal on ledger_sealed (seal_number);
select append_only('ledger_sealed');

grant select on ledger_seals to quittance_api, quittance_worker;
-- Partition by partition as well: that is how verification reads.
do $$
declare
  relation regclass;
begin
  for relation in select relid from pg_partition_tree('ledger_sealed') loop
    execute format('grant select on %s to quittance_api, quittance_worker', relation);
  end loop;
end $$;
