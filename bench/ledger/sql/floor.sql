-- The least that posts a payment: its state with a version check, a header, two legs, their balances.
-- Plain tables, one index each, no guard: nothing that keeps a ledger right is paid for here.
create schema floor;
create table floor.payments (
  merchant_id text, id text, version integer not null, status text not null, amount_captured bigint not null,
  primary key (merchant_id, id));
create table floor.transactions (
  id bigint generated always as identity primary key, merchant_id text not null, payment_id text not null, event text not null,
  at timestamptz not null);
create table floor.postings (
  transaction_id bigint, line smallint, merchant_id text not null, code text not null, currency char(3) not null, amount bigint not null,
  primary key (transaction_id, line));
create table floor.balances (
  merchant_id text, code text, currency char(3), balance bigint not null, primary key (merchant_id, code, currency));
insert into floor.balances
select id, code, 'EUR', 0 from merchants, (values ('acquirer_receivable:acquirer-1'), ('merchant_payable:pending')) as account (code);

create function floor.begin_sales(first bigint, count integer, hot boolean) returns void language sql as $$
  insert into floor.payments
  select bench.merchant_of(n, hot), bench.text_id('pay', n), 1, 'processing', 0 from generate_series(first, first + count - 1) as n
$$;

create function floor.post(merchant text, payment text, expected integer, amount bigint) returns bigint language plpgsql as $$
declare
  new_id bigint;
begin
  update floor.payments set version = version + 1, status = 'captured', amount_captured = amount
  where merchant_id = merchant and id = payment and version = expected;
  if not found then
    raise exception 'payment % is not at version %', payment, expected using errcode = 'serialization_failure';
  end if;
  insert into floor.transactions (merchant_id, payment_id, event, at) values (merchant, payment, 'sold', now()) returning id into new_id;
  insert into floor.postings values
    (new_id, 1, merchant, 'acquirer_receivable:acquirer-1', 'EUR', amount),
    (new_id, 2, merchant, 'merchant_payable:pending', 'EUR', -amount);
  update floor.balances set balance = balance + amount
  where merchant_id = merchant and code = 'acquirer_receivable:acquirer-1' and currency = 'EUR';
  update floor.balances set balance = balance - amount
  where merchant_id = merchant and code = 'merchant_payable:pending' and currency = 'EUR';
  return new_id;
end $$;
