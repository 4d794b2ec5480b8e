-- A card verification asks the issuer whether a card is good: amount zero, nothing held, nothing posted.
-- So it is none of a payment's tables: no ledger row can come of it, and a question that was lost may be
-- asked again under a new number.

create table card_verifications (
  merchant_id text not null,
  id text not null check (id ~ '^ver_'),
  mode text not null check (mode in ('test', 'live')),
  created_at timestamptz not null default now(),
  -- Which accounts can be asked; the amount is zero.
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  staging_id text not null check (staging_id ~ '^stg_'),
  -- Late is no answer: what could not be asked by then ends as unknown.
  verify_by timestamptz not null,
  customer_reference text check (length(customer_reference) <= 100),
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),

  -- Known once the card is tokenized.
  card_token text check (card_token ~ '^card_'),
  card_brand text,
  card_bin text check (card_bin ~ '^[0-9]{6}([0-9]{2})?$'),
  card_last_four text check (card_last_four ~ '^[0-9]{4}$'),
  card_expiry_month smallint check (card_expiry_month between 1 and 12),
  card_expiry_year smallint check (card_expiry_year between 2000 and 2199),
  card_fingerprint text,
  constraint card_verifications_card_whole
    check (num_nulls(card_token, card_brand, card_bin, card_last_four, card_expiry_month, card_expiry_year, card_fingerprint) in (0, 7)),

  -- unknown is an end of its own: nobody said no.
  status text not null default 'processing' check (status in ('processing', 'verified', 'declined', 'unknown')),
  -- Why nothing is known. no_route: no account can ask. not_attempted: nothing was sent in time.
  unknown_reason text check (unknown_reason in ('no_answer', 'not_attempted', 'no_route')),
  constraint card_verifications_say_why check ((status = 'unknown') = (unknown_reason is not null)),
  -- Whose answer it is.
  attempt_id text,
  constraint card_verifications_rest_on_an_answer check ((status in ('verified', 'declined')) = (attempt_id is not null)),
  concluded_at timestamptz,
  -- Written once, with the end; every repeat of the request gets exactly these bytes.
  answer_body text,
  constraint card_verifications_end_whole check (num_nulls(concluded_at, answer_body) = case status when 'processing' then 2 else 0 end),
  primary key (merchant_id, id)
) partition by hash (merchant_id);
select partition_by_merchant('card_verifications', 8);
-- The keeper's question: what should have an open run.
create index card_verifications_pending on card_verifications (created_at) where status = 'processing';
create index card_verifications_listed on card_verifications (merchant_id, mode, id);

create table verification_attempts (
  merchant_id text not null,
  id text not null check (id ~ '^att_ver_'),
  verification_id text not null,
  number integer not null check (number > 0),
  acquirer_id text not null,
  account_id text not null,
  -- planned -> sending -> answered; planned -> fenced; sending -> fenced by its sender alone, who wrote nothing.
  state text not null default 'planned' check (state in ('planned', 'sending', 'answered', 'fenced')),
  -- What goes on the wire, but for the card.
  wire jsonb not null,
  planned_at timestamptz not null default clock_timestamp(),
  send_by timestamptz not null,
  sending_at timestamptz,
  answered_at timestamptz,
  -- Since when nobody waits for its answer any more; one that comes all the same is taken.
  given_up_at timestamptz,
  outcome text check (outcome in ('approved', 'declined')),
  constraint verification_attempts_answered_whole
    check ((state = 'answered') = (outcome is not null) and (state = 'answered') = (answered_at is not null)),
  response_code text,
  network_reference text,
  remedy text,
  avs_result text,
  cvv_result text,
  reason text,
  primary key (merchant_id, id),
  constraint verification_attempts_in_order unique (merchant_id, verification_id, number)
) partition by hash (merchant_id);
select partition_by_merchant('verification_attempts', 8);

-- A request about a verification is answered by the verification itself.
alter table idempotency_keys
  add column verification_id text,
  drop constraint key_of_a_command_or_of_an_answer,
  add constraint key_of_a_command_or_of_an_answer check (
    (payment_id is not null and command_id is not null and num_nulls(verification_id, answer_status, sealed_answer) = 3)
    or (verification_id is not null and num_nulls(payment_id, command_id, answer_status, sealed_answer) = 4)
    or (num_nulls(payment_id, command_id, verification_id) = 3 and num_nulls(answer_status, sealed_answer) = 0));

insert into legal_transitions values
  ('card_verification', 'processing', 'verified'),
  ('card_verification', 'processing', 'declined'),
  ('card_verification', 'processing', 'unknown'),
  ('verification_attempt', 'planned', 'sending'),
  ('verification_attempt', 'planned', 'fenced'),
  ('verification_attempt', 'sending', 'answered'),
  ('verification_attempt', 'sending', 'fenced');   -- by the sender alone, before its first byte

-- Whether an account may be asked is its contract's business, like all that it can do. That the wire can
-- say it is the adapter's: both must hold.
alter table merchant_acquirer_accounts
  drop constraint merchant_acquirer_accounts_capabilities_check,
  alter column capabilities set default '{authorization,sale,partial_approval,verification}',
  add constraint merchant_acquirer_accounts_capabilities_check
    check (capabilities <@ '{authorization,sale,partial_approval,no_security_code,verification}');
update merchant_acquirer_accounts set capabilities = capabilities || '{verification}';

-- ---------------------------------------------------------------------------------------------------
-- The api adds what is asked and reads; the worker writes its attempts' lives. What a verification
-- becomes is written by functions alone (schema/functions/card_verifications.sql).
grant select on card_verifications, verification_attempts to quittance_api, quittance_worker;
grant insert (merchant_id, id, mode, currency, staging_id, verify_by, customer_reference, metadata) on card_verifications to quittance_api;
grant update (state, sending_at, answered_at, given_up_at, outcome, response_code, network_reference, remedy, avs_result, cvv_result, reason)
  on verification_attempts to quittance_worker;

do $$
declare
  whole text;
begin
  foreach whole in array '{card_verifications,verification_attempts}'::text[] loop
    execute format('alter table %s enable row level security', whole);
    execute format('create policy one_merchant on %s to quittance_api
                    using (merchant_id = current_setting(''quittance.merchant'', true))', whole);
    execute format('create policy all_merchants on %s to quittance_worker, quittance_operator, quittance_gateway using (true)', whole);
  end loop;
end $$;
