-- Functions are not part of this history: each stands in schema/functions as it is now, and is put in
-- place anew when its text changes. Nobody may call one without being named there.
alter default privileges revoke execute on functions from public;

-- The text that is in place.
create table schema_functions (
  checksum text not null
);
grant select on schema_functions to quittance_api, quittance_worker;
