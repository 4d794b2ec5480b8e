-- What an acquirer said of a message after its call was over (late on the wire, or by an event), written
-- where it belongs: in the attempt's row if nothing was known of it ('recorded'), beside it if it was
-- called something else before ('late'). Either way a command tells the payment, which decides what
-- follows. What is known already changes nothing ('known').
-- `reference` is the answer's own name: the same answer twice is one command.
create or replace function take_late_answer(merchant text, attempt text, answer jsonb, reference text, command_id text, operation_id text) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  a attempts;
  taken text;
begin
  select * into a from attempts where merchant_id = merchant and id = attempt for update;
  if not found then
    raise exception 'attempt % of % does not exist', attempt, merchant using errcode = 'no_data_found';
  end if;
  if a.state = 'sending' then
    update attempts t set state = 'answered', answered_at = clock_timestamp(), outcome = answer ->> 'outcome',
      response_code = answer ->> 'responseCode', approval_code = answer ->> 'approvalCode', network_reference = answer ->> 'networkReference',
      approved_amount = (answer ->> 'approvedAmount')::bigint, settlement_date = answer ->> 'settlementDate', remedy = answer ->> 'remedy',
      avs_result = answer ->> 'avsResult', cvv_result = answer ->> 'cvvResult', reason = answer ->> 'reason',
      valid_until = (answer ->> 'validUntil')::timestamptz,
      acquirer_reference = coalesce(t.acquirer_reference, answer ->> 'acquirerReference')
    where t.merchant_id = merchant and t.id = attempt;
    taken := 'recorded';
  elsif a.state = 'answered' and a.outcome = answer ->> 'outcome' then
    return 'known';
  else
    -- Its name is a fact about it, whatever it was called: with it it can be undone, and what is told of it found.
    update attempts t set late_answer = answer || jsonb_build_object('at', to_jsonb(clock_timestamp())),
      acquirer_reference = coalesce(t.acquirer_reference, answer ->> 'acquirerReference')
    where t.merchant_id = merchant and t.id = attempt;
    taken := 'late';
  end if;
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, acquirer_reference, body)
  values (merchant, command_id, a.payment_id, 'late_answer', 'acquirer', operation_id, reference,
          jsonb_build_object('attempt', attempt, 'outcome', answer ->> 'outcome', 'approved_amount', answer ->> 'approvedAmount',
                             'reason', coalesce(answer ->> 'reason', answer ->> 'responseCode')))
  on conflict do nothing;
  return taken;
end $$;

grant execute on function take_late_answer to quittance_worker;
