-- A worker that was lost: if its attempt was never begun, it never will be. Answers the state after.
-- A reversal is never fenced: it is the one message that must go out in the end, however late.
create or replace function fence_attempt(merchant text, attempt text) returns text
language sql security definer set search_path = public, pg_temp as $$
  with fenced as (
    update attempts set state = 'fenced' where merchant_id = merchant and id = attempt and state = 'planned' and kind <> 'reversal' returning state
  )
  select coalesce((select state from fenced), (select state from attempts where merchant_id = merchant and id = attempt))
$$;

grant execute on function fence_attempt to quittance_worker;
