-- Histories that outlive Temporal's retention: each finished run is written once to a store outside (the back
-- office's job, by a schedule), sealed as it is; here stands which, and what was written.

create table history_exports (
  run_id text primary key check (length(run_id) between 1 and 100),
  workflow_id text not null check (length(workflow_id) between 1 and 255),
  closed_at timestamptz not null,
  -- Its name in the store.
  object text not null unique check (length(object) between 1 and 1000),
  -- Of the bytes in the store: what is read back is held against them.
  sha256 bytea not null check (octet_length(sha256) = 32),
  bytes integer not null check (bytes > 0),
  events integer not null check (events > 0),
  exported_at timestamptz not null default clock_timestamp()
);
create index history_exports_workflow on history_exports (workflow_id);
-- The row is written after the object: a row without one would be a history that is lost.
create trigger append_only before update or delete or truncate on history_exports for each statement execute function refuse_change();

-- Every run that closed before `through` is exported (or was gone when its turn came). One row.
create table history_export_progress (
  one boolean primary key default true check (one),
  since timestamptz not null default clock_timestamp(),
  through timestamptz
);
insert into history_export_progress default values;

grant select, insert (run_id, workflow_id, closed_at, object, sha256, bytes, events) on history_exports to quittance_worker;
grant select, update (through) on history_export_progress to quittance_worker;
