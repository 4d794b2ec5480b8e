-- What is enabled again, or has another URL, has not failed yet; and what is enabled is not disabled for a reason.
create or replace function webhook_endpoints_guard() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if (new.enabled and not old.enabled) or new.url <> old.url then
    new.failing_since := null;
    new.failing_told_at := null;
  end if;
  if new.enabled then
    new.disabled_reason := null;
  end if;
  return new;
end $$;

create or replace trigger webhook_endpoints_guard before update of enabled, url on webhook_endpoints
  for each row execute function webhook_endpoints_guard();
