-- The life of one payment: 90.00 EUR authorized, 40.00 captured, 15.00 of that given back, and the
-- rest of the hold released when it runs out. Amounts are minor units: 9000 is 90.00 EUR.

-- The api takes the request. It can insert what was asked and nothing of what became of it: state,
-- amounts and status begin as the table says.

set role quittance_api;

-- The api says for whom it works, and sees and writes the rows of that merchant alone.

set quittance.merchant = 'mer_shop';

insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
values ('mer_shop', 'pay_1', 'test', 9000, 'EUR', 'manual', 'stg_1', now() + interval '10 minutes');

insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
values ('mer_shop', 'cmd_1', 'pay_1', 'create', 'merchant', 'auth_1', '{}');

select * from story.payments;

-- The workflow's worker begins the authorization. The attempt is committed before anything is sent,
-- and with it what undoes it should its answer never come: on_unknown.

set role quittance_worker;

select story.step('pay_1', 0, 'authorization_started',
  operations => story.operation('auth_1', 'authorize', 9000, 'pending'),
  new_attempts => '[{"id": "att_auth_1_1", "operation_id": "auth_1", "number": 1, "kind": "authorization", "acquirer_id": "acquirer-1",
    "account_id": "aca_shop", "on_unknown": "reverse", "amount": 9000, "currency": "EUR", "wire": {"rrn": "000000000001"},
    "send_by": "2026-03-01T12:00:15Z"}]');

-- The acquirer's worker marks it as its last act before the first byte, and writes the answer when it
-- comes. Each is a compare-and-set: whoever comes second changes nothing.

update attempts set state = 'sending', sends = sends + 1 where id = 'att_auth_1_1' and state = 'planned' returning id, state;

update attempts set state = 'sending', sends = sends + 1 where id = 'att_auth_1_1' and state = 'planned' returning id, state;

update attempts set state = 'answered', answered_at = now(), outcome = 'approved', response_code = '00', approval_code = 'A12345', approved_amount = 9000
where id = 'att_auth_1_1' and state = 'sending' returning id, state, outcome;

-- The approval becomes the payment's: state, history, ledger, the answer to the request and the event
-- for the merchant are one transaction.

select story.step('pay_1', 1, 'authorization_succeeded',
  parts => '{"authorization_state": "held", "amount_authorized": 9000, "authorization_attempt_id": "att_auth_1_1"}',
  operations => story.operation('auth_1', 'authorize', 9000, 'succeeded'),
  transactions => story.posting('auth_1', 'authorized', 9000, 'auth_hold:acquirer', 'auth_hold:merchant'),
  answers => '[{"command_id": "cmd_1", "status": 201, "body": "{\"id\":\"pay_1\",\"status\":\"authorized\"}"}]',
  events => '[{"id": "evt_1", "mode": "test", "type": "payment.authorized", "body": "{}"}]');

select * from story.payments;

-- A hold is nobody's money yet: two memo accounts say that it is there.

select * from story.ledger;

select state, answer_status, answer_body from commands where id = 'cmd_1';

-- 40.00 are captured: that part of the hold ends, the acquirer owes it to us, and we to the shop.

select story.step('pay_1', 2, 'capture_succeeded',
  parts => '{"amount_captured": 4000}',
  operations => story.operation('cap_1', 'capture', 4000, 'succeeded'),
  transactions => story.posting('cap_1', 'captured', 4000,
    'auth_hold:merchant', 'auth_hold:acquirer', 'acquirer_receivable:acquirer-1', 'merchant_payable:pending'));

select * from story.payments;

select * from story.ledger where event = 'captured';

-- The step runs again, because the worker that made it was lost before it could say so: the second
-- time finds its own row in the history and changes nothing.

select story.step('pay_1', 2, 'capture_succeeded', parts => '{"amount_captured": 8000}');

select * from story.payments;

-- A refund of 15.00 is accepted: the shop's money is set aside at once, before the acquirer is asked.

select story.step('pay_1', 3, 'refund_started',
  parts => '{"amount_refund_pending": 1500}',
  operations => story.operation('ref_1', 'refund', 1500, 'pending'),
  transactions => story.posting('ref_1', 'refund_accepted', 1500, 'merchant_payable:pending', 'refunds_in_flight'));

select * from story.payments;

select * from story.ledger where event = 'refund_accepted';

-- The acquirer has taken it: it owes us that much less.

select story.step('pay_1', 4, 'refund_succeeded',
  parts => '{"amount_refund_pending": 0, "amount_refunded": 1500}',
  operations => story.operation('ref_1', 'refund', 1500, 'succeeded'),
  transactions => story.posting('ref_1', 'refund_succeeded', 1500, 'refunds_in_flight', 'acquirer_receivable:acquirer-1'));

select * from story.payments;

select * from story.ledger where event = 'refund_succeeded';

-- What was never captured is released when the authorization runs out.

select story.step('pay_1', 5, 'expiry_succeeded',
  parts => '{"authorization_state": "expired", "pending": false}',
  operations => story.operation('exp_1', 'expiry', 5000, 'succeeded'),
  transactions => story.posting('exp_1', 'expired', 5000, 'auth_hold:merchant', 'auth_hold:acquirer'));

select * from story.payments;

-- The end: nothing is held, 25.00 are the acquirer's to pay and the shop's to get, and every change
-- is in the history.

select * from story.balances;

select version, event, status from payment_history where payment_id = 'pay_1' order by version;

select sum(debit) as debits, sum(credit) as credits from story.ledger;
