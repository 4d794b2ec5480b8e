-- A transaction that does not balance never exists, and takes with it everything that came with it.

set role quittance_api;

-- The api says for whom it works, and sees and writes the rows of that merchant alone.

set quittance.merchant = 'mer_shop';

insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
values ('mer_shop', 'pay_1', 'test', 9000, 'EUR', 'manual', 'stg_1', now() + interval '10 minutes');

-- A step whose credit is one cent short.

set role quittance_worker;

select story.step('pay_1', 0, 'authorization_succeeded',
  parts => '{"authorization_state": "held", "amount_authorized": 9000}',
  operations => story.operation('auth_1', 'authorize', 9000, 'succeeded'),
  transactions => jsonb_set(
    story.posting('auth_1', 'authorized', 9000, 'auth_hold:acquirer', 'auth_hold:merchant'), '{0,legs,1,amount}', '-8999'));

-- Not one row of the step is left: no state, no history, no operation, no posting.

select * from story.payments;

select (select count(*) from payment_history) as history, (select count(*) from operations) as operations,
       (select count(*) from ledger_transactions) as transactions, (select count(*) from ledger_postings) as postings;

-- Nobody gets around it. The worker cannot write postings by itself,

insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
values ('mer_shop', 'test', 1, 1, 'auth_hold:acquirer', 'EUR', 9000, 1);

-- and the owner, who can, meets the same guard: also when dollars are to balance euros,

set role quittance_owner;

select post_transaction(
  '{"merchant_id": "mer_shop", "mode": "test", "payment_id": "pay_1", "event": "authorized", "business_key": "auth_1:authorized",
    "at": "2026-03-01T12:00:00Z", "workflow_id": "pay_1", "workflow_run_id": "run-1"}',
  '[{"code": "auth_hold:acquirer", "normal_side": "debit", "currency": "EUR", "amount": 9000},
    {"code": "auth_hold:merchant", "normal_side": "credit", "currency": "USD", "amount": -9000}]');

-- and when what balanced is changed afterwards.

select post_transaction(
  '{"merchant_id": "mer_shop", "mode": "test", "payment_id": "pay_1", "event": "authorized", "business_key": "auth_1:authorized",
    "at": "2026-03-01T12:00:00Z", "workflow_id": "pay_1", "workflow_run_id": "run-1"}',
  '[{"code": "auth_hold:acquirer", "normal_side": "debit", "currency": "EUR", "amount": 9000},
    {"code": "auth_hold:merchant", "normal_side": "credit", "currency": "EUR", "amount": -9000}]') > 0 as posted;

update ledger_postings set amount = 1 where line = 1;

delete from ledger_postings_p0;

-- A mistake is undone by another transaction that says the opposite, and both stay.

select post_transaction(
  '{"merchant_id": "mer_shop", "mode": "test", "payment_id": "pay_1", "event": "authorized_in_error", "business_key": "auth_1:authorized_in_error",
    "at": "2026-03-01T12:00:00Z", "workflow_id": "pay_1", "workflow_run_id": "run-1"}',
  '[{"code": "auth_hold:merchant", "normal_side": "credit", "currency": "EUR", "amount": 9000},
    {"code": "auth_hold:acquirer", "normal_side": "debit", "currency": "EUR", "amount": -9000}]') > 0 as posted;

select * from story.ledger;
