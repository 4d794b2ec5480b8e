-- Who may look at Temporal Web and act in it, and what each of them did there (gateway/).

-- Granted to a role that exists before: one that may enter, and nothing yet.
grant usage on schema public to quittance_gateway;
-- A database that is older than the role does not let it in yet.
do $$
begin
  execute format('grant connect on database %I to quittance_gateway', current_database());
end $$;

-- A person, known by a login. Nobody is ever removed: the audit names them.
create table gateway_operators (
  -- A person has one spelling, or one could be two. (The same form as in adjustments.)
  login text primary key check (login ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
  -- viewer looks; operator also signals, updates and encodes; admin also cancels and terminates.
  role text not null check (role in ('viewer', 'operator', 'admin')),
  -- scrypt with its parameters and salt; never the password, never anything reversible.
  password_hash text not null check (password_hash ~ '^scrypt\$'),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  disabled_at timestamptz
);
create trigger append_only before delete or truncate on gateway_operators for each statement execute function refuse_change();

-- A login that is under way. The cookie holds the secret, the table its hash: a reader of the table
-- cannot step into a session. Ended by logout, by a new password and by being disabled.
create table gateway_sessions (
  id bytea primary key check (octet_length(id) = 32),
  login text not null references gateway_operators,
  address text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  ended_at timestamptz
);
create index gateway_sessions_open on gateway_sessions (login) where ended_at is null;

-- What was done, each line written before it happened; `answered` follows, and names the line it answers.
-- A line without one is a call of which nobody knows whether Temporal got it.
create table gateway_audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind in ('login_tried', 'login', 'logout', 'operator_changed', 'decode', 'encode', 'write', 'write_refused', 'answered')),
  -- As typed in login_tried: nobody has proven yet to be that person.
  login text check (login ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
  role text check (role in ('viewer', 'operator', 'admin')),
  address text not null check (length(address) <= 100),
  -- The action of Temporal's API, or of the command line, with what it was about.
  action text check (length(action) <= 500),
  namespace text check (length(namespace) <= 1000),
  workflow_ids text[] not null default '{}' check (cardinality(workflow_ids) <= 1000),
  payloads integer check (payloads >= 0),
  answers bigint references gateway_audit,
  status integer check (status between 100 and 599),
  check ((kind = 'answered') = (answers is not null) and (kind = 'answered') = (status is not null)),
  check (kind = 'login_tried' or login is not null)
);
-- How often somebody tried lately, by who they say they are and by where they come from.
create index gateway_audit_logins on gateway_audit (address, at) where kind in ('login_tried', 'login');
create index gateway_audit_persons on gateway_audit (login, at);
create index gateway_audit_workflows on gateway_audit using gin (workflow_ids);
create unique index gateway_audit_answers on gateway_audit (answers) where answers is not null;
create trigger append_only before update or delete or truncate on gateway_audit for each statement execute function refuse_change();

grant select on gateway_operators to quittance_gateway;
grant select, insert (id, login, address, created_at, expires_at), update (ended_at) on gateway_sessions to quittance_gateway;
grant select, insert (kind, login, role, address, action, namespace, workflow_ids, payloads, answers, status) on gateway_audit to quittance_gateway;
-- It opens payloads, and seals what an operator sends.
grant select, insert on payload_keys to quittance_gateway;
