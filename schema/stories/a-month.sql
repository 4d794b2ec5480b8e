-- A month of a shop that is settled in euro: one sale in euro, one in pounds, a refund, fees, a reserve,
-- and what of it can be paid out when. Every figure of the terms is applied by workflows/domain; here
-- is what it writes, and that the database holds it to it. 6000 is 60.00 EUR, 1.4 % is 14000 ppm.

-- What was agreed: dated rows. We take 1.4 % and 0.25 and give that back with a refund; what the card
-- schemes take for the cardholder's bank (interchange) is passed on; a tenth is held back for 14 days; the
-- rest becomes available after 2 days; pounds are settled in euro.

set role quittance_owner;

insert into fee_schedules (merchant_id, id, mode, kind, currency, fixed, ppm, on_refund, valid_from)
values ('mer_shop', 'fee_platform', 'test', 'platform', 'EUR', 25, 14000, 'return', '2026-01-01T00:00:00Z');

insert into fee_schedules (merchant_id, id, mode, kind, currency, ppm, recharge, valid_from)
values ('mer_shop', 'fee_eur', 'test', 'interchange', 'EUR', 2000, true, '2026-01-01T00:00:00Z'),
       ('mer_shop', 'fee_gbp', 'test', 'interchange', 'GBP', 3000, true, '2026-01-01T00:00:00Z');

insert into reserve_terms (merchant_id, id, mode, ppm, held_for, valid_from) values ('mer_shop', 'res_1', 'test', 100000, '14 days', '2026-01-01T00:00:00Z');

insert into availability_terms (merchant_id, id, mode, available_after, valid_from) values ('mer_shop', 'avt_1', 'test', '2 days', '2026-01-01T00:00:00Z');

insert into settlement_terms (merchant_id, id, mode, presentment_currency, settlement_currency, valid_from)
values ('mer_shop', 'stt_1', 'test', 'GBP', 'EUR', '2026-01-01T00:00:00Z');

insert into fx_rates (base, quote, valid_from, valid_to, rate, source)
values ('GBP', 'EUR', '2026-03-03T15:00:00Z', '2026-03-07T15:00:00Z', 1.1712, 'reference rate of 3 March');

-- What was agreed does not change behind the payments that were made by it: it is ended, and another
-- agreement begins.

update fee_schedules set ppm = 15000 where id = 'fee_platform';

update fee_schedules set valid_to = '2026-01-31T00:00:00Z' where id = 'fee_platform';

update fx_rates set rate = 1.2;

-- Two sales are asked for.

set role quittance_api;

-- The api says for whom it works, and sees and writes the rows of that merchant alone.

set quittance.merchant = 'mer_shop';

insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by)
values ('mer_shop', 'pay_1', 'test', 6000, 'EUR', 'automatic', 'stg_1', now() + interval '10 minutes'),
       ('mer_shop', 'pay_2', 'test', 4000, 'GBP', 'automatic', 'stg_2', now() + interval '10 minutes');

-- The worker reads what is in force for a payment, its account, brand and currency.

set role quittance_worker;

select fee ->> 'id' as fee, fee ->> 'fixed' as fixed, fee ->> 'ppm' as ppm, terms #>> '{reserve,ppm}' as reserve_ppm,
       terms #>> '{settlement,settlement_currency}' as settled_in
from terms_in_force('mer_shop', 'test', 'aca_shop', 'visa', 'GBP', '2026-03-03T16:00:00Z') as terms cross join jsonb_array_elements(terms -> 'fees') as fee;

-- 2 March: 60.00 EUR are taken. Of it 1.09 is our fee (0.84 + 0.25), 0.12 interchange, 6.00 reserve. What the
-- acquirer will charge us is an estimate and does not touch what it owes us.

select story.step('pay_1', 0, 'capture_succeeded', at => '2026-03-02T10:00:00Z',
  parts => '{"authorization_state": "released", "amount_authorized": 6000, "amount_captured": 6000, "pending": false}',
  operations => story.capture('cap_1', 6000, '{"kind": "capture", "currency": "EUR", "gross": "6000", "rate": null,
    "platformFee": {"schedule": "fee_platform", "amount": "109", "onRefund": "return"}, "recharged": "12", "rounding": "0",
    "costs": [{"kind": "interchange", "schedule": "fee_eur", "amount": "12", "recharged": "12"}],
    "reserve": {"terms": "res_1", "amount": "600", "releaseAt": 1773655200000}, "availability": {"terms": "avt_1", "at": 1772618400000}}',
    5279, due => '2026-03-04T10:00:00Z'),
  transactions => story.legs('cap_1', 'sold', 'acquirer_receivable:acquirer-1', 'EUR', '6000', 'merchant_payable:pending', 'EUR', '-6000')
    || story.legs('cap_1', 'costs_accrued', 'fee_expense:interchange', 'EUR', '12', 'acquirer_fees_accrued:acquirer-1', 'EUR', '-12')
    || story.legs('cap_1', 'costs_recharged', 'merchant_payable:pending', 'EUR', '12', 'fee_recovery:interchange', 'EUR', '-12')
    || story.legs('cap_1', 'platform_fee', 'merchant_payable:pending', 'EUR', '109', 'fee_revenue', 'EUR', '-109')
    || story.legs('cap_1', 'reserve_held', 'merchant_payable:pending', 'EUR', '600', 'merchant_reserve', 'EUR', '-600'));

-- What it came to is a fact once it is written, and no more can be given back than was taken.

reset role;

update operations set settlement = settlement || '{"gross": "9999"}' where id = 'cap_1';

update operations set funds = funds || '{"refunded": "6001"}' where id = 'cap_1';

set role quittance_worker;

-- 3 March: 40.00 GBP at 1.1712 are 46.848 EUR, so 46.85. Both sides stand in our position until the acquirer
-- has paid. Our fee is 0.65590 + 0.25 = 0.91; interchange of 0.12 GBP is 0.14 EUR; the reserve is 4.685, and of
-- two cents that are equally near it is the even one: 4.68.

select story.step('pay_2', 0, 'capture_succeeded', at => '2026-03-03T16:00:00Z',
  parts => '{"authorization_state": "released", "amount_authorized": 4000, "amount_captured": 4000, "pending": false}',
  operations => story.capture('cap_2', 4000, '{"kind": "capture", "currency": "EUR", "gross": "4685",
    "rate": {"base": "GBP", "quote": "EUR", "rate": "1.1712", "source": "reference rate of 3 March", "validAt": 1772550000000},
    "platformFee": {"schedule": "fee_platform", "amount": "91", "onRefund": "return"}, "recharged": "14", "rounding": "0",
    "costs": [{"kind": "interchange", "schedule": "fee_gbp", "amount": "12", "recharged": "14"}],
    "reserve": {"terms": "res_1", "amount": "468", "releaseAt": 1773763200000}, "availability": {"terms": "avt_1", "at": 1772726400000}}',
    4112, due => '2026-03-05T16:00:00Z'),
  transactions => story.legs('cap_2', 'sold', 'acquirer_receivable:acquirer-1', 'GBP', '4000', 'merchant_payable:pending', 'GBP', '-4000')
    || story.legs('cap_2', 'converted', 'merchant_payable:pending', 'GBP', '4000', 'position', 'GBP', '-4000', 'position', 'EUR', '4685', 'merchant_payable:pending', 'EUR', '-4685')
    || story.legs('cap_2', 'costs_accrued', 'fee_expense:interchange', 'GBP', '12', 'acquirer_fees_accrued:acquirer-1', 'GBP', '-12')
    || story.legs('cap_2', 'costs_recharged', 'merchant_payable:pending', 'EUR', '14', 'fee_recovery:interchange', 'EUR', '-14')
    || story.legs('cap_2', 'platform_fee', 'merchant_payable:pending', 'EUR', '91', 'fee_revenue', 'EUR', '-91')
    || story.legs('cap_2', 'reserve_held', 'merchant_payable:pending', 'EUR', '468', 'merchant_reserve', 'EUR', '-468'));

select * from story.currencies;

-- Nobody waits for what comes next: it is a date in a row. On 4 March one capture is due, on 5 March both.

select id, funds_due_at at time zone 'utc' as due from operations where funds_due_at <= '2026-03-04T12:00:00Z' order by 2;

select story.step('pay_1', 1, 'funds_available:cap_1', at => '2026-03-04T10:00:00Z',
  operations => story.capture('cap_1', 6000, (select settlement from operations where id = 'cap_1'), 0, moved_at => 1772618400000, due => '2026-03-16T10:00:00Z'),
  transactions => story.legs('cap_1', 'funds_available', 'merchant_payable:pending', 'EUR', '5279', 'merchant_payable:available', 'EUR', '-5279'));

select story.step('pay_2', 1, 'funds_available:cap_2', at => '2026-03-05T16:00:00Z',
  operations => story.capture('cap_2', 4000, (select settlement from operations where id = 'cap_2'), 0, moved_at => 1772726400000, due => '2026-03-17T16:00:00Z'),
  transactions => story.legs('cap_2', 'funds_available', 'merchant_payable:pending', 'EUR', '4112', 'merchant_payable:available', 'EUR', '-4112'));

-- A second process does the same, because it saw the same row: it finds it done. One that was decided
-- before that is stale.

select story.step('pay_2', 1, 'funds_available:cap_2');

select story.step('pay_2', 1, 'another step');

-- 10 March: 15.00 of the 60.00 are given back. The funds are available by now, so they are taken from there; a
-- quarter of our fee, 0.2725, comes back with it.

select story.step('pay_1', 2, 'refund_started', at => '2026-03-10T09:00:00Z',
  parts => '{"amount_refund_pending": 1500}',
  operations => story.operation('ref_1', 'refund', 1500, 'pending')
    || story.capture('cap_1', 6000, (select settlement from operations where id = 'cap_1'), 0, moved_at => 1772618400000, due => '2026-03-16T10:00:00Z', refunded => 1500),
  transactions => story.legs('ref_1', 'refund_accepted', 'merchant_payable:available', 'EUR', '1500', 'refunds_in_flight', 'EUR', '-1500'));

select story.step('pay_1', 3, 'refund_succeeded', at => '2026-03-10T09:00:01Z',
  parts => '{"amount_refund_pending": 0, "amount_refunded": 1500}',
  operations => story.operation('ref_1', 'refund', 1500, 'succeeded')
    || story.capture('cap_1', 6000, (select settlement from operations where id = 'cap_1'), 0, moved_at => 1772618400000, due => '2026-03-16T10:00:00Z', refunded => 1500, fee_returned => 27),
  transactions => story.legs('ref_1', 'refund_succeeded', 'refunds_in_flight', 'EUR', '1500', 'acquirer_receivable:acquirer-1', 'EUR', '-1500')
    || story.legs('ref_1', 'platform_fee_refunded', 'fee_revenue', 'EUR', '27', 'merchant_payable:available', 'EUR', '-27'));

-- 16 and 17 March: the reserves are released. After that no row is due any more.

select story.step('pay_1', 4, 'reserve_released:cap_1', at => '2026-03-16T10:00:00Z',
  operations => story.capture('cap_1', 6000, (select settlement from operations where id = 'cap_1'), 0, moved_at => 1772618400000, released_at => 1773655200000, refunded => 1500, fee_returned => 27),
  transactions => story.legs('cap_1', 'reserve_released', 'merchant_reserve', 'EUR', '600', 'merchant_payable:available', 'EUR', '-600'));

select story.step('pay_2', 2, 'reserve_released:cap_2', at => '2026-03-17T16:00:00Z',
  operations => story.capture('cap_2', 4000, (select settlement from operations where id = 'cap_2'), 0, moved_at => 1772726400000, released_at => 1773763200000),
  transactions => story.legs('cap_2', 'reserve_released', 'merchant_reserve', 'EUR', '468', 'merchant_payable:available', 'EUR', '-468'));

select count(*) as due from operations where funds_due_at is not null;

-- The month's statement: what was owed to the shop, where, and why. Amounts are from the shop's side.

select * from story.statement;

-- In one line for each kind: 106.85 EUR of sales, less 14.73 given back with its fee, less 2.26 of fees.

select event, currency, sum(amount) as amount from story.statement group by event, currency having sum(amount) <> 0 order by 1, 2;

-- What the shop can be paid on 31 March, and what we earned: 1.73 of fees, and what is passed on of 0.12 EUR and
-- 0.12 GBP of interchange. The position is open until the acquirer pays the pounds.

select * from story.currencies where balance <> 0;

select p.currency, sum(p.amount) as left_over from ledger_postings p where p.merchant_id = 'mer_shop' group by p.currency order by 1;
