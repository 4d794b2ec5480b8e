-- An account is opened by the chart of accounts, and closed only when nothing is on it.
create or replace function accounts_guard() returns trigger language plpgsql as $$
declare
  chart ledger_account_kinds;
  rest bigint;
  name constant text := format('ledger account %s %s of %s (%s)', new.code, new.currency, new.merchant_id, new.mode);
begin
  if tg_op = 'INSERT' then
    select k.* into chart from ledger_account_kinds k where k.kind in (new.code, split_part(new.code, ':', 1)) order by length(k.kind) desc limit 1;
    if not found then
      raise exception '% is of no kind that is in ledger_account_kinds', name using errcode = 'check_violation', constraint = 'ledger_account_kind';
    end if;
    if new.normal_side <> chart.normal_side then
      raise exception '% cannot have % for its normal side: the chart says %', name, new.normal_side, chart.normal_side
        using errcode = 'check_violation', constraint = 'ledger_account_kind';
    end if;
    new.kind := chart.kind;
    new.stripes := chart.stripes;
    new.may_go_against := chart.may_go_against;
    return new;
  end if;
  if (new.merchant_id, new.mode, new.code, new.currency, new.normal_side, new.kind, new.stripes, new.may_go_against)
     is distinct from (old.merchant_id, old.mode, old.code, old.currency, old.normal_side, old.kind, old.stripes, old.may_go_against) then
    raise exception '%: an account can be closed, and nothing else of it can change', name using errcode = 'check_violation';
  end if;
  if new.closed_at is not null and old.closed_at is null then
    -- All its stripes are locked, those that do not exist yet by making them: whoever posts to it now is
    -- waited for, and whoever comes later waits for us and then finds it closed.
    insert into ledger_balances (merchant_id, mode, code, currency, stripe, balance, last_sequence)
    select new.merchant_id, new.mode, new.code, new.currency, stripe, 0, 0 from generate_series(0, new.stripes - 1) as stripe
    on conflict do nothing;
    perform from ledger_balances b
    where b.merchant_id = new.merchant_id and b.mode = new.mode and b.code = new.code and b.currency = new.currency order by b.stripe for update;
    select sum(b.balance) into rest from ledger_balances b
    where b.merchant_id = new.merchant_id and b.mode = new.mode and b.code = new.code and b.currency = new.currency;
    if rest <> 0 then
      raise exception '% cannot be closed: % are on it; post them away first', name, rest
        using errcode = 'check_violation', constraint = 'ledger_account_empty';
    end if;
  end if;
  return new;
end $$;

create or replace trigger accounts_guard before insert or update on ledger_accounts for each row execute function accounts_guard();
