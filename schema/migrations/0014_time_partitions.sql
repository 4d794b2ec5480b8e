-- History and outbox are cut by time, so that what is old can be written to a file and taken off whole
-- (npm run archive), instead of being deleted row by row. What is hot stays cut by merchant.
--
-- Ids are TypeIDs of UUIDv7: an id sorts by the millisecond in which it was made, so a range of ids is
-- a range of time. A payment's history is cut by the id of the payment: all its lines lie in the month
-- in which it was born, and what is unique per payment stays a unique key. Events are cut by their own
-- id, deliveries and their attempts by the delivery's, which begins with the event's. docs/decisions/007.

-- The smallest id of that prefix that can be made at that moment or later. The first ten characters of
-- a TypeID are its 48 bits of milliseconds since 1970 behind two zero bits, in Crockford's base 32.
create function id_floor(prefix text, at timestamptz) returns text
language sql immutable strict parallel safe as $$
  select prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', ((ms >> (45 - 5 * place)) & 31)::integer + 1, 1), '' order by place)
  from (select floor(extract(epoch from at) * 1000)::bigint as ms) as of, generate_series(0, 9) as place
$$;

-- When an id was made; of an id that is no TypeID of a UUIDv7, any time.
create function id_time(id text) returns timestamptz
language sql immutable strict parallel safe as $$
  select to_timestamp(sum((strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(suffix, place + 1, 1)) - 1)::bigint << (45 - 5 * place)) / 1000.0)
  from (select substr(id, strpos(id, '_') + 1, 10) as suffix) as of, generate_series(0, 9) as place
$$;

-- The tables that are cut by time.
create table time_partitioned (
  parent text primary key,
  -- The column by which it is cut, and the prefix of the ids in it.
  id_column text not null,
  id_prefix text not null,
  append_only boolean not null
);
insert into time_partitioned values
  ('payment_history', 'payment_id', 'pay', true),
  ('events', 'id', 'evt', true),
  ('deliveries', 'id', 'dlv', false),
  ('delivery_attempts', 'delivery_id', 'dlv', false);

-- Their partitions as they are attached now. low is in it, high is not; null = no bound.
create view time_partitions as
  select t.parent, c.relname::text as partition,
         substring(bound.text from $$^FOR VALUES FROM \('([^']+)'\)$$) collate "C" as low,
         substring(bound.text from $$ TO \('([^']+)'\)$$) collate "C" as high,
         -- The month it stands for; null = what lies outside of all months.
         case when c.relname ~ ('^' || t.parent || '_\d{4}_\d\d$') then to_date(right(c.relname, 7), 'YYYY_MM') end as month,
         i.inhdetachpending as detaching
  from time_partitioned t
  join pg_inherits i on i.inhparent = ('public.' || t.parent)::regclass
  join pg_class c on c.oid = i.inhrelid
  cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as text) as bound;

-- Makes one partition and attaches it: with the rights, guards and keys of the others. Attaching an
-- empty table takes no lock that a reader or writer of the parent waits for. There is no default
-- partition on purpose: with one, neither attaching nor detaching could go on beside the work.
create function attach_partition(of_parent text, partition text, low text, high text) returns void
language plpgsql as $$
declare
  t time_partitioned;
begin
  select * into strict t from time_partitioned where parent = of_parent;
  execute format('create table %I (like %I including all)', partition, t.parent);
  execute format('grant select on %I to quittance_api, quittance_worker', partition);
  if t.append_only then
    execute format('create trigger append_only before update or delete or truncate on %I for each statement execute function refuse_change()', partition);
  end if;
  if t.parent = 'events' then
    -- One event of a type per change: see events, below.
    execute format('create unique index on %I (merchant_id, payment_id, version, type)', partition);
  end if;
  execute format('alter table %I attach partition %I for values from (%s) to (%s)', t.parent, partition,
                 coalesce(quote_literal(low), 'minvalue'), coalesce(quote_literal(high), 'maxvalue'));
end $$;

-- The tables as they were, out of the way of their names.
create schema by_merchant;
alter table payment_history set schema by_merchant;
alter table events set schema by_merchant;
alter table deliveries set schema by_merchant;
alter table delivery_attempts set schema by_merchant;

create table payment_history (
  merchant_id text not null,
  -- Bytewise, whatever the database's collation: the order of ids is the order of time.
  payment_id text collate "C" not null,
  version integer not null,
  at timestamptz not null,
  -- Names the step, once per payment: a step that runs again finds its own row and changes nothing.
  cause text not null,
  event text not null,
  status text not null,
  detail jsonb not null,
  workflow_run_id text not null,
  primary key (merchant_id, payment_id, version),
  constraint payment_history_once unique (merchant_id, payment_id, cause)
) partition by range (payment_id);

create table events (
  merchant_id text not null,
  id text collate "C" not null constraint events_id_check check (id ~ '^evt_'),
  mode text not null,
  payment_id text not null,
  -- The change it tells of: one event of a type per change. Within a month a unique index of each
  -- partition says so. Across months it follows: events are written by record_change alone, with the
  -- line of history of the same version, and that line is unique per payment.
  version integer not null,
  type text not null,
  -- The exact bytes that are signed and sent.
  body text not null,
  created_at timestamptz not null,
  primary key (merchant_id, id)
) partition by range (id);

create table deliveries (
  merchant_id text not null,
  id text collate "C" not null constraint deliveries_id_check check (id ~ '^dlv_'),
  event_id text collate "C" not null,
  endpoint_id text not null,
  -- pending: the dispatcher's; retrying: a delivery workflow's; then delivered or failed for good.
  state text not null default 'pending' constraint deliveries_state_check check (state in ('pending', 'retrying', 'delivered', 'failed')),
  attempts integer not null default 0,
  -- While leased nobody else takes it; when the lease runs out, anybody may.
  leased_until timestamptz,
  created_at timestamptz not null,
  concluded_at timestamptz,
  constraint deliveries_check check ((state in ('delivered', 'failed')) = (concluded_at is not null)),
  primary key (merchant_id, id),
  -- One webhook id per event and endpoint, however often it is sent: it is made of both, so the primary
  -- key knows no second one. And it lies in the month of its event.
  constraint deliveries_once check (id = 'dlv_' || substr(event_id, 5) || '_' || substr(endpoint_id, 5))
) partition by range (id);
create index deliveries_pending on deliveries (created_at) where state = 'pending';
create index deliveries_retrying on deliveries (created_at) where state = 'retrying';

create table delivery_attempts (
  merchant_id text not null,
  delivery_id text collate "C" not null,
  number integer not null constraint delivery_attempts_number_check check (number > 0),
  at timestamptz not null,
  -- HTTP status, or null when there was no answer.
  response_status integer,
  error text,
  latency_ms integer not null constraint delivery_attempts_latency_ms_check check (latency_ms >= 0),
  primary key (merchant_id, delivery_id, number)
) partition by range (delivery_id);

-- On the tables themselves; attach_partition puts it on each partition.
create trigger append_only before update or delete or truncate on payment_history for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on events for each statement execute function refuse_change();

grant select on payment_history, events, deliveries, delivery_attempts, time_partitioned to quittance_api, quittance_worker;
grant update (state, attempts, leased_until, concluded_at) on deliveries to quittance_worker;
grant insert on delivery_attempts to quittance_worker;

-- The months there are rows of, this one, and the next six (keep_partitions goes on from there); one
-- partition for what is before them, and one for ids that are no times (2100 and beyond): in
-- production both stay empty.
do $$
declare
  t time_partitioned;
  oldest text;
  month timestamp;
  now_utc constant timestamp := now() at time zone 'UTC';
  utc constant text := 'UTC';
begin
  for t in select * from time_partitioned loop
    execute format('select min(%1$I collate "C") from by_merchant.%2$I where %1$I collate "C" between $1 and $2', t.id_column, t.parent)
      into oldest using id_floor(t.id_prefix, timestamptz '2020-01-01 00:00Z'), id_floor(t.id_prefix, now());
    month := date_trunc('month', least(coalesce(id_time(oldest) at time zone utc, now_utc), now_utc));
    perform attach_partition(t.parent, t.parent || '_before_' || to_char(month, 'YYYY_MM'), null, id_floor(t.id_prefix, month at time zone utc));
    while month <= date_trunc('month', now_utc) + interval '6 months' loop
      perform attach_partition(t.parent, t.parent || '_' || to_char(month, 'YYYY_MM'),
        id_floor(t.id_prefix, month at time zone utc), id_floor(t.id_prefix, (month + interval '1 month') at time zone utc));
      month := month + interval '1 month';
    end loop;
    perform attach_partition(t.parent, t.parent || '_unordered', id_floor(t.id_prefix, timestamptz '2100-01-01 00:00Z'), null);
  end loop;
end $$;

insert into payment_history (merchant_id, payment_id, version, at, cause, event, status, detail, workflow_run_id)
select merchant_id, payment_id, version, at, cause, event, status, detail, workflow_run_id from by_merchant.payment_history;
insert into events (merchant_id, id, mode, payment_id, version, type, body, created_at)
select merchant_id, id, mode, payment_id, version, type, body, created_at from by_merchant.events;
insert into deliveries (merchant_id, id, event_id, endpoint_id, state, attempts, leased_until, created_at, concluded_at)
select merchant_id, id, event_id, endpoint_id, state, attempts, leased_until, created_at, concluded_at from by_merchant.deliveries;
insert into delivery_attempts (merchant_id, delivery_id, number, at, response_status, error, latency_ms)
select merchant_id, delivery_id, number, at, response_status, error, latency_ms from by_merchant.delivery_attempts;
drop table by_merchant.payment_history, by_merchant.events, by_merchant.deliveries, by_merchant.delivery_attempts;
drop schema by_merchant;
-- deliveries_guard went with its table: functions and their triggers are put in place anew.
delete from schema_functions;

-- What was taken off: a month of a table, in a file outside of this database.
create table archives (
  parent text not null,
  partition text not null,
  -- The ids in it: low is in it, high is not.
  low text collate "C" not null,
  high text collate "C" not null,
  rows bigint not null check (rows >= 0),
  -- Over the lines of the file before they are compressed.
  sha256 bytea not null check (octet_length(sha256) = 32),
  file text not null,
  written_at timestamptz not null,
  -- Null while the partition is still there: attached, or on its way out.
  dropped_at timestamptz,
  primary key (parent, low)
);
grant select on archives to quittance_api, quittance_worker;
