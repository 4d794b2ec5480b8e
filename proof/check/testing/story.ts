/**
 * What becomes of the generated payments, as SQL over two temporary tables: `g` has a row for each payment,
 * `s` one for each attempt. What everybody writes down is rendered from the same rows.
 */

/** How a payment goes: ten kinds in turn, three of them the same sale. */
const STORY = `(array['sale', 'sale', 'sale', 'stripe', 'captured', 'captured', 'refunded', 'declined', 'voided', 'adyen'])[1 + n % 10]`;

export const BASE = `
insert into acquirers (id, wire, task_queue, fences_by_reversal) values
  ('acquirer-1', 'iso8583', 'acquirer:acquirer-1', true), ('acquirer-3', 'stripe', 'acquirer:acquirer-3', true),
  ('acquirer-4', 'adyen', 'acquirer:acquirer-4', true);
insert into merchants (id, name, country, mcc)
  select 'mer_' || lpad(n::text, 26, '0'), 'Shop ' || n, 'NL', '5732' from generate_series(0, :merchants - 1) n;
insert into merchant_acquirer_accounts (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc, acceptor_name, single_message, currencies, brands)
  select id, 'aca_1' || substr(id, 5), 'acquirer-1', 'test', '999999', 'TEST' || right(id, 11), array['TEST0001'], '5732', 'TEST', true, array['EUR'], array['visa'] from merchants
  union all
  select id, 'aca_3' || substr(id, 5), 'acquirer-3', 'test', null, 'acct_' || right(id, 16), null, '5732', null, true, array['EUR'], array['visa'] from merchants
  union all
  select id, 'aca_4' || substr(id, 5), 'acquirer-4', 'test', null, 'Shop' || right(id, 16), null, '5732', null, true, array['EUR'], array['visa'] from merchants;
insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret, created_at)
  select id, 'whe_' || substr(id, 5), 'test', 'http://127.0.0.1:9/', '{}', now() - interval '1 day' from merchants where right(id, 1) in ('0', '2', '4', '6', '8');
create temp table g on commit drop as
  select n, 'mer_' || lpad((n % :merchants)::text, 26, '0') as merchant_id, lpad((n % :merchants)::text, 26, '0') as shop,
    'pay_' || suffix as pay, suffix, story, case story when 'stripe' then 'acquirer-3' when 'adyen' then 'acquirer-4' else 'acquirer-1' end as acquirer,
    1000 + n % 9000 as amount, at, case story when 'captured' then 4 when 'refunded' then 6 when 'voided' then 4 else 2 end as version,
    case story when 'sale' then 'captured' when 'stripe' then 'captured' when 'adyen' then 'captured' when 'refunded' then 'partially_refunded' else story end as status
  from (
    select n, at, substr(id_floor('x', at), 3) || lpad(n::text, 16, '0') as suffix, ${STORY} as story
    from (select n, date_trunc('milliseconds', now()) - interval '20 minutes' - (:payments - n) * interval '20 milliseconds' as at from generate_series(1, :payments) n) numbered
  ) told;
create temp table s on commit drop as
  select g.*, t.step, t.kind, t.op_kind, t.op || '_' || suffix as op, 'att_' || t.op || '_' || suffix || '_1' as att,
    case when t.step > 1 then 'att_auth_' || suffix || '_1' end as original, case t.kind when 'refund' then 500 else amount end as moved,
    g.story <> 'declined' as approved, row_number() over (order by g.n, t.step) as seq, at + t.step * interval '300 milliseconds' as done_at
  from g join (values
    ('sale', 1, 'sale', 'authorize', 'auth'), ('stripe', 1, 'sale', 'authorize', 'auth'), ('adyen', 1, 'sale', 'authorize', 'auth'), ('declined', 1, 'sale', 'authorize', 'auth'),
    ('captured', 1, 'authorization', 'authorize', 'auth'), ('captured', 2, 'capture', 'capture', 'cap'),
    ('refunded', 1, 'authorization', 'authorize', 'auth'), ('refunded', 2, 'capture', 'capture', 'cap'), ('refunded', 3, 'refund', 'refund', 'ref'),
    ('voided', 1, 'authorization', 'authorize', 'auth'), ('voided', 2, 'void', 'void', 'void')
  ) as t (story, step, kind, op_kind, op) on t.story = g.story;
alter table s add column stan text, add column sent_at text, add column rrn text;
update s set stan = lpad((seq % 1000000)::text, 6, '0'), sent_at = lpad((1121000000 + seq / 1000000)::text, 10, '0'),
  rrn = case kind when 'refund' then '7' else '6' end || lpad(n::text, 11, '0');
analyze g; analyze s;
`;

const APPROVED = `case when approved then 'approved' else 'declined' end`;

export const ATTEMPTS = `
insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, attempts, current_attempt_id, created_at, concluded_at, failure_code)
  select merchant_id, op, pay, op_kind, moved, case when approved then 'succeeded' else 'failed' end, 'concluded', 1, att, done_at - interval '200 milliseconds', done_at,
    case when not approved then 'declined' end from s;
insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at, concluded_at)
  select merchant_id, 'cap_' || suffix, pay, 'capture', amount, 'succeeded', 'concluded', done_at, done_at from s where kind = 'sale' and approved;
insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, state, on_unknown, amount, currency, wire,
    original_attempt_id, planned_at, send_by, sends, sending_at, answered_at, outcome, response_code, approved_amount)
  select merchant_id, att, pay, op, 1, kind, acquirer, 'aca_' || right(acquirer, 1) || shop, 'answered', 'reverse', moved, 'EUR',
    case acquirer when 'acquirer-1' then jsonb_build_object(
      'mti', case kind when 'authorization' then '0100' when 'capture' then '0220' when 'void' then '0400' else '0200' end,
      'mcc', '5732', 'rrn', case kind when 'refund' then rrn else '6' || substr(rrn, 2) end, 'stan', stan, 'amount', lpad(moved::text, 12, '0'), 'acceptor', 'QUITTANCE TEST SHOP    AMSTERDAM    NL  ',
      'currency', '978', 'terminal', 'TEST0001', 'entryMode', '012', 'forwarder', '999999', 'localDate', '1121', 'localTime', '201916', 'institution', '999999',
      'conditionCode', '59', 'processingCode', '000000', 'transmissionAt', sent_at, 'merchantAccount', 'TEST' || right(shop, 11))
    when 'acquirer-4' then jsonb_build_object('request', 'pay_automatic', 'amount', moved::text, 'currency', 'EUR')
    else jsonb_build_object('request', 'confirm_automatic', 'amount', moved::text, 'currency', 'eur') end,
    original, done_at - interval '200 milliseconds', done_at + interval '15 seconds', 1, done_at - interval '100 milliseconds', done_at - interval '10 milliseconds',
    ${APPROVED}, case when approved then '00' else '51' end, case when approved then moved end
  from s`;

export const PAYMENTS = `
insert into payments (merchant_id, id, mode, version, created_at, updated_at, amount, currency, capture_method, staging_id, authorize_by, authorization_state, conclusion,
    amount_authorized, amount_captured, amount_refunded, status, pending, card_token, card_brand, card_bin, card_last_four, card_expiry_month, card_expiry_year, authorization_attempt_id)
  select merchant_id, pay, 'test', version, at, at + interval '1 second', amount, 'EUR', case when story in ('sale', 'stripe', 'adyen', 'declined') then 'automatic' else 'manual' end,
    'stg_' || suffix, at + interval '10 minutes', case when story = 'declined' then 'none' else 'released' end, case when story = 'declined' then 'declined' else 'open' end,
    case when story = 'declined' then 0 else amount end, case when story in ('declined', 'voided') then 0 else amount end, case when story = 'refunded' then 500 else 0 end,
    status, false, 'card_' || suffix, 'visa', '424242', '4242', 12, 2030, case when story <> 'declined' then 'att_auth_' || suffix || '_1' end
  from g`;

export const STORED = `
insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body, state, answer_status, answer_body, created_at, done_at)
  select merchant_id, 'cmd_' || step || suffix, pay, case step when 1 then 'create' else op_kind end, 'merchant', op, '{}', 'done', case when step in (1, 3) then 201 else 200 end,
    case step when 3 then json_build_object('id', op, 'object', 'refund', 'amount', moved, 'status', 'succeeded', 'payment', pay)::text
      else json_build_object('id', pay, 'object', 'payment', 'amount', amount,
        'status', case when step = 1 and kind = 'authorization' then 'authorized' when step = 2 and kind = 'capture' then 'captured' else status end, 'version', step * 2)::text end,
    done_at - interval '250 milliseconds', done_at from s;
insert into idempotency_keys (merchant_id, mode, key, fingerprint, payment_id, command_id, created_at)
  select merchant_id, 'test', 'key-' || step || '-' || n, sha256('x'), pay, 'cmd_' || step || suffix, done_at - interval '250 milliseconds' from s;
insert into payment_history (merchant_id, payment_id, version, at, cause, event, status, detail, workflow_run_id)
  select merchant_id, pay, step * 2 - 1, done_at - interval '200 milliseconds', 'begin:' || op, op_kind || '_started',
    case step when 1 then 'processing' when 2 then 'authorized' else 'captured' end, jsonb_build_object('kind', kind, 'attempt', att), 'run-' || n from s
  union all
  select merchant_id, pay, step * 2, done_at, 'conclude:' || att || ':0', op_kind || '_succeeded',
    case when step = 1 and kind = 'authorization' then 'authorized' when step = 2 and kind = 'capture' then 'captured' else status end, '{"postings": []}', 'run-' || n from s`;

const EVENT_ID = `'evt_' || substr(id_floor('x', done_at), 3) || lpad(n::text, 15, '0') || step`;

export const EVENTS = `
insert into events (merchant_id, id, mode, payment_id, version, type, body, created_at)
  select merchant_id, ${EVENT_ID}, 'test', pay, step * 2,
    case kind when 'refund' then 'refund.succeeded' when 'void' then 'payment.voided' when 'authorization' then 'payment.authorized' else 'payment.' || status end,
    json_build_object('object', 'event', 'data', json_build_object('payment', pay))::text, done_at from s;
insert into deliveries (merchant_id, id, event_id, endpoint_id, state, attempts, created_at, concluded_at)
  select s.merchant_id, 'dlv_' || substr(${EVENT_ID}, 5) || '_' || substr(w.id, 5), ${EVENT_ID}, w.id, 'delivered', 1, done_at, done_at + interval '50 milliseconds'
  from s join webhook_endpoints w on w.merchant_id = s.merchant_id;
insert into delivery_attempts (merchant_id, delivery_id, number, at, response_status, latency_ms)
  select merchant_id, id, 1, created_at, 204, 5 from deliveries`;

export const LEDGER = `
insert into ledger_transactions (merchant_id, mode, id, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id, workflow_run_id, cause, activity)
  overriding system value
  select merchant_id, 'test', 2 * seq + part, pay, op, att, event, op || ':' || event, done_at, pay, 'run-' || n, 'conclude:' || att || ':0', 'conclude 1'
  from s join (values ('sale', 0, 'sold'), ('authorization', 0, 'authorized'), ('capture', 0, 'captured'), ('void', 0, 'released'), ('refund', 0, 'refund_accepted'), ('refund', 1, 'refund_succeeded'))
    as e (of_kind, part, event) on e.of_kind = s.kind
  where approved;
insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, stripe, account_sequence)
  select s.merchant_id, 'test', t.id, l.line, replace(l.code, '*', s.acquirer), 'EUR', l.side * s.moved, 0,
    row_number() over (partition by s.merchant_id, replace(l.code, '*', s.acquirer) order by t.id)
  from ledger_transactions t join s on s.merchant_id = t.merchant_id and s.att = t.attempt_id
  join (values
    ('sold', 1, 'acquirer_receivable:*', 1), ('sold', 2, 'merchant_payable:pending', -1),
    ('authorized', 1, 'auth_hold:acquirer', 1), ('authorized', 2, 'auth_hold:merchant', -1),
    ('released', 1, 'auth_hold:merchant', 1), ('released', 2, 'auth_hold:acquirer', -1),
    ('captured', 1, 'acquirer_receivable:*', 1), ('captured', 2, 'auth_hold:acquirer', -1), ('captured', 3, 'auth_hold:merchant', 1), ('captured', 4, 'merchant_payable:pending', -1),
    ('refund_accepted', 1, 'merchant_payable:pending', 1), ('refund_accepted', 2, 'refunds_in_flight', -1),
    ('refund_succeeded', 1, 'refunds_in_flight', 1), ('refund_succeeded', 2, 'acquirer_receivable:*', -1)
  ) as l (event, line, code, side) on l.event = t.event;
insert into ledger_balances (merchant_id, mode, code, currency, stripe, balance, last_sequence)
  select merchant_id, mode, code, currency, stripe, sum(amount), max(account_sequence) from ledger_postings group by 1, 2, 3, 4, 5`;

const ISO_TIME = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/** Every acquirer's journal, as its simulator would have written it. */
export const JOURNALS: Readonly<Record<string, string>> = {
  'acquirer-1': `
    select json_build_object('sequence', seq, 'at', to_char(done_at - interval '50 milliseconds', ${ISO_TIME}),
      'kind', case when not approved then 'declined' when kind = 'authorization' then 'approved' when kind = 'capture' then 'captured' when kind = 'refund' then 'refunded' when kind = 'void' then 'voided' else 'sale' end,
      'mti', case kind when 'authorization' then '0100' when 'capture' then '0220' when 'void' then '0400' else '0200' end, 'request', kind,
      'key', case kind when 'authorization' then '0110' when 'capture' then '0230' when 'void' then '0410' else '0210' end || '|' || stan || '|' || sent_at || '|999999|TEST0001',
      'stan', stan, 'rrn', rrn, 'originalRrn', case when step > 1 then '6' || substr(rrn, 2) end, 'originalKey', null, 'institution', '999999', 'terminal', 'TEST0001',
      'merchantAccount', 'TEST' || right(shop, 11), 'amount', case when approved then moved else 0 end, 'requestedAmount', moved, 'remaining', null, 'currency', 'EUR',
      'responseCode', case when approved then '00' else '51' end, 'approvalCode', '000001', 'networkReference', 'QNET00000000001', 'settlementDate', '1121',
      'authorizationType', 'final', 'validUntil', null, 'cvvResult', 'M', 'avsResult', 'U', 'card', json_build_object('bin', '424242', 'lastFour', '4242'))
    from s where acquirer = 'acquirer-1' order by seq`,
  'acquirer-3': `
    select json_build_object('sequence', seq, 'at', to_char(done_at - interval '50 milliseconds', ${ISO_TIME}), 'kind', 'sale', 'merchantAccount', 'acct_' || right(shop, 16),
      'intent', 'pi_' || suffix, 'refund', null, 'amount', moved, 'currency', 'eur', 'attempt', att, 'key', att, 'bodyHash', 'x', 'status', 200, 'reply', json_build_object('id', 'pi_' || suffix))
    from s where acquirer = 'acquirer-3' order by seq`,
  'acquirer-4': `
    select json_build_object('sequence', seq, 'at', to_char(done_at - interval '50 milliseconds', ${ISO_TIME}), 'kind', 'sale', 'merchantAccount', 'Shop' || right(shop, 16),
      'payment', 'SIMPAY' || suffix, 'amount', moved, 'currency', 'EUR', 'attempt', att, 'key', att, 'bodyHash', 'x', 'status', 200, 'reply', json_build_object('resultCode', 'Authorised'),
      'paymentAfter', json_build_object('pspReference', 'SIMPAY' || suffix, 'reference', att), 'modificationAfter', null)
    from s where acquirer = 'acquirer-4' order by seq`,
};

/** Every request, as its client would have written it down, and a read after it. */
export const EXCHANGES = `
  select json_build_object('merchant', s.merchant_id, 'mode', 'test', 'kind', x.kind, 'path', x.path, 'key', case when x.kind <> 'read' then 'key-' || step || '-' || n end,
    'asked_at', to_char(s.done_at + x.later - interval '250 milliseconds', ${ISO_TIME}), 'ended_at', to_char(s.done_at + x.later + interval '5 milliseconds', ${ISO_TIME}),
    'status', x.status, 'body', x.body)
  from s join commands c on c.merchant_id = s.merchant_id and c.id = 'cmd_' || step || suffix
  cross join lateral (values
    (c.kind, '/v1/payments' || case when step > 1 then '/' || pay else '' end, c.answer_status::integer, c.answer_body, interval '0'),
    ('read', '/v1/payments/' || pay, 200, json_build_object('id', pay, 'object', 'payment', 'status', status, 'version', version)::text, interval '2 seconds')
  ) as x (kind, path, status, body, later)
  order by seq`;

export const RECEIVED = `
  select json_build_object('at', to_char(d.created_at, ${ISO_TIME}), 'webhook_id', d.id, 'type', e.type, 'payment', e.payment_id)
  from deliveries d join events e on e.merchant_id = d.merchant_id and e.id = d.event_id order by d.id`;
