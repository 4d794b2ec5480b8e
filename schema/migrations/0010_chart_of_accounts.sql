-- The chart of accounts, hot balances in stripes, and what a ledger transaction was caused by.

-- What kinds of account there are. An account's code is its kind, or kind:qualifier (one acquirer's, one
-- settlement currency's): 'acquirer_receivable:acquirer-1'. The same list stands in workflows/domain/posting.ts; a
-- test compares them. A new kind comes with a migration of its own.
create table ledger_account_kinds (
  kind text primary key check (kind ~ '^[a-z_]+(:[a-z0-9_-]+)?$'),
  -- The side on which its accounts normally grow.
  normal_side text not null check (normal_side in ('debit', 'credit')),
  -- In one sentence: what is on it.
  what text not null check (length(what) between 10 and 300),
  -- Over so many rows the balance of an account of this kind is spread, so that writers do not queue for
  -- one. All postings of one payment on one account are in one stripe: what holds of every payment (that
  -- a hold never goes below nothing) holds of every stripe as well. Taken when an account is opened.
  stripes smallint not null default 1 check (stripes between 1 and 64),
  -- May a balance stand on the other side than the normal one? Where not, no posting may bring it there:
  -- of the whole account where it has one stripe; of each stripe, which is more, where it has several.
  may_go_against boolean not null
);
insert into ledger_account_kinds (kind, normal_side, may_go_against, what) values
  ('auth_hold:acquirer', 'debit', false, 'What acquirers hold for us on cardholders'' accounts: promised, not moved.'),
  ('auth_hold:merchant', 'credit', false, 'The same promises, as what the merchant may still capture.'),
  ('acquirer_receivable', 'debit', true, 'What one acquirer owes us for captures, less what we have it give back.'),
  ('merchant_payable:pending', 'credit', true, 'What we owe the merchant, not yet due; below nothing when more was refunded than captured.'),
  ('refunds_in_flight', 'credit', false, 'Refunds that were accepted and are not yet taken by the acquirer.'),
  ('unallocated_receipts', 'credit', false, 'Money of sales that nobody asked for, until it is given back.');
grant select on ledger_account_kinds to quittance_api, quittance_worker;

-- Taken from the kind when the account is opened (accounts_guard): an account whose stripes changed later
-- would have a payment's postings in two of them.
alter table ledger_accounts
  add column kind text references ledger_account_kinds,
  add column stripes smallint not null default 1 check (stripes between 1 and 64),
  add column may_go_against boolean;
update ledger_accounts a set kind = k.kind, may_go_against = k.may_go_against
from ledger_account_kinds k where k.kind in (a.code, split_part(a.code, ':', 1)) and k.normal_side = a.normal_side;
-- An account that is in no chart, or on another side than the chart says, stops this migration: whose is it?
alter table ledger_accounts alter column kind set not null, alter column may_go_against set not null;

-- One row for each stripe of an account; its balance is their sum, in one snapshot.
alter table ledger_balances
  add column stripe smallint not null default 0 check (stripe >= 0),
  -- The side that it must not leave (balances_guard); null = it may stand on either.
  add column only_side text check (only_side in ('debit', 'credit')),
  drop constraint ledger_balances_pkey,
  add primary key (merchant_id, mode, code, currency, stripe);
update ledger_balances b set only_side = a.normal_side from ledger_accounts a
where not a.may_go_against and (a.merchant_id, a.mode, a.code, a.currency) = (b.merchant_id, b.mode, b.code, b.currency);

-- Gapless per account and stripe.
alter table ledger_postings add column stripe smallint not null default 0 check (stripe >= 0);
drop index ledger_postings_sequence;
create unique index ledger_postings_sequence on ledger_postings (merchant_id, mode, code, currency, stripe, account_sequence);

-- Which step of the payment posted it, and which run of which activity wrote that step. Null in older rows,
-- and where no activity did.
alter table ledger_transactions add column cause text, add column activity text;

-- How the transactions of a seal are hashed (seal_ledger): 1 = the text of their rows as they were before
-- this migration; 2 = all columns there are now, in binary. A seal keeps the format it was made in.
alter table ledger_seals add column format smallint not null default 1 check (format in (1, 2));
alter table ledger_seals alter column format set default 2;

-- One leg of a transaction that is being posted, with what its account says of it (post_transactions).
create type ledger_leg as (
  place integer, merchant_id text, mode text, code text, currency char(3), amount bigint, stripe smallint, only_side text
);
