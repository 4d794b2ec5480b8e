-- A correction of the books. The acquirer took 12.50 EUR from the shop twice: no payment can say that,
-- so a person does, and a second person agrees. First the shop has books: one payment of 90.00.

insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
values ('mer_shop', 'pay_1', 'test', 9000, 'EUR', 'automatic', 'stg_1', now());

select story.step('pay_1', 0, 'sold', '{"authorization_state": "released", "amount_authorized": 9000, "amount_captured": 9000}',
  transactions => story.posting('auth_1', 'sold', 9000, 'acquirer_receivable:acquirer-1', 'merchant_payable:pending'));

-- Anna asks. Nothing moves.

select state, requested_by from request_adjustment('{
  "id": "adj_01k9zzzzzzzzzzzzzzzzzzzzzz", "merchant_id": "mer_shop", "mode": "test",
  "debit_code": "merchant_payable:pending", "credit_code": "acquirer_receivable:acquirer-1", "amount": 1250, "currency": "EUR",
  "reason": "the acquirer took a refund twice", "evidence": "settlement report of 2026-03-01, line 17"}', 'anna');

select account, balance from story.balances;

-- She cannot agree with herself, and Anna with a capital letter is not somebody else.

select state from decide_adjustment('adj_01k9zzzzzzzzzzzzzzzzzzzzzz', 'approve', 'anna');

select state from decide_adjustment('adj_01k9zzzzzzzzzzzzzzzzzzzzzz', 'approve', 'Anna');

-- Ben agrees: in that transaction it is posted. Said twice it is posted once.

select state, decided_by from decide_adjustment('adj_01k9zzzzzzzzzzzzzzzzzzzzzz', 'approve', 'ben');

select state, decided_by from decide_adjustment('adj_01k9zzzzzzzzzzzzzzzzzzzzzz', 'approve', 'ben');

select * from story.ledger where event = 'adjusted';

select account, balance from story.balances;

-- What was decided stays, and what was asked as well, for whoever tries.

select state from decide_adjustment('adj_01k9zzzzzzzzzzzzzzzzzzzzzz', 'reject', 'carla');

update adjustments set amount = 1;

delete from adjustment_history;

select state, person, reason from adjustment_history order by at;

-- An account that is in no chart, and an acquirer where the shop has none, are misspelt.

select state from request_adjustment('{
  "id": "adj_01k9zzzzzzzzzzzzzzzzzzzzzy", "merchant_id": "mer_shop", "mode": "test",
  "debit_code": "merchant_payble:pending", "credit_code": "acquirer_receivable:acquirer-1", "amount": 1250, "currency": "EUR",
  "reason": "the same once more", "evidence": "line 18"}', 'anna');

select state from request_adjustment('{
  "id": "adj_01k9zzzzzzzzzzzzzzzzzzzzzy", "merchant_id": "mer_shop", "mode": "test",
  "debit_code": "merchant_payable:pending", "credit_code": "acquirer_receivable:acquirer-9", "amount": 1250, "currency": "EUR",
  "reason": "the same once more", "evidence": "line 18"}', 'anna');
