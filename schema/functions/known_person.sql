-- A person has one spelling, or one could be two. (The table checks it as well; here the refusal names what it is about.)
create or replace function known_person(about text, person text) returns void
language plpgsql immutable as $$
begin
  if person is null or person !~ '^[a-z0-9][a-z0-9._@+-]{1,99}$' then
    raise exception 'adjustment %: % is not how a person is written: a login in lower case, such as anna or anna@example.com', about, person
      using errcode = 'check_violation';
  end if;
end $$;
