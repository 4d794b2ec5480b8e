-- Everything that choosing an account for a payment rests on, but for what Redis knows, as one JSON
-- document; null when there is no such payment. The card is given: at the first attempt it is not
-- written in the payment yet. (Its settings: one plan per connection; see record_changes.)
create or replace function load_routing(merchant text, payment text, bin text, brand text) returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan set jit = off set enable_seqscan = off as $$
begin
  return (select jsonb_build_object(
    'amount', p.amount::text, 'currency', p.currency, 'mode', p.mode, 'capture_method', p.capture_method,
    'partial_approval', p.partial_approval, 'authorize_by', p.authorize_by,
    'in_review', coalesce((select r.decision = 'review' from risk_assessments r where r.merchant_id = merchant and r.payment_id = payment), false),
    'country', m.country,
    'issuer_country', (select b.country from routing_issuer_bins b
      where b.prefix in (left(load_routing.bin, 4), left(load_routing.bin, 5), left(load_routing.bin, 6), left(load_routing.bin, 7), left(load_routing.bin, 8)) and b.valid_from <= current_date
      order by length(b.prefix) desc limit 1),
    'tried', coalesce((select jsonb_agg(jsonb_build_object('account', t.account_id, 'answered', coalesce(t.outcome = 'declined' or t.state = 'answered', false)) order by t.number)
      from attempts t where t.merchant_id = merchant and t.payment_id = payment and t.kind in ('authorization', 'sale')
        and t.operation_id like 'auth\_%'), '[]'),
    'settings', (select to_jsonb(s) from routing_settings s where s.merchant_id = merchant and s.mode = p.mode),
    'rules', coalesce((select jsonb_agg(to_jsonb(r)) from routing_rules r
      where r.merchant_id = merchant and r.mode = p.mode and r.valid_from <= now() and (r.valid_to is null or r.valid_to > now())), '[]'),
    'accounts', coalesce((select jsonb_agg(jsonb_build_object(
        'acquirer', a.acquirer_id, 'wire', q.wire, 'account', a.id, 'single_message', a.single_message, 'currencies', a.currencies, 'brands', a.brands,
        'capabilities', a.capabilities, 'valid_from', a.valid_from, 'valid_to', a.valid_to,
        'maintenance_until', (select max(w.ends_at) from acquirer_maintenance w
          where w.acquirer_id = a.acquirer_id and w.starts_at <= now() and w.ends_at > now()),
        'limit', (select jsonb_build_object('minimum', l.minimum::text, 'maximum', l.maximum::text, 'step', l.step::text)
          from account_amount_limits l where l.merchant_id = merchant and l.account_id = a.id and l.currency = p.currency),
        'costs', coalesce((select jsonb_agg(jsonb_build_object('kind', c.kind, 'fixed_micros', c.fixed_micros::text, 'ppm', c.ppm, 'cross_border_ppm', c.cross_border_ppm))
          from (select distinct on (c.kind) c.* from routing_costs c
            where c.merchant_id = merchant and c.account_id = a.id and (c.currency is null or c.currency = p.currency)
              and (c.brand is null or c.brand = load_routing.brand) and c.valid_from <= now() and (c.valid_to is null or c.valid_to > now())
            order by c.kind, (c.brand is not null) desc, (c.currency is not null) desc, c.valid_from desc) c), '[]')) order by a.id)
      from merchant_acquirer_accounts a join acquirers q on q.id = a.acquirer_id where a.merchant_id = merchant and a.mode = p.mode), '[]'))
  from payments p join merchants m on m.id = p.merchant_id
  where p.merchant_id = merchant and p.id = payment);
end $$;

grant execute on function load_routing to quittance_worker;
