-- What reading the ledger needs beside the tables of 0003_ledger.sql. Every index here is paid for by
-- every posting, so each has its question.

-- "As of this instant", "between these two", and a statement in the order of time, without a sort.
create index ledger_transactions_by_time on ledger_transactions (merchant_id, mode, at, id);
-- "Every refund_failed": an event can be rare in a long ledger. What happens to every payment is found
-- soon in the order of the ledger, and is not paid for.
create index ledger_transactions_by_event on ledger_transactions (merchant_id, mode, event, id)
  where event not in ('authorized', 'released', 'captured', 'sold');
-- One account's entries in the order of the ledger, and their sum from the index alone.
create index ledger_postings_by_account on ledger_postings (merchant_id, mode, code, currency, transaction_id, line) include (amount);
