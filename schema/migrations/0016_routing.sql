-- Where payments go, what that rests on, and which cards may not be tried again.
-- Rows of this file's tables are dated where the world changes them: a change is a new row, so that
-- a decision can be understood later.

-- What an account can be asked to do (workflows/domain/route/types.ts). 'no_security_code': takes a
-- payment whose security code is gone, as it is after another acquirer has answered.
alter table merchant_acquirer_accounts
  add column capabilities text[] not null default '{authorization,sale,partial_approval}'
    check (capabilities <@ '{authorization,sale,partial_approval,no_security_code}');

-- What an account takes of one currency, in minor units; without a row only the platform's limits hold.
create table account_amount_limits (
  merchant_id text not null,
  account_id text not null,
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  minimum bigint not null default 1 check (minimum >= 1),
  maximum bigint not null default 999999999999 check (maximum between minimum and 999999999999),
  step bigint not null default 1 check (step >= 1),
  primary key (merchant_id, account_id, currency),
  foreign key (merchant_id, account_id) references merchant_acquirer_accounts
);

-- While a window is open an acquirer gets no new payments.
create table acquirer_maintenance (
  acquirer_id text not null references acquirers,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  note text not null check (length(note) between 1 and 500),
  primary key (acquirer_id, starts_at)
);

-- How a merchant wants to be routed; without a row the defaults of workflows/domain/route/types.ts.
create table routing_settings (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  -- What an approved payment is worth, in millionths of its amount.
  margin_ppm integer not null default 20000 check (margin_ppm between 0 and 1000000),
  latency_ppm_per_second integer not null default 200 check (latency_ppm_per_second between 0 and 1000000),
  exploration_ppm integer not null default 10000 check (exploration_ppm between 0 and 1000000),
  failover_limit integer not null default 2 check (failover_limit between 0 and 2),
  -- After an answer the security code is gone: only where the merchant wants that, and the account can.
  failover_after_answer boolean not null default false,
  breaker boolean not null default true,
  primary key (merchant_id, mode)
);

-- A merchant's own word on where payments go. The first rule about a payment decides, by priority, then id.
create table routing_rules (
  merchant_id text not null references merchants,
  id text not null check (length(id) between 1 and 60),
  mode text not null check (mode in ('test', 'live')),
  priority integer not null default 100,
  kind text not null check (kind in ('pin', 'prefer', 'split')),
  -- What it is about; an empty list or null means any.
  currencies text[] not null default '{}',
  brands text[] not null default '{}',
  bins text[] not null default '{}',
  amount_from bigint,
  amount_to bigint,
  accounts text[] not null check (cardinality(accounts) > 0),
  -- Of a split, one for each account, 100 together.
  percents integer[],
  valid_from timestamptz not null default now(),
  valid_to timestamptz,
  primary key (merchant_id, id),
  constraint pin_is_one_account check (kind <> 'pin' or cardinality(accounts) = 1),
  constraint split_has_shares check ((kind = 'split') = (percents is not null)),
  constraint shares_match_accounts check (percents is null or cardinality(percents) = cardinality(accounts))
);
create function routing_shares_are_whole() returns trigger language plpgsql as $$
begin
  if new.percents is not null and (exists (select from unnest(new.percents) as share where share not between 0 and 100)
                                   or (select sum(share) from unnest(new.percents) as share) <> 100) then
    raise exception 'routing rule % of %: its shares are not 100 percent together', new.id, new.merchant_id
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger routing_shares_are_whole before insert or update on routing_rules
  for each row execute function routing_shares_are_whole();

-- What an authorization costs at an account, in the terms that routing compares: a micro is a
-- millionth of a minor unit, ppm are millionths of the amount. Per kind the most particular row counts.
create table routing_costs (
  merchant_id text not null,
  account_id text not null,
  kind text not null check (kind in ('scheme', 'interchange', 'acquirer')),
  currency char(3),
  brand text,
  -- A fixed amount means nothing without its currency. The limit keeps it exact as a JSON number.
  fixed_micros bigint not null default 0 check (fixed_micros between 0 and 1000000000000000),
  check (fixed_micros = 0 or currency is not null),
  ppm integer not null default 0 check (ppm between 0 and 1000000),
  cross_border_ppm integer not null default 0 check (cross_border_ppm between 0 and 1000000),
  valid_from timestamptz not null default now(),
  valid_to timestamptz,
  source text not null check (length(source) between 1 and 500),
  foreign key (merchant_id, account_id) references merchant_acquirer_accounts
);
create index routing_costs_of_account on routing_costs (merchant_id, account_id);

-- Where cards are from, by their first digits: the longest that fits. Unknown counts as domestic.
create table routing_issuer_bins (
  prefix text primary key check (prefix ~ '^[0-9]{4,8}$'),
  country char(2) not null,
  valid_from date not null,
  source text not null
);

-- How often a merchant may try a card that is declined, across all payments and acquirers. All rows
-- that fit hold; a merchant's own can only be stricter.
create table retry_limits (
  id integer generated always as identity primary key,
  mode text check (mode in ('test', 'live')),
  merchant_id text references merchants,
  brand text,
  -- Either: never again after a decline for good; or: so many declines within so many hours.
  after_never boolean not null,
  declines integer check (declines > 0),
  within_hours integer check (within_hours > 0),
  check (after_never = (declines is null) and after_never = (within_hours is null)),
  valid_from date not null,
  valid_to date,
  source text not null
);
insert into retry_limits (mode, after_never, declines, within_hours, valid_from, source) values
  -- Live alone: a test card that is declined for good is there to be declined again and again.
  ('live', true, null, null, '2025-01-01', 'Visa decline category 1, Mastercard advice 03 and 21: do not try again; from memory, compare with the schemes'' rules before going live'),
  ('live', false, 15, 720, '2025-01-01', 'Visa: 15 attempts in 30 days; from memory, compare with the schemes'' rules before going live'),
  ('live', false, 10, 24, '2025-01-01', 'Mastercard: 10 attempts in 24 hours; from memory, compare with the schemes'' rules before going live'),
  ('test', false, 150, 720, '2025-01-01', 'ten times the limit of live: a developer''s day with one test card must not end at noon'),
  ('test', false, 100, 24, '2025-01-01', 'ten times the limit of live: a developer''s day with one test card must not end at noon');

-- A card's authorizations that are under way, and those that were declined. What was approved, or
-- never sent, leaves. Written by triggers on attempts alone (schema/functions/retry_guard.sql).
create table card_tries (
  merchant_id text not null,
  attempt_id text not null,
  mode text not null,
  card_fingerprint text not null,
  planned_at timestamptz not null,
  declined_at timestamptz,
  -- Declined for good: the issuer will never say yes.
  never boolean not null default false check (not never or declined_at is not null),
  primary key (merchant_id, attempt_id)
) partition by hash (merchant_id);
select partition_by_merchant('card_tries', 8);
create index card_tries_of_card on card_tries (merchant_id, card_fingerprint, mode);

grant select on account_amount_limits, acquirer_maintenance, routing_settings, routing_rules, routing_costs,
  routing_issuer_bins, retry_limits, card_tries to quittance_api, quittance_worker;
