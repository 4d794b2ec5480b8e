-- What the bench posts on: merchants, and sales whose approval has come and is to be concluded. Made by
-- a superuser around the triggers, as a state that the application reaches in several steps.
create schema bench;

create function bench.text_id(prefix text, number bigint) returns text
language sql immutable as $$ select prefix || '_' || lpad(number::text, 26, '0') $$;

-- Number 0 is the merchant whose accounts are hot; the cold ones take turns.
create function bench.merchant_of(number bigint, hot boolean) returns text
language sql immutable as $$ select bench.text_id('mer', case when hot then 0 else 1 + number % 1000 end) $$;

insert into acquirers (id, wire, task_queue, fences_by_reversal) values ('acquirer-1', 'iso8583', 'acquirer:acquirer-1', true);
insert into merchants (id, name, country, mcc)
select bench.text_id('mer', number), 'Merchant ' || number, 'NL', '5732' from generate_series(0, 1000) as number;
insert into merchant_acquirer_accounts
  (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc, acceptor_name, single_message, currencies, brands)
select id, 'aca' || substr(id, 4), 'acquirer-1', 'test', '999999', 'TEST00000000001', '{TEST0001}', '5732', 'A SHOP', true, '{EUR}', '{visa}'
from merchants;
insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret)
select id, 'whe' || substr(id, 4), 'test', 'https://shop.example/hook', '{}' from merchants;

-- Sales first .. first + count - 1, each at version 1, in flight and answered as approved.
create function bench.begin_sales(first bigint, count integer, hot boolean) returns void
language sql set session_replication_role = replica as $$
  insert into payments (merchant_id, id, mode, version, amount, currency, capture_method, staging_id, authorize_by,
                        description, order_reference, card_token, card_brand, card_bin, card_last_four, card_expiry_month,
                        card_expiry_year, card_fingerprint)
  select bench.merchant_of(n, hot), bench.text_id('pay', n), 'test', 1, 9000, 'EUR', 'automatic', bench.text_id('stg', n),
         now() + interval '10 minutes', 'A pair of shoes', 'order ' || n, bench.text_id('card', 1), 'visa', '42424242', '4242', 12,
         2030, repeat('f', 64)
  from generate_series(first, first + count - 1) as n;
  insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, attempts, current_attempt_id, created_at)
  select bench.merchant_of(n, hot), bench.text_id('auth', n), bench.text_id('pay', n), 'authorize', 9000, 'pending', 'in_flight', 1,
         'att_' || bench.text_id('auth', n) || '_1', date_trunc('milliseconds', now())
  from generate_series(first, first + count - 1) as n;
  insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, state, on_unknown, amount,
                        currency, wire, planned_at, send_by, sends, sending_at, answered_at, outcome, response_code, approval_code,
                        approved_amount)
  select bench.merchant_of(n, hot), 'att_' || bench.text_id('auth', n) || '_1', bench.text_id('pay', n), bench.text_id('auth', n), 1,
         'sale', 'acquirer-1', 'aca' || substr(bench.merchant_of(n, hot), 4), 'answered', 'reverse', 9000, 'EUR',
         '{"rrn": "530112000001", "stan": "000001", "terminal": "TEST0001", "transmitted": "1101120000"}', now(), now(), 1, now(), now(),
         'approved', '00', 'A00001', 9000
  from generate_series(first, first + count - 1) as n;
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
  select bench.merchant_of(n, hot), bench.text_id('cmd', n), bench.text_id('pay', n), 'create', 'merchant', bench.text_id('auth', n), '{}'
  from generate_series(first, first + count - 1) as n;
  insert into payment_history (merchant_id, payment_id, version, at, cause, event, status, detail, workflow_run_id)
  select bench.merchant_of(n, hot), bench.text_id('pay', n), 1, now(), 'begin:' || bench.text_id('auth', n), 'authorization_started',
         'processing', '{}', 'run-1'
  from generate_series(first, first + count - 1) as n;
  insert into risk_assessments (merchant_id, payment_id, score, decision, reasons, assessed_at)
  select bench.merchant_of(n, hot), bench.text_id('pay', n), 10, 'accept', '[]', now()
  from generate_series(first, first + count - 1) as n;
$$;
