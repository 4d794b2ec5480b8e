-- What is agreed about money: fees, reserves, when funds become available, in what currency a merchant
-- is settled, and exchange rates. Each agreement is a dated row: it is in force from valid_from until
-- before valid_to, and what was agreed never changes (terms_guard); to agree on something else the row
-- is ended and another one inserted. What was applied to a capture is kept with the capture.
-- A merchant without such rows is owed what was captured, pending, in the currency of the payment.

-- Fees by formula: fixed + parts per million of the amount, by tiers, within limits, rounded half to even.
create table fee_schedules (
  merchant_id text not null references merchants,
  id text not null check (id ~ '^fee_'),
  mode text not null check (mode in ('test', 'live')),
  -- platform: what the merchant pays us. The others: what we pay for the merchant's payments.
  kind text not null check (kind in ('platform', 'acquirer', 'scheme', 'interchange')),
  -- The account that it is charged on; null = any.
  account_id text,
  foreign key (merchant_id, account_id) references merchant_acquirer_accounts,
  -- Null = any. A row for one brand or one account goes before one for any.
  brand text,
  -- Of its amounts, and of what it is charged on: a platform's fee on what the merchant is settled, the
  -- others on what was captured.
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  fixed bigint not null default 0 check (fixed between 0 and 999999999999),
  ppm integer not null default 0 check (ppm between 0 and 1000000),
  fee_min bigint check (fee_min between 0 and 999999999999),
  fee_max bigint check (fee_max between 0 and 999999999999),
  check (fee_min <= fee_max),
  -- [{"up_to", "fixed", "ppm"}]: up to that amount, included, these apply instead of the
  -- fixed and ppm above, which apply beyond the last tier: so there is a fee for every amount.
  tiers jsonb not null default '[]' check (jsonb_typeof(tiers) = 'array' and jsonb_array_length(tiers) <= 20),
  -- A tier that cannot be read would stop every capture that it is for.
  constraint fee_schedules_tiers_are_whole check (jsonb_array_length(tiers) = jsonb_array_length(jsonb_path_query_array(tiers, '$[*] ? (
    @.up_to.type() == "number" && @.up_to.floor() == @.up_to && @.up_to >= 1 && @.up_to <= 999999999999
    && @.fixed.type() == "number" && @.fixed.floor() == @.fixed && @.fixed >= 0 && @.fixed <= 999999999999
    && @.ppm.type() == "number" && @.ppm.floor() == @.ppm && @.ppm >= 0 && @.ppm <= 1000000)'))),
  -- Passed on to the merchant.
  recharge boolean not null default false check (not recharge or kind <> 'platform'),
  -- What a refund does to a platform's fee.
  on_refund text not null default 'keep' check (on_refund = 'keep' or (on_refund = 'return' and kind = 'platform')),
  valid_from timestamptz not null default now(),
  valid_to timestamptz check (valid_to >= valid_from),
  primary key (merchant_id, id),
  -- Two that begin together would be in force together: which one counts must not be a matter of luck.
  constraint fee_schedules_one_begins unique nulls not distinct (merchant_id, mode, kind, account_id, brand, currency, valid_from)
);

-- A part of what is captured is held back for some time.
create table reserve_terms (
  merchant_id text not null references merchants,
  id text not null check (id ~ '^res_'),
  mode text not null check (mode in ('test', 'live')),
  ppm integer not null check (ppm between 1 and 1000000),
  held_for interval not null check (held_for > interval '0'),
  valid_from timestamptz not null default now(),
  valid_to timestamptz check (valid_to >= valid_from),
  primary key (merchant_id, id),
  constraint reserve_terms_one_begins unique (merchant_id, mode, valid_from)
);

-- How long after their capture funds become available.
create table availability_terms (
  merchant_id text not null references merchants,
  id text not null check (id ~ '^avt_'),
  mode text not null check (mode in ('test', 'live')),
  available_after interval not null check (available_after >= interval '0'),
  valid_from timestamptz not null default now(),
  valid_to timestamptz check (valid_to >= valid_from),
  primary key (merchant_id, id),
  constraint availability_terms_one_begins unique (merchant_id, mode, valid_from)
);

-- In what currency the merchant is owed what cardholders paid in another.
create table settlement_terms (
  merchant_id text not null references merchants,
  id text not null check (id ~ '^stt_'),
  mode text not null check (mode in ('test', 'live')),
  account_id text,
  foreign key (merchant_id, account_id) references merchant_acquirer_accounts,
  presentment_currency char(3) not null check (presentment_currency ~ '^[A-Z]{3}$'),
  settlement_currency char(3) not null check (settlement_currency ~ '^[A-Z]{3}$'),
  -- capture: a refund is converted at the rate of its capture; current: at the one of its own day.
  refund_rate text not null default 'capture' check (refund_rate in ('capture', 'current')),
  valid_from timestamptz not null default now(),
  valid_to timestamptz check (valid_to >= valid_from),
  primary key (merchant_id, id),
  constraint settlement_terms_one_begins unique nulls not distinct (merchant_id, mode, account_id, presentment_currency, valid_from)
);

-- What one unit of base costs in units of quote, exactly as its source said. Each direction is a rate
-- of its own: buying is not the inverse of selling.
create table fx_rates (
  base char(3) not null check (base ~ '^[A-Z]{3}$'),
  quote char(3) not null check (quote ~ '^[A-Z]{3}$' and quote <> base),
  valid_from timestamptz not null,
  -- How long it may be used. After that it is none, and what cannot be converted stays in its currency.
  valid_to timestamptz not null check (valid_to > valid_from),
  -- numeric: exact decimals, of which the application reads the text and never a float.
  rate numeric(24, 12) not null check (rate > 0),
  source text not null check (length(source) between 1 and 100),
  primary key (base, quote, valid_from)
);
create trigger append_only before update or delete or truncate on fx_rates for each statement execute function refuse_change();

grant select on fee_schedules, reserve_terms, availability_terms, settlement_terms, fx_rates to quittance_worker;

-- What a capture or refund came to, by which terms, and where its funds are (schema/settlement-json.ts
-- has their shape: amounts as texts of digits, times in ms). Captures are the lots that refunds take from.
alter table operations
  -- Written with the success of a capture, and when a refund is accepted; never changed (operations_guard).
  add column settlement jsonb,
  add column funds jsonb,
  -- When the next thing happens to its funds by itself: they become available, or the reserve is released.
  add column funds_due_at timestamptz;
alter table operations
  add constraint operations_settle_money check (settlement is null or kind in ('capture', 'refund')),
  -- Funds move by what was settled, and only as long as the capture stands.
  add constraint operations_have_funds check (funds is null or (settlement is not null and funds ->> 'kind' = kind)),
  add constraint operations_funds_due check (funds_due_at is null or (kind = 'capture' and state = 'succeeded' and funds is not null)),
  -- No more is given back than was taken, of anything.
  add constraint operations_funds_within check (kind <> 'capture' or funds is null or (
    (funds ->> 'refunded')::bigint between 0 and amount
    and (funds ->> 'carried')::bigint between 0 and (settlement ->> 'gross')::bigint
    and (funds ->> 'feeReturned')::bigint between 0 and coalesce((settlement #>> '{platformFee,amount}')::bigint, 0))),
  -- What has become available is not pending as well.
  add constraint operations_funds_in_one_place check (kind <> 'capture' or funds ->> 'movedAt' is null or funds ->> 'pending' = '0');
-- "What is due?" Nothing but lots that wait are in it.
create index operations_funds_due_at on operations (funds_due_at) where funds_due_at is not null;

-- The chart of accounts. Where a balance may not go against its side, what is taken was there before.
insert into ledger_account_kinds (kind, normal_side, may_go_against, what) values
  ('merchant_payable:available', 'credit', true, 'What we owe the merchant and may pay out; below nothing when more was refunded since.'),
  ('merchant_reserve', 'credit', false, 'What we hold back of the merchant''s captures until its time is over.'),
  ('fee_revenue', 'credit', false, 'What the platform charged the merchant, less what was given back with refunds.'),
  ('fee_recovery:acquirer', 'credit', false, 'Acquirers'' fees that were passed on to the merchant.'),
  ('fee_recovery:scheme', 'credit', false, 'Card schemes'' fees that were passed on to the merchant.'),
  ('fee_recovery:interchange', 'credit', false, 'Interchange that was passed on to the merchant.'),
  ('fee_rounding', 'credit', true, 'What fees rounded together differ by from the same fees rounded one by one.'),
  ('fee_expense:acquirer', 'debit', true, 'What acquirers charge us for the merchant''s payments, as estimated.'),
  ('fee_expense:scheme', 'debit', true, 'What card schemes charge us for the merchant''s payments, as estimated.'),
  ('fee_expense:interchange', 'debit', true, 'Interchange on the merchant''s payments, as estimated.'),
  ('acquirer_fees_accrued', 'credit', true, 'What one acquirer will charge us by our estimate, until its settlement says so.'),
  ('position', 'debit', true, 'What we are owed in one currency and owe in another, between conversion and settlement.'),
  ('fx_gain_loss', 'credit', true, 'What conversions of the same money at different rates differ by; losses are below nothing.');
