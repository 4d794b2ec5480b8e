-- The same rows as ours, with the same columns and indexes, in one plain function: no partitions, no
-- guards and checks, no JSON to take apart, no decision. What ours costs above this is what being right
-- costs; what this costs above the floor is what a payment's record has more than two legs.
create schema fair;
create table fair.payments (like payments including defaults including generated including indexes);
create table fair.payment_history (like payment_history including indexes);
create table fair.operations (like operations including defaults including indexes);
create table fair.commands (like commands including defaults including identity including indexes);
create table fair.ledger_transactions (like ledger_transactions including defaults including identity including indexes);
create table fair.ledger_postings (like ledger_postings including defaults including indexes);
create table fair.ledger_balances (like ledger_balances including defaults including indexes);
create table fair.events (like events including defaults including indexes);
create table fair.deliveries (like deliveries including defaults including indexes);
insert into fair.ledger_balances (merchant_id, mode, code, currency, balance, last_sequence)
select id, 'test', code, 'EUR', 0, 0
from merchants, (values ('acquirer_receivable:acquirer-1'), ('merchant_payable:pending')) as account (code);

create function fair.begin_sales(first bigint, count integer, hot boolean) returns void language plpgsql as $$
begin
  perform bench.begin_sales(first, count, hot);
  insert into fair.payments
  select p.* from generate_series(first, first + count - 1) as n
  join payments p on p.merchant_id = bench.merchant_of(n, hot) and p.id = bench.text_id('pay', n);
  insert into fair.operations
  select o.* from generate_series(first, first + count - 1) as n
  join operations o on o.merchant_id = bench.merchant_of(n, hot) and o.id = bench.text_id('auth', n);
  insert into fair.commands overriding system value
  select c.* from generate_series(first, first + count - 1) as n
  join commands c on c.merchant_id = bench.merchant_of(n, hot) and c.id = bench.text_id('cmd', n);
end $$;

-- told: of the size of ours, for the answer and for the event.
create function fair.post(merchant text, number text, expected integer, minor bigint, told text) returns bigint language plpgsql as $$
declare
  new_id bigint;
  debit_sequence bigint;
  credit_sequence bigint;
  payment constant text := 'pay_' || number;
begin
  update fair.payments set version = version + 1, updated_at = now(), authorization_state = 'released', amount_authorized = minor,
    amount_captured = minor, status = 'captured', authorization_attempt_id = 'att_auth_' || number || '_1', pending = false
  where merchant_id = merchant and id = payment and version = expected;
  if not found then
    raise exception 'payment % is not at version %', payment, expected using errcode = 'serialization_failure';
  end if;
  insert into fair.payment_history values (merchant, payment, expected + 1, now(), 'conclude:att_auth_' || number || '_1:0',
    'authorization_succeeded', 'captured', '{"postings": [{"event": "sold", "amount": "9000"}]}', 'run-1');
  update fair.operations set state = 'succeeded', phase = 'concluded', due_at = null, concluded_at = now()
  where merchant_id = merchant and id = 'auth_' || number;
  insert into fair.operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at, concluded_at)
  values (merchant, 'cap_' || number, payment, 'capture', minor, 'succeeded', 'concluded', now(), now());
  update fair.commands set state = 'done', done_at = now(), answer_status = 201, answer_body = told
  where merchant_id = merchant and id = 'cmd_' || number;
  insert into fair.events values (merchant, 'evt_' || number, 'test', payment, expected + 1, 'payment.captured', told, now());
  insert into fair.deliveries (merchant_id, id, event_id, endpoint_id, created_at)
  values (merchant, 'dlv_' || number || '_' || substr(merchant, 5), 'evt_' || number, 'whe' || substr(merchant, 4), now());
  insert into fair.ledger_transactions (merchant_id, mode, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id, workflow_run_id,
                                        cause, activity)
  values (merchant, 'test', payment, 'auth_' || number, 'att_auth_' || number || '_1', 'sold', 'auth_' || number || ':sold', now(), payment, 'run-1',
          'conclude:att_auth_' || number || '_1:0', 'conclude 1')
  returning id into new_id;
  update fair.ledger_balances set balance = balance + minor, last_sequence = last_sequence + 1
  where merchant_id = merchant and mode = 'test' and code = 'acquirer_receivable:acquirer-1' and currency = 'EUR'
  returning last_sequence into debit_sequence;
  update fair.ledger_balances set balance = balance - minor, last_sequence = last_sequence + 1
  where merchant_id = merchant and mode = 'test' and code = 'merchant_payable:pending' and currency = 'EUR'
  returning last_sequence into credit_sequence;
  insert into fair.ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence) values
    (merchant, 'test', new_id, 1, 'acquirer_receivable:acquirer-1', 'EUR', minor, debit_sequence),
    (merchant, 'test', new_id, 2, 'merchant_payable:pending', 'EUR', -minor, credit_sequence);
  return new_id;
end $$;
