-- Two refunds race for the same money: 50.00 EUR were captured, and two requests of 30.00 arrive at once.

set role quittance_api;

-- The api says for whom it works, and sees and writes the rows of that merchant alone.

set quittance.merchant = 'mer_shop';

insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
values ('mer_shop', 'pay_1', 'test', 5000, 'EUR', 'automatic', 'stg_1', now() + interval '10 minutes');

set role quittance_worker;

select story.step('pay_1', 0, 'sale_succeeded',
  parts => '{"authorization_state": "released", "amount_authorized": 5000, "amount_captured": 5000, "pending": false}',
  operations => story.operation('auth_1', 'authorize', 5000, 'succeeded'),
  transactions => story.posting('auth_1', 'sold', 5000, 'acquirer_receivable:acquirer-1', 'merchant_payable:pending'));

-- Both writers read version 1, and both decide that 30.00 of the 50.00 can be given back.

select * from story.payments;

-- The first one writes.

select story.step('pay_1', 1, 'refund_started: ref_1',
  parts => '{"amount_refund_pending": 3000, "pending": true}',
  operations => story.operation('ref_1', 'refund', 3000, 'pending'),
  transactions => story.posting('ref_1', 'refund_accepted', 3000, 'merchant_payable:pending', 'refunds_in_flight'));

-- The second one was right about version 1, which is gone. It is told so, and nothing of it is written.

select story.step('pay_1', 1, 'refund_started: ref_2',
  parts => '{"amount_refund_pending": 3000, "pending": true}',
  operations => story.operation('ref_2', 'refund', 3000, 'pending'),
  transactions => story.posting('ref_2', 'refund_accepted', 3000, 'merchant_payable:pending', 'refunds_in_flight'));

select * from story.payments;

select id, amount, state from operations where kind = 'refund' order by id;

-- It reads again, sees that 20.00 are left, and refuses the request. Should it not, the table does:
-- what was given back and what is on its way are never more than what was taken.

select story.step('pay_1', 2, 'refund_started: ref_2',
  parts => '{"amount_refund_pending": 6000}',
  operations => story.operation('ref_2', 'refund', 3000, 'pending'),
  transactions => story.posting('ref_2', 'refund_accepted', 3000, 'merchant_payable:pending', 'refunds_in_flight'));

select * from story.balances;
