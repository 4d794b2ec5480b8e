-- Keeps the tables that are cut by time (0014_time_partitions.sql) supplied: makes the partitions of
-- this month and of so many ahead, and closes the gap that an archived month has left, so that a late
-- line of an old payment has a place. Safe to run at any time and by several at once; nobody who reads
-- or writes these tables waits for it. Answers for each table what was made, and whether it has ids that
-- are no times.
create or replace function keep_partitions(ahead integer)
returns table (of_parent text, made text[], unordered boolean)
language plpgsql security definer set search_path = public, pg_temp
-- It waits only for an archiver that detaches, or another one like it: the next turn comes.
set lock_timeout = '2s' as $$
declare
  t time_partitioned;
  gap record;
  name text;
  month timestamp;
  -- All arithmetic with months is done without a time zone, and means UTC.
  utc constant text := 'UTC';
  this_month constant timestamp := date_trunc('month', now() at time zone utc);
begin
  if ahead not between 1 and 24 then
    raise exception 'keep_partitions: % months ahead; 1 to 24 can be made', ahead using errcode = 'invalid_parameter_value';
  end if;
  for t in select * from time_partitioned order by parent loop
    execute format('lock table only %I in share update exclusive mode', t.parent);
    of_parent := t.parent;
    made := '{}';

    -- Between two partitions, below the lowest, and from the newest month to those that are wanted.
    for gap in
      select g.low, g.high from (
        select p.high as low, lead(p.low) over (order by p.low nulls first) as high
        from time_partitions p where p.parent = t.parent
        union all
        select null, min(p.low) from time_partitions p where p.parent = t.parent having count(*) = count(p.low)
      ) g
      where coalesce(g.low, '') < g.high
    loop
      if gap.low is null or exists (select from archives a where a.parent = t.parent and a.low >= gap.low and a.high <= gap.high) then
        name := t.parent || '_before_' || to_char(id_time(gap.high) at time zone utc, 'YYYY_MM');
        perform attach_partition(t.parent, name, gap.low, gap.high);
        made := made || name;
        continue;
      end if;
      month := id_time(gap.low) at time zone utc;
      while month <= this_month + ahead * interval '1 month' and month < id_time(gap.high) at time zone utc loop
        name := t.parent || '_' || to_char(month, 'YYYY_MM');
        perform attach_partition(t.parent, name, id_floor(t.id_prefix, month at time zone utc),
                                 id_floor(t.id_prefix, (month + interval '1 month') at time zone utc));
        made := made || name;
        month := month + interval '1 month';
      end loop;
    end loop;

    execute format('select exists (select from %1$I where %2$I < $1) or exists (select from %1$I where %2$I >= $2)', t.parent, t.id_column)
      into unordered using id_floor(t.id_prefix, timestamptz '2020-01-01 00:00Z'), id_floor(t.id_prefix, timestamptz '2100-01-01 00:00Z');
    return next;
  end loop;
end $$;

-- The worker can have partitions made by this function alone: neither which, nor taken off.
grant execute on function keep_partitions to quittance_worker;
