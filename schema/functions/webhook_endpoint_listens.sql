-- What an endpoint is told of has changed: it counts from now (webhook_endpoints.listens_since).
create or replace function webhook_endpoint_listens() returns trigger language plpgsql as $$
begin
  if (new.enabled, new.event_types) is distinct from (old.enabled, old.event_types) then
    new.listens_since := clock_timestamp();
  end if;
  return new;
end $$;

create or replace trigger listens before update on webhook_endpoints for each row execute function webhook_endpoint_listens();
