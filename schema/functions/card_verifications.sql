-- What becomes of a card verification: planned attempts, and one end. Each step may run twice.

-- Commits the next attempt and the card, before anybody may have its number. 'repeated': this very attempt
-- is there already. 'stale': it has ended, or another attempt is not over.
create or replace function plan_verification_attempt(merchant text, verification text, card jsonb, attempt jsonb) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  found_status text;
begin
  select status into found_status from card_verifications where merchant_id = merchant and id = verification for update;
  if not found then
    raise exception 'card verification % of % does not exist', verification, merchant using errcode = 'no_data_found';
  end if;
  if exists (select from verification_attempts a where a.merchant_id = merchant and a.id = attempt ->> 'id') then
    return 'repeated';
  end if;
  if found_status <> 'processing'
     or (attempt ->> 'number')::integer <> 1 + (select count(*) from verification_attempts a where a.merchant_id = merchant and a.verification_id = verification)
     or exists (select from verification_attempts a where a.merchant_id = merchant and a.verification_id = verification
                and (a.state = 'answered' or a.given_up_at is null)) then
    return 'stale';
  end if;
  update card_verifications set
    card_token = card ->> 'token', card_brand = card ->> 'brand', card_bin = card ->> 'bin', card_last_four = card ->> 'last_four',
    card_expiry_month = (card ->> 'expiry_month')::smallint, card_expiry_year = (card ->> 'expiry_year')::smallint,
    card_fingerprint = card ->> 'fingerprint'
  where merchant_id = merchant and id = verification;
  insert into verification_attempts (merchant_id, id, verification_id, number, acquirer_id, account_id, wire, send_by)
  values (merchant, attempt ->> 'id', verification, (attempt ->> 'number')::integer, attempt ->> 'acquirer_id', attempt ->> 'account_id',
          attempt -> 'wire', clock_timestamp() + (attempt ->> 'send_within_ms')::integer * interval '1 millisecond');
  return 'planned';
end $$;

-- The one end, with its answer, its event and whom that is told to. 'repeated': it has ended. 'stale': an
-- answer came in between, and unknown would not be true any more.
create or replace function conclude_card_verification(ended jsonb) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v card_verifications;
begin
  select * into v from card_verifications where merchant_id = ended ->> 'merchant_id' and id = ended ->> 'id' for update;
  if not found then
    raise exception 'card verification % of % does not exist', ended ->> 'id', ended ->> 'merchant_id' using errcode = 'no_data_found';
  end if;
  if v.status <> 'processing' then
    return 'repeated';
  end if;
  -- For update: an answer that is being written is waited for, and one that comes later finds the end.
  perform from verification_attempts a where a.merchant_id = v.merchant_id and a.verification_id = v.id order by a.number for update;
  if ended ->> 'status' = 'unknown' and exists (
    select from verification_attempts a where a.merchant_id = v.merchant_id and a.verification_id = v.id and a.state = 'answered'
  ) then
    return 'stale';
  end if;
  update card_verifications set
    status = ended ->> 'status', unknown_reason = ended ->> 'unknown_reason', attempt_id = ended ->> 'attempt_id',
    concluded_at = (ended ->> 'concluded_at')::timestamptz, answer_body = ended ->> 'answer_body',
    -- Known also where no attempt was planned.
    card_token = coalesce(card_token, ended #>> '{card,token}'), card_brand = coalesce(card_brand, ended #>> '{card,brand}'),
    card_bin = coalesce(card_bin, ended #>> '{card,bin}'), card_last_four = coalesce(card_last_four, ended #>> '{card,last_four}'),
    card_expiry_month = coalesce(card_expiry_month, (ended #>> '{card,expiry_month}')::smallint),
    card_expiry_year = coalesce(card_expiry_year, (ended #>> '{card,expiry_year}')::smallint),
    card_fingerprint = coalesce(card_fingerprint, ended #>> '{card,fingerprint}')
  where merchant_id = v.merchant_id and id = v.id;
  insert into events (merchant_id, id, mode, payment_id, version, type, body, api_version, created_at)
  values (v.merchant_id, ended #>> '{event,id}', v.mode, null, 0, ended #>> '{event,type}', ended #>> '{event,body}',
          coalesce(ended #>> '{event,api_version}', '2026-11-01'), (ended ->> 'concluded_at')::timestamptz);
  insert into deliveries (merchant_id, id, event_id, endpoint_id, api_version, created_at)
  select w.merchant_id, 'dlv_' || substr(ended #>> '{event,id}', 5) || '_' || substr(w.id, 5), ended #>> '{event,id}', w.id, w.api_version, (ended ->> 'concluded_at')::timestamptz
  from webhook_endpoints w
  where w.merchant_id = v.merchant_id and w.mode = v.mode and w.enabled
    and (w.event_types = '{}' or ended #>> '{event,type}' = any (w.event_types));
  return 'concluded';
end $$;

create or replace function card_verifications_guard() returns trigger language plpgsql as $$
begin
  perform check_transition('card_verification', new.id, old.status, new.status);
  if (new.merchant_id, new.id, new.mode, new.currency, new.staging_id, new.verify_by, new.created_at)
     is distinct from (old.merchant_id, old.id, old.mode, old.currency, old.staging_id, old.verify_by, old.created_at) then
    raise exception 'card verification %: what was asked cannot change', old.id using errcode = 'check_violation';
  end if;
  -- An end, and the answer that told it, are facts.
  if old.status <> 'processing' and new is distinct from old then
    raise exception 'card verification % has ended as % and cannot change', old.id, old.status using errcode = 'check_violation';
  end if;
  -- Nobody but an issuer says yes or no.
  if new.attempt_id is not null and not exists (
    select from verification_attempts a
    where a.merchant_id = new.merchant_id and a.id = new.attempt_id and a.verification_id = new.id
      and a.outcome = case new.status when 'verified' then 'approved' when 'declined' then 'declined' end
  ) then
    raise exception 'card verification %: attempt % was not answered as %', new.id, new.attempt_id, new.status using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger card_verifications_guard before update on card_verifications
  for each row execute function card_verifications_guard();

create or replace function verification_attempts_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'planned' then
      raise exception 'attempt % must start as a plan', new.id using errcode = 'check_violation';
    end if;
    -- A test verification cannot reach a live account, nor the other way round, nor another merchant's.
    if not exists (
      select from card_verifications v join merchant_acquirer_accounts a using (merchant_id, mode)
      where v.merchant_id = new.merchant_id and v.id = new.verification_id and a.id = new.account_id and a.acquirer_id = new.acquirer_id
    ) then
      raise exception 'attempt %: account % is not one of %''s for the mode of %', new.id, new.account_id, new.merchant_id, new.verification_id
        using errcode = 'check_violation';
    end if;
    return new;
  end if;
  perform check_transition('verification_attempt', new.id, old.state, new.state);
  if (new.merchant_id, new.id, new.verification_id, new.number, new.acquirer_id, new.account_id, new.wire, new.planned_at, new.send_by)
     is distinct from (old.merchant_id, old.id, old.verification_id, old.number, old.acquirer_id, old.account_id, old.wire, old.planned_at, old.send_by) then
    raise exception 'attempt %: its plan cannot change', old.id using errcode = 'check_violation';
  end if;
  if old.state = 'answered' and new is distinct from old then
    raise exception 'attempt %: its answer cannot change', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger verification_attempts_guard before insert or update on verification_attempts
  for each row execute function verification_attempts_guard();

grant execute on function plan_verification_attempt, conclude_card_verification, verification_attempts_guard to quittance_worker;
