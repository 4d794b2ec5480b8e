-- Concluded sales, as our path leaves them, written set by set around the triggers: sales 0 .. count - 1 of the
-- cold merchants. Their accounts come last (bench.seed_accounts), with the sums.
create function bench.seed_sales(first bigint, count integer) returns void
language sql set session_replication_role = replica as $$
  insert into payments (merchant_id, id, mode, version, amount, currency, capture_method, staging_id, authorize_by,
                        description, order_reference, card_token, card_brand, card_bin, card_last_four, card_expiry_month,
                        card_expiry_year, card_fingerprint, authorization_state, amount_authorized, amount_captured, status,
                        authorization_attempt_id, pending)
  select bench.merchant_of(n, false), bench.text_id('pay', n), 'test', 2, 9000, 'EUR', 'automatic', bench.text_id('stg', n),
         now() + interval '10 minutes', 'A pair of shoes', 'order ' || n, bench.text_id('card', 1), 'visa', '42424242', '4242', 12,
         2030, repeat('f', 64), 'released', 9000, 9000, 'captured', 'att_' || bench.text_id('auth', n) || '_1', false
  from generate_series(first, first + count - 1) as n;
  insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, attempts, current_attempt_id, created_at, concluded_at)
  select bench.merchant_of(n, false), bench.text_id(prefix, n), bench.text_id('pay', n), kind, 9000, 'succeeded', 'concluded', 1,
         'att_' || bench.text_id('auth', n) || '_1', now(), now()
  from generate_series(first, first + count - 1) as n, (values ('auth', 'authorize'), ('cap', 'capture')) as one (prefix, kind);
  insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, state, on_unknown, amount,
                        currency, wire, planned_at, send_by, sends, sending_at, answered_at, outcome, response_code, approval_code,
                        approved_amount)
  select bench.merchant_of(n, false), 'att_' || bench.text_id('auth', n) || '_1', bench.text_id('pay', n), bench.text_id('auth', n), 1,
         'sale', 'acquirer-1', 'aca' || substr(bench.merchant_of(n, false), 4), 'answered', 'reverse', 9000, 'EUR',
         '{"rrn": "530112000001", "stan": "000001", "terminal": "TEST0001", "transmitted": "1101120000"}', now(), now(), 1, now(), now(),
         'approved', '00', 'A00001', 9000
  from generate_series(first, first + count - 1) as n;
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body, state, done_at, answer_status, answer_body)
  select bench.merchant_of(n, false), bench.text_id('cmd', n), bench.text_id('pay', n), 'create', 'merchant', bench.text_id('auth', n), '{}',
         'done', now(), 201, repeat('x', 1100)
  from generate_series(first, first + count - 1) as n;
  insert into payment_history (merchant_id, payment_id, version, at, cause, event, status, detail, workflow_run_id)
  select bench.merchant_of(n, false), bench.text_id('pay', n), version, now(), cause || bench.text_id('auth', n), event, status, '{}', 'run-1'
  from generate_series(first, first + count - 1) as n,
       (values (1, 'begin:', 'authorization_started', 'processing'), (2, 'conclude:', 'authorization_succeeded', 'captured')) as step (version, cause, event, status);
  insert into risk_assessments (merchant_id, payment_id, score, decision, reasons, assessed_at)
  select bench.merchant_of(n, false), bench.text_id('pay', n), 10, 'accept', '[]', now()
  from generate_series(first, first + count - 1) as n;
  insert into events (merchant_id, id, mode, payment_id, version, type, body, created_at)
  select bench.merchant_of(n, false), bench.text_id('evt', n), 'test', bench.text_id('pay', n), 2, 'payment.captured', repeat('x', 1100), now()
  from generate_series(first, first + count - 1) as n;
  insert into deliveries (merchant_id, id, event_id, endpoint_id, state, created_at, concluded_at)
  select bench.merchant_of(n, false), bench.text_id('dlv', n) || '_' || substr(bench.merchant_of(n, false), 5), bench.text_id('evt', n), 'whe' || substr(bench.merchant_of(n, false), 4),
         'delivered', now(), now()
  from generate_series(first, first + count - 1) as n;
  with posted as (
    insert into ledger_transactions (merchant_id, mode, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id,
                                     workflow_run_id, cause, activity)
    select bench.merchant_of(n, false), 'test', bench.text_id('pay', n), bench.text_id('auth', n), 'att_' || bench.text_id('auth', n) || '_1',
           'sold', bench.text_id('auth', n) || ':sold', now(), bench.text_id('pay', n), 'run-1', 'conclude:' || bench.text_id('auth', n), 'conclude 1'
    from generate_series(first, first + count - 1) as n
    returning merchant_id, id, payment_id
  )
  insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
  select merchant_id, 'test', id, line, code, 'EUR', amount, substr(payment_id, 5)::bigint / 1000 + 1
  from posted, (values (1, 'acquirer_receivable:acquirer-1', 9000), (2, 'merchant_payable:pending', -9000)) as leg (line, code, amount)
$$;

create function bench.seed_accounts() returns void
language sql set session_replication_role = replica as $$
  insert into ledger_accounts (merchant_id, mode, code, currency, normal_side, kind, may_go_against)
  select distinct merchant_id, 'test', code, 'EUR', k.normal_side, k.kind, k.may_go_against
  from ledger_postings join ledger_account_kinds k on k.kind in (code, split_part(code, ':', 1));
  insert into ledger_balances (merchant_id, mode, code, currency, balance, last_sequence)
  select merchant_id, mode, code, currency, sum(amount), max(account_sequence) from ledger_postings group by 1, 2, 3, 4
$$;
