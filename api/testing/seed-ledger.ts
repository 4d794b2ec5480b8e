import type pg from 'pg';

/**
 * Many transactions of one merchant, two legs each, a second apart from 2026-03-01 on; written past
 * the guards, for speed. Every thousandth is a refund_failed with `refunds_in_flight` for its credit side.
 */
export async function seedLedger(database: pg.Pool, merchant: string, count: number): Promise<void> {
  const client = await database.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query(
      `with transactions as (
         insert into ledger_transactions (merchant_id, mode, payment_id, event, business_key, at, workflow_id, workflow_run_id)
         select $1, 'test', 'pay_' || n, case when n % 1000 = 0 then 'refund_failed' else 'captured' end, 'seed ' || n,
                timestamptz '2026-03-01 00:00:00Z' + n * interval '1 second', 'pay_' || n, 'run-1'
         from generate_series(1, $2::integer) n
         returning id, event
       ), legs as (
         select t.id, side.line, side.amount, case
             when side.line = 1 then 'acquirer_receivable'
             when t.event = 'refund_failed' then 'refunds_in_flight'
             else 'merchant_payable:pending' end as code
         from transactions t cross join (values (1, 1), (2, -1)) as side (line, amount)
       ), postings as (
         insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
         select $1, 'test', id, line, code, 'EUR', amount, row_number() over (partition by code order by id) from legs
       ), accounts as (
         insert into ledger_accounts (merchant_id, mode, code, currency, normal_side, kind, may_go_against)
         select distinct $1, 'test', code, 'EUR', case line when 1 then 'debit' else 'credit' end, code, true from legs
       )
       insert into ledger_balances (merchant_id, mode, code, currency, balance, last_sequence)
       select $1, 'test', code, 'EUR', sum(amount), count(*) from legs group by code`,
      [merchant, count],
    );
    // Index-only scans need the visibility map, which autovacuum keeps elsewhere.
    await client.query(
      'vacuum analyze ledger_transactions, ledger_postings, ledger_balances, ledger_accounts',
    );
  } finally {
    // Not returned: its triggers are off.
    client.release(true);
  }
}
