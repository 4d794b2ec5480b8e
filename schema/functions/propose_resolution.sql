-- A person says what became of an operation that is unknown: `asked` has id, merchant_id, payment_id,
-- operation_id, outcome, evidence and reason. What was executed takes effect at once; what was not waits
-- for a second person. Said again with the same id it is the same proposal.
create or replace function propose_resolution(asked jsonb, person text) returns resolutions
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  wanted resolutions := jsonb_populate_record(null::resolutions, asked);
  found_one resolutions;
  o operations;
begin
  perform known_person(wanted.id, person);
  select * into found_one from resolutions where id = wanted.id;
  if found then
    if (wanted.merchant_id, wanted.payment_id, wanted.operation_id, wanted.outcome, wanted.evidence, wanted.reason, person)
       is distinct from (found_one.merchant_id, found_one.payment_id, found_one.operation_id, found_one.outcome, found_one.evidence,
        found_one.reason, found_one.proposed_by) then
      raise exception 'resolution % was proposed before, and otherwise: take a new id', wanted.id
        using errcode = 'unique_violation', constraint = 'resolutions_pkey';
    end if;
    return found_one;
  end if;
  select * into o from operations where merchant_id = wanted.merchant_id and id = wanted.operation_id and payment_id = wanted.payment_id;
  if not found then
    raise exception 'resolution %: % is no operation of % of %', wanted.id, wanted.operation_id, wanted.payment_id, wanted.merchant_id
      using errcode = 'no_data_found';
  end if;
  if not can_be_called(o) then
    raise exception 'resolution %: % is %, %: there is nothing to find out about it', wanted.id, o.id, o.state, o.phase
      using errcode = 'check_violation', constraint = 'resolutions_of_unknowns';
  end if;
  -- An authorization is asked about, or reversed again and again, until the acquirer knows of it: a word that
  -- ended it would end that too.
  if wanted.outcome = 'not_executed' and o.kind not in ('capture', 'void', 'refund') then
    raise exception 'resolution %: % is a %, which is asked about or undone until the acquirer knows of it: nobody can call it not executed; void the payment to undo it now',
      wanted.id, o.id, o.kind using errcode = 'check_violation', constraint = 'resolutions_of_unknowns';
  end if;
  insert into resolutions (id, merchant_id, payment_id, operation_id, attempt_id, outcome, evidence, reason, proposed_by, proposed_at)
  values (wanted.id, wanted.merchant_id, wanted.payment_id, wanted.operation_id, o.current_attempt_id, wanted.outcome, wanted.evidence,
          wanted.reason, person, clock_timestamp())
  returning * into found_one;
  if found_one.outcome = 'executed' then
    return deliver_resolution(found_one.id, person, null);
  end if;
  return found_one;
end $$;

grant execute on function propose_resolution to quittance_operator;
