-- Since when an endpoint has been told of what it is told of now: of what happened before, or while it was
-- disabled or wanted other types, nobody can say any more whether it should have heard (proof:check, 10).
alter table webhook_endpoints add column listens_since timestamptz not null default clock_timestamp();
