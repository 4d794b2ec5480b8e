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

-- The root of RFC 6962 (section 2.1) over leaves that are hashed already: pairs are hashed upwards,
-- one without a partner goes up as it is. A node begins with 01, a leaf with 00, so that neither can
-- be shown as the other.
create function merkle_root(leaves bytea[]) returns bytea
language plpgsql immutable parallel safe as $$
declare
  level bytea[] := leaves;
begin
  while cardinality(level) > 1 loop
    select array_agg(case when "right" is null then "left" else sha256('\x01'::bytea || "left" || "right") end order by place) into level
    from (
      select place, hash as "left", lead(hash) over (order by place) as "right"
      from unnest(level) with ordinality as node (hash, place)
    ) as pair
    where place % 2 = 1;
  end loop;
  return level[1];
end $$;

-- Seals the next batch, at most so many transactions; answers its seal, or no row when nothing is to
-- be sealed. What is hashed is the text that PostgreSQL has for a row of the columns, in this order: it
-- quotes, and tells null from empty, so no two different rows have one text. tools/ledger/ says the
-- same again and does not call this: a check that asks the checked code proves nothing.
create function seal_ledger(at_most integer) returns setof ledger_seals
language plpgsql security definer set search_path = public, pg_temp
-- Never the plan that was made while the tables were empty.
set plan_cache_mode = force_custom_plan as $$
declare
  head ledger_seals;
  sealed ledger_seals;
  ended xid8;
  merchants text[];
  ids bigint[];
  leaves bytea[];
begin
  -- One sealer at a time: a second one waits and goes on where this one ended. Readers do not wait.
  lock table ledger_seals in share row exclusive mode;
  select * into head from ledger_seals order by number desc limit 1;
  ended := pg_snapshot_xmin(pg_current_snapshot());
  if ended < head.last_xact then
    raise exception 'seal % is of transaction % of PostgreSQL, and this server is only at %', head.number, head.last_xact, ended
      using errcode = 'object_not_in_prerequisite_state',
        hint = 'The database was moved to a new server. Stop it and advance its numbers: pg_resetwal --epoch.';
  end if;

  with batch as materialized (
    select t.* from ledger_transactions t
    where t.xact < ended
      -- The second says it; the first is what the index knows.
      and t.xact >= coalesce(head.last_xact, '0')
      and (head.number is null or (t.xact, t.merchant_id, t.id) > (head.last_xact, head.last_merchant_id, head.last_transaction_id))
    order by t.xact, t.merchant_id, t.id limit at_most
  ), member as (
    select b.xact, b.merchant_id, b.id, p.postings, sha256('\x00'::bytea || convert_to(row(
        b.merchant_id, b.mode, b.id, b.payment_id, b.operation_id, b.attempt_id, b.event, b.business_key,
        extract(epoch from b.at), b.workflow_id, b.workflow_run_id, b.xact)::text || coalesce(p.lines, ''), 'UTF8')) as leaf
    from batch b cross join lateral (
      select count(*) as postings,
        string_agg(row(p.mode, p.line, p.code, p.currency, p.amount, p.account_sequence)::text, '' order by p.line) as lines
      from ledger_postings p where p.merchant_id = b.merchant_id and p.transaction_id = b.id
    ) as p
  )
  select array_agg(merchant_id order by xact, merchant_id, id), array_agg(id order by xact, merchant_id, id),
         array_agg(leaf order by xact, merchant_id, id), count(*), sum(postings), max(xact)
  into merchants, ids, leaves, sealed.transactions, sealed.postings, sealed.last_xact
  from member;
  if leaves is null then
    return;
  end if;

  sealed.number := coalesce(head.number, 0) + 1;
  sealed.previous := head.seal;
  sealed.last_merchant_id := merchants[sealed.transactions];
  sealed.last_transaction_id := ids[sealed.transactions];
  sealed.root := merkle_root(leaves);
  sealed.sealed_at := clock_timestamp();
  sealed.seal := sha256('\x02'::bytea || coalesce(sealed.previous, decode(repeat('00', 32), 'hex')) || convert_to(row(
    sealed.number, sealed.transactions, sealed.postings, sealed.last_xact, sealed.last_merchant_id, sealed.last_transaction_id,
    encode(sealed.root, 'hex'), extract(epoch from sealed.sealed_at))::text, 'UTF8'));
  insert into ledger_seals select sealed.*;
  insert into ledger_sealed (merchant_id, transaction_id, seal_number, position, leaf)
  select m.merchant_id, m.id, sealed.number, m.place - 1, m.leaf
  from unnest(merchants, ids, leaves) with ordinality as m (merchant_id, id, leaf, place);
  return next sealed;
end $$;

-- The worker seals by this function alone: it can neither choose what is sealed nor write a seal.
revoke all on function seal_ledger, merkle_root from public;
grant execute on function seal_ledger to quittance_worker;
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
