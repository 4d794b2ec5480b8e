import type pg from 'pg';

/** Two currencies, each merchant in one partition. */
const CURRENCIES = ['EUR', 'JPY'];

/**
 * Fills an empty main database with whole payments as the application would have posted them:
 * authorized and captured, every third refunded in part, with balances (one account in two stripes) and
 * sequences. Written
 * set-wise, past the triggers, so that millions of postings take seconds.
 * @param superuser a connection that may set session_replication_role.
 */
export async function generateLedger(
  superuser: pg.ClientBase,
  { merchants, payments }: { readonly merchants: number; readonly payments: number },
): Promise<void> {
  await superuser.query('begin; set local session_replication_role = replica');
  await superuser.query(
    `insert into payments (merchant_id, id, mode, version, amount, currency, capture_method, staging_id, authorize_by, authorization_state,
       amount_authorized, amount_captured, amount_refunded, status, pending)
     select 'mer_' || lpad((n % $1)::text, 26, '0'), 'pay_' || lpad(n::text, 26, '0'), 'test', 5, 1000 + n, ($3::text[])[1 + n % 2], 'manual', 'stg_1', now(), 'released',
       1000 + n, 1000 + n, case when n % 3 = 0 then 500 else 0 end, case when n % 3 = 0 then 'partially_refunded' else 'captured' end, false
     from generate_series(1, $2::integer) n`,
    [merchants, payments, CURRENCIES],
  );
  // Sealed in an order: the transactions of PostgreSQL that there have been, spread over the payments.
  await superuser.query(
    `insert into ledger_transactions (merchant_id, mode, id, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id, workflow_run_id, cause, activity, xact)
     overriding system value
     select merchant_id, mode, 4 * n + e.step, id, 'auth_' || substr(id, 5), 'att_' || substr(id, 5) || '_' || e.step, e.event, id || ':' || e.event,
            timestamptz '2026-01-01 00:00:00Z' + n * interval '1.234567 seconds', id, 'run-' || n, 'attempt_answered: ' || e.step, 'conclude 1',
            (3 + (pg_current_xact_id()::text::bigint - 4) * (4 * n + e.step) / (4 * $1::bigint + 4))::text::xid8
     from (select *, substr(id, 5)::bigint as n from payments) p
     join (values (0, 'authorized'), (1, 'captured'), (2, 'refund_accepted'), (3, 'refund_succeeded')) as e (step, event)
       on e.step < 2 or p.amount_refunded > 0
     order by 3`,
    [payments],
  );
  await superuser.query(
    `insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, stripe, account_sequence)
     select t.merchant_id, t.mode, t.id, l.line, l.code, p.currency, l.side * case when t.event like 'refund%' then p.amount_refunded else p.amount end,
            s.stripe, row_number() over (partition by t.merchant_id, t.mode, l.code, p.currency, s.stripe order by t.id)
     from ledger_transactions t join payments p on p.merchant_id = t.merchant_id and p.id = t.payment_id
     join (values
       ('authorized', 1, 'auth_hold:acquirer', 1), ('authorized', 2, 'auth_hold:merchant', -1),
       ('captured', 1, 'acquirer_receivable:acquirer-1', 1), ('captured', 2, 'auth_hold:acquirer', -1),
       ('captured', 3, 'auth_hold:merchant', 1), ('captured', 4, 'merchant_payable:pending', -1),
       ('refund_accepted', 1, 'merchant_payable:pending', 1), ('refund_accepted', 2, 'refunds_in_flight', -1),
       ('refund_succeeded', 1, 'acquirer_receivable:acquirer-1', -1), ('refund_succeeded', 2, 'refunds_in_flight', 1)
     ) as l (event, line, code, side) on l.event = t.event
     cross join lateral (select stripe_of(t.payment_id, case when l.code like 'acquirer%' then 2 else 1 end::smallint) as stripe) s
     order by t.id, l.line`,
  );
  await superuser.query(
    `insert into ledger_balances (merchant_id, mode, code, currency, stripe, balance, last_sequence)
     select merchant_id, mode, code, currency, stripe, sum(amount), max(account_sequence) from ledger_postings group by 1, 2, 3, 4, 5`,
  );
  await superuser.query('commit');
  await superuser.query('analyze');
}
