-- What is agreed with a merchant at a moment, for a payment on one account, by one brand, in one
-- currency; the most particular fees first. Null parts where nothing is agreed.
create or replace function terms_in_force(merchant text, ledger_mode text, account text, card_brand text, presented text, at timestamptz)
returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan set jit = off set enable_seqscan = off as $$
begin
  return (
    select jsonb_build_object(
      'settlement', to_jsonb(s),
      'fees', coalesce((
        select jsonb_agg(to_jsonb(f) order by f.account_id is null, f.brand is null, f.valid_from desc, f.id)
        from fee_schedules f
        where f.merchant_id = merchant and f.mode = ledger_mode and (f.account_id is null or f.account_id = account)
          and (f.brand is null or f.brand = card_brand)
          and f.currency in (presented, coalesce(s.settlement_currency, presented))
          and f.valid_from <= at and (f.valid_to is null or at < f.valid_to)), '[]'),
      'reserve', (
        select jsonb_build_object('id', r.id, 'ppm', r.ppm, 'held_for_ms', (extract(epoch from r.held_for) * 1000)::bigint)
        from reserve_terms r
        where r.merchant_id = merchant and r.mode = ledger_mode and r.valid_from <= at and (r.valid_to is null or at < r.valid_to)
        order by r.valid_from desc limit 1),
      'availability', (
        select jsonb_build_object('id', v.id, 'available_after_ms', (extract(epoch from v.available_after) * 1000)::bigint)
        from availability_terms v
        where v.merchant_id = merchant and v.mode = ledger_mode and v.valid_from <= at and (v.valid_to is null or at < v.valid_to)
        order by v.valid_from desc limit 1))
    from (select) as one
    left join lateral (
      select t.id, t.settlement_currency, t.refund_rate
      from settlement_terms t
      where t.merchant_id = merchant and t.mode = ledger_mode and t.presentment_currency = presented
        and (t.account_id is null or t.account_id = account) and t.valid_from <= at and (t.valid_to is null or at < t.valid_to)
      order by t.account_id is null, t.valid_from desc limit 1
    ) s on true);
end $$;

grant execute on function terms_in_force to quittance_worker;
