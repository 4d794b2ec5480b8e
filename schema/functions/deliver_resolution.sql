-- A resolution becomes a command of its payment; the relay rings for it. Nobody calls this but the two
-- functions that know who said so.
create or replace function deliver_resolution(resolution text, person text, why text) returns resolutions
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  r resolutions;
begin
  update resolutions set state = 'approved', decided_by = person, decided_at = clock_timestamp(), decision_reason = why,
    command_id = 'cmd_' || substr(resolution, 5)
  where id = resolution returning * into r;
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
  values (r.merchant_id, r.command_id, r.payment_id, 'resolution', 'operator', r.id,
          jsonb_build_object('resolves', r.operation_id, 'attempt', r.attempt_id, 'outcome', r.outcome, 'evidence', r.evidence));
  return r;
end $$;

revoke execute on function deliver_resolution from public;
