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

-- One ledger transaction of any legs: account, currency, amount, three of them for each leg; debits positive.
create function story.legs(operation text, event text, variadic legs text[]) returns jsonb
language sql as $$
  select jsonb_build_array(jsonb_build_object(
    'mode', 'test', 'event', event, 'operation_id', operation, 'business_key', operation || ':' || event,
    'legs', (
      select jsonb_agg(jsonb_build_object('code', legs[n], 'currency', legs[n + 1], 'amount', legs[n + 2]::bigint, 'normal_side', k.normal_side) order by n)
      from generate_series(1, cardinality(legs), 3) as n
      join ledger_account_kinds k on k.kind = legs[n] or k.kind || ':acquirer-1' = legs[n])))
$$;

-- A capture with what it came to and where its funds are; none = it is over with them.
create function story.capture(id text, amount bigint, settlement jsonb, pending bigint, moved_at bigint default null, released_at bigint default null,
  due timestamptz default null, refunded bigint default 0, fee_returned bigint default 0) returns jsonb
language sql as $$
  select jsonb_build_array(story.operation(id, 'capture', amount, 'succeeded') -> 0 || jsonb_build_object(
    'settlement', settlement, 'funds_due_at', due, 'funds', jsonb_build_object('kind', 'capture', 'pending', pending::text,
      'refunded', refunded::text, 'carried', refunded::text, 'feeReturned', fee_returned::text, 'movedAt', moved_at, 'releasedAt', released_at)))
$$;

-- One step of a payment: the parts that change, beside those that stay as they are.
create function story.step(
  payment text, expected_version integer, cause text, parts jsonb default '{}', operations jsonb default '[]',
  new_attempts jsonb default '[]', transactions jsonb default '[]', answers jsonb default '[]', events jsonb default '[]',
  at timestamptz default '2026-03-01T12:00:00Z'
) returns text language sql as $$
  select record_change(jsonb_build_object(
    'merchant_id', 'mer_shop', 'payment_id', payment, 'expected_version', expected_version, 'cause', cause, 'event', cause,
    'at', at, 'workflow_run_id', 'run-1', 'detail', '{}'::jsonb, 'risk', null, 'route', null,
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

-- Every entry of the merchant's own accounts, in the order of time.
create view story.statement as
  select to_char(t.at at time zone 'utc', 'MM-DD') as day, t.payment_id as payment, t.event, p.code as account, p.currency,
         -p.amount as amount, sum(-p.amount) over (partition by p.code, p.currency order by t.at, t.id) as balance
  from ledger_postings p join ledger_transactions t on t.merchant_id = p.merchant_id and t.id = p.transaction_id
  where p.merchant_id = 'mer_shop' and p.code like 'merchant\_%' order by t.at, t.id, p.code, p.currency;

create view story.balances as
  select code as account, sum(case a.normal_side when 'debit' then b.balance else -b.balance end) as balance, a.normal_side,
         sum(b.last_sequence) as postings
  from ledger_balances b join ledger_accounts a using (merchant_id, mode, code, currency)
  where b.merchant_id = 'mer_shop' group by code, currency, a.normal_side order by code;

create view story.currencies as
  select b.code as account, b.currency, case a.normal_side when 'debit' then b.balance else -b.balance end as balance, a.normal_side
  from ledger_balances b join ledger_accounts a using (merchant_id, mode, code, currency)
  where b.merchant_id = 'mer_shop' order by b.code, b.currency;

grant select on all tables in schema story to public;
