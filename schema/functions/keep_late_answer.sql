-- The truth that came after its attempt was called something else. It changes nothing by itself; an
-- approval that nobody owns (of an attempt we call unsent, declined, or proven not executed) is put
-- before a person. Answers false when it is the answer that is recorded already.
create or replace function keep_late_answer(merchant text, attempt text, answer jsonb, case_id text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  a attempts;
begin
  update attempts set late_answer = answer || jsonb_build_object('at', to_jsonb(clock_timestamp()))
  where merchant_id = merchant and id = attempt
    and (state, outcome, response_code, approval_code)
        is distinct from ('answered', answer ->> 'outcome', answer ->> 'responseCode', answer ->> 'approvalCode')
  returning * into a;
  if not found then
    return false;
  end if;
  if answer ->> 'outcome' = 'approved' and (
    a.state in ('fenced', 'answered')
    or (a.state = 'reversed' and exists (
      select from attempts r where r.merchant_id = merchant and r.original_attempt_id = attempt and r.kind = 'reversal' and r.response_code = '25'))
  ) then
    insert into cases (merchant_id, id, payment_id, operation_id, attempt_id, kind, detail, opened_at)
    values (merchant, case_id, a.payment_id, a.operation_id, attempt, 'late_answer',
            jsonb_build_object('text', format('approved after it was called %s', a.state)), clock_timestamp())
    on conflict on constraint cases_once do nothing;
  end if;
  return true;
end $$;

grant execute on function keep_late_answer to quittance_worker;
