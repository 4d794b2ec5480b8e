-- The order in which events are told to whoever follows them (GET /v1/events/stream).
--
-- Ids sort by when they were made, and are made before the transaction that writes them: a higher id can
-- be committed before a lower one, and who has read up to it would never come back. The transaction's own
-- number has an end that can be known: below pg_snapshot_xmin() nothing is under way any more. So a
-- reader who takes what lies below it, in the order of (written_in, id), never passes over a row.

-- Of what was written before this: 0, in the order of ids.
alter table events add column written_in bigint not null default 0;
alter table events alter column written_in set default pg_current_xact_id()::text::bigint;
-- Defaults are each partition's own.
do $$
declare
  partition regclass;
begin
  for partition in select inhrelid::regclass from pg_inherits where inhparent = 'events'::regclass loop
    execute format('alter table %s alter column written_in set default pg_current_xact_id()::text::bigint', partition);
  end loop;
end $$;

create index events_streamed on events (merchant_id, mode, written_in, id);
