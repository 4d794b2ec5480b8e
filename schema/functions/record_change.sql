-- One change alone, as record_changes says: for a hand, a story, a test. (PL/pgSQL, because it may be
-- put in place before the function that it calls.)
create or replace function record_change(c jsonb) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  return (record_changes(jsonb_build_array(c)))[1];
end $$;

grant execute on function record_change to quittance_worker;
