-- What every story begins with: one shop with an account at one acquirer, and short names for what a
-- step writes. A real step is one document for record_change (activities/ledger/record.ts makes it).

insert into merchants (id, name, country, mcc) values ('mer_shop', 'A bicycle shop', 'NL', '5940');
insert into acquirers (id, wire, task_queue, fences_by_reversal) values ('acquirer-1', 'iso8583', 'acquirers', true);
insert into merchant_acquirer_accounts (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc,
                                        acceptor_name, single_message, currencies, brands)
values ('mer_shop', 'aca_shop', 'acquirer-1', 'test', '400123', 'SHOP1', '{TERM0001}', '5940', 'A BICYCLE SHOP', false, '{EUR}', '{visa}');

create schema story;
grant usage on schema story to public;

-- One operation of a payment, as a row.
create function story.operation(id text, kind text, amount bigint, state text) returns jsonb
language sql as $$
  select jsonb_build_array(jsonb_build_object(
    'id', id, 'kind', kind, 'amount', amount, 'state', state, 'phase', case state when 'pending' then 'in_flight' else 'concluded' end,
    'inquiries', 0, 'attempts', 1, 'created_at', '2026-03-01T12:00:00Z',
    'concluded_at', case state when 'pending' then null else '2026-03-01T12:00:01Z' end))
$$;

-- One ledger transaction: each pair of accounts takes the amount from the second to the first.
create function story.posting(operation text, event text, amount bigint, variadic accounts text[]) returns jsonb
language sql as $$
  select jsonb_build_array(jsonb_build_object(
    'mode', 'test', 'event', event, 'operation_id', operation, 'business_key', operation || ':' || event,
    'legs', (
      select jsonb_agg(jsonb_build_object('code', code, 'currency', 'EUR', 'amount', case place % 2 when 1 then amount else -amount end,
        'normal_side', case when code in ('auth_hold:acquirer', 'acquirer_receivable:acquirer-1') then 'debit' else 'credit' end) order by place)
      from unnest(accounts) with ordinality as leg (code, place))))
$$;

-- One step of a payment: the parts that change, beside those that stay as they are.
create function story.step(
  payment text, expected_version integer, cause text, parts jsonb default '{}', operations jsonb default '[]',
  new_attempts jsonb default '[]', transactions jsonb default '[]', answers jsonb default '[]', events jsonb default '[]'
) returns text language sql as $$
  select record_change(jsonb_build_object(
    'merchant_id', 'mer_shop', 'payment_id', payment, 'expected_version', expected_version, 'cause', cause, 'event', cause,
    'at', '2026-03-01T12:00:00Z', 'workflow_run_id', 'run-1', 'detail', '{}'::jsonb, 'risk', null, 'route', null,
    'payment', changed || jsonb_build_object('status', payment_status(
      changed ->> 'authorization_state', changed ->> 'conclusion', changed ->> 'review', (changed ->> 'amount_authorized')::bigint,
      (changed ->> 'amount_captured')::bigint, (changed ->> 'amount_refunded')::bigint)),
    'operations', operations, 'attempt_moves', '[]'::jsonb, 'new_attempts', new_attempts, 'transactions', transactions,
    'answers', answers, 'events', events, 'cases', '[]'::jsonb))
  from (select to_jsonb(p) || parts as changed from payments p where p.merchant_id = 'mer_shop' and p.id = payment) as after
$$;

-- What the stories look at.
create view story.payments as
  select version, status, authorization_state as authorization, amount_authorized as authorized, amount_captured as captured,
         amount_refunded as refunded, amount_refund_pending as pending
  from payments where merchant_id = 'mer_shop';

create view story.ledger as
  select t.event, p.code as account, case when p.amount > 0 then p.amount end as debit, case when p.amount < 0 then -p.amount end as credit
  from ledger_postings p join ledger_transactions t on t.merchant_id = p.merchant_id and t.id = p.transaction_id
  where p.merchant_id = 'mer_shop' order by t.id, p.line;

create view story.balances as
  select code as account, sum(case a.normal_side when 'debit' then b.balance else -b.balance end) as balance, a.normal_side,
         sum(b.last_sequence) as postings
  from ledger_balances b join ledger_accounts a using (merchant_id, mode, code, currency)
  where b.merchant_id = 'mer_shop' group by code, currency, a.normal_side order by code;

grant select on all tables in schema story to public;
