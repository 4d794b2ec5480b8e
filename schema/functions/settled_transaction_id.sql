-- Up to which transaction id the ledger is settled: none can come any more that has this id or a lower
-- one. Ids are handed out before the commit, so transaction 8 may show while 7 is still being written;
-- who has read up to 8 would never come back for 7. Whoever may have taken an id holds its lock on the
-- table until it ends, so we wait for exactly those. To be asked in a statement of its own, before the
-- one that reads: only then does the reader see what was waited for.
create or replace function settled_transaction_id(patience interval) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  settled bigint;
  writers text[];
  deadline constant timestamptz := clock_timestamp() + patience;
begin
  select last_value into settled from ledger_transactions_id_seq;
  select array_agg(l.virtualtransaction) into writers from pg_locks l
  where l.locktype = 'relation' and l.relation = 'ledger_transactions'::regclass and l.mode = 'RowExclusiveLock'
    and l.database = (select d.oid from pg_database d where d.datname = current_database());
  while writers is not null loop
    if clock_timestamp() > deadline then
      raise exception 'ledger: % writers begun before transaction % have not ended within %', cardinality(writers), settled, patience
        using errcode = 'serialization_failure', hint = 'read again later; look for long transactions in pg_stat_activity';
    end if;
    perform pg_sleep(0.001);
    select array_agg(l.virtualtransaction) into writers from pg_locks l
    where l.locktype = 'relation' and l.relation = 'ledger_transactions'::regclass and l.mode = 'RowExclusiveLock'
      and l.virtualtransaction = any (writers);
  end loop;
  return settled;
end $$;

grant execute on function settled_transaction_id to quittance_api;
