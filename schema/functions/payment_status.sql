-- The status the API shows is a function of a payment's parts, never a thing of its own. The same
-- function stands in workflows/domain/status.ts; a test compares them over every combination.
create or replace function payment_status(
  authorization_state text, conclusion text, review text,
  amount_authorized bigint, amount_captured bigint, amount_refunded bigint
) returns text language sql immutable parallel safe as $$
  select case
    when conclusion <> 'open' then conclusion
    when amount_captured > 0 and amount_refunded >= amount_captured then 'refunded'
    when amount_captured > 0 and amount_refunded > 0 then 'partially_refunded'
    when amount_captured > 0 and authorization_state = 'held' and amount_captured < amount_authorized then 'partially_captured'
    when amount_captured > 0 then 'captured'
    when authorization_state = 'held' and review = 'open' then 'in_review'
    when authorization_state = 'held' then 'authorized'
    when authorization_state = 'released' then 'voided'
    when authorization_state = 'expired' then 'expired'
    -- What was captured failed afterwards: nobody wished it away.
    when authorization_state = 'withdrawn' then 'failed'
    else 'processing'
  end
$$;

grant execute on function payment_status to quittance_api, quittance_worker;
