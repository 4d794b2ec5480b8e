-- One value as it is hashed: its length in four bytes and itself; null is the length -1.
create or replace function sealed_value(value bytea) returns bytea
language sql immutable parallel safe as $$
  select coalesce(int4send(octet_length(value)) || value, '\xffffffff')
$$;
