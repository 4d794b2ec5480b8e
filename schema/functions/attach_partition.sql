-- A partition of one of the tables that are cut by time (0014_time_partitions.sql), from `low` up to `high`.
create or replace function attach_partition(of_parent text, partition text, low text, high text) returns void
language plpgsql as $$
declare
  t time_partitioned;
begin
  select * into strict t from time_partitioned where parent = of_parent;
  execute format('create table %I (like %I including all)', partition, t.parent);
  -- Not to the api: asked by its own name a partition would go around its table's policy (row level security).
  execute format('grant select on %I to quittance_worker', partition);
  if t.append_only then
    execute format('create trigger append_only before update or delete or truncate on %I for each statement execute function refuse_change()', partition);
  end if;
  if t.parent = 'events' then
    -- One event of a type per change: see events, in 0014_time_partitions.sql.
    execute format('create unique index on %I (merchant_id, payment_id, version, type)', partition);
  end if;
  execute format('alter table %I attach partition %I for values from (%s) to (%s)', t.parent, partition,
                 coalesce(quote_literal(low), 'minvalue'), coalesce(quote_literal(high), 'maxvalue'));
end $$;
