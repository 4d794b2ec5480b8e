-- A person asks for a correction: `asked` has the columns of adjustments that a request has (payment_id
-- may be left out). Asked again with the same id it is the same request. Who the person is comes as a
-- text until there is a login that says it.
create or replace function request_adjustment(asked jsonb, person text) returns adjustments
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  wanted adjustments := jsonb_populate_record(null::adjustments, asked);
  found_one adjustments;
  account text;
  refused text;
begin
  perform known_person(wanted.id, person);
  wanted.requested_by := person;
  select * into found_one from adjustments where id = wanted.id;
  if found then
    if (wanted.merchant_id, wanted.mode, wanted.debit_code, wanted.credit_code, wanted.amount, wanted.currency, wanted.reason,
        wanted.evidence, wanted.payment_id, wanted.requested_by)
       is distinct from (found_one.merchant_id, found_one.mode, found_one.debit_code, found_one.credit_code, found_one.amount, found_one.currency,
        found_one.reason, found_one.evidence, found_one.payment_id, found_one.requested_by) then
      raise exception 'adjustment % was requested before, and otherwise: take a new id', wanted.id
        using errcode = 'unique_violation', constraint = 'adjustments_pkey';
    end if;
    return found_one;
  end if;

  if not exists (select from merchants where id = wanted.merchant_id) then
    refused := format('merchant %s does not exist', wanted.merchant_id);
  elsif wanted.payment_id is not null
    and not exists (select from payments where merchant_id = wanted.merchant_id and id = wanted.payment_id and mode = wanted.mode) then
    refused := format('payment %s is none of %s (%s)', wanted.payment_id, wanted.merchant_id, wanted.mode);
  elsif not exists (select from ledger_accounts where merchant_id = wanted.merchant_id and mode = wanted.mode and currency = wanted.currency) then
    refused := format('%s (%s) has no books in %s', wanted.merchant_id, wanted.mode, wanted.currency);
  else
    foreach account in array array[wanted.debit_code, wanted.credit_code] loop
      refused := coalesce(refused, adjustable(wanted.merchant_id, wanted.mode, account, wanted.currency));
    end loop;
  end if;
  if refused is not null then
    raise exception 'adjustment %: %', wanted.id, refused using errcode = 'check_violation', constraint = 'adjustments_accounts';
  end if;

  wanted.state := 'requested';
  wanted.requested_at := clock_timestamp();
  wanted.decided_by := null;
  wanted.decided_at := null;
  wanted.decision_reason := null;
  insert into adjustments select wanted.*;
  return wanted;
end $$;

grant execute on function request_adjustment to quittance_operator;
