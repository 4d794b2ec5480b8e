-- The retry guard: whether a merchant may try a card once more. It stands where attempts are planned,
-- so nothing can be sent around it, and holds a lock on the card until the plan is committed: of many
-- payments at once exactly as many pass as there are tries left, those under way counted as declined.
-- SQLSTATE QT001: declined too often. QT002: declined for good. The caller ends the payment (activities/ledger).
create or replace function guard_card_retry() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  p record;
  broken record;
begin
  select card_fingerprint, card_brand, mode into p from payments where merchant_id = new.merchant_id and id = new.payment_id;
  if p.card_fingerprint is null then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(new.merchant_id || ' ' || p.card_fingerprint, 0));
  select l.after_never, l.declines, l.within_hours into broken
  from retry_limits l
  where (l.mode is null or l.mode = p.mode) and (l.merchant_id is null or l.merchant_id = new.merchant_id)
    and (l.brand is null or l.brand = p.card_brand)
    and l.valid_from <= current_date and (l.valid_to is null or l.valid_to > current_date)
    and case when l.after_never
      then exists (select from card_tries t
        where t.merchant_id = new.merchant_id and t.card_fingerprint = p.card_fingerprint and t.mode = p.mode and t.never)
      else (select count(*) from card_tries t
        where t.merchant_id = new.merchant_id and t.card_fingerprint = p.card_fingerprint and t.mode = p.mode
          and (t.declined_at is null or t.declined_at > now() - make_interval(hours => l.within_hours))) >= l.declines end
  order by l.after_never desc limit 1;
  if found then
    if broken.after_never then
      raise exception 'attempt %: the card was declined for good at this merchant', new.id using errcode = 'QT002';
    end if;
    raise exception 'attempt %: the card was declined % times within % hours at this merchant, or is being tried now', new.id, broken.declines, broken.within_hours
      using errcode = 'QT001';
  end if;
  insert into card_tries (merchant_id, attempt_id, mode, card_fingerprint, planned_at)
  values (new.merchant_id, new.id, p.mode, p.card_fingerprint, new.planned_at);
  return null;
end $$;

-- What became of it, in the transaction that records the answer.
create or replace function follow_card_try() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.outcome = 'declined' then
    if old.outcome is distinct from new.outcome then
      insert into card_tries as t (merchant_id, attempt_id, mode, card_fingerprint, planned_at, declined_at, never)
      select new.merchant_id, new.id, p.mode, p.card_fingerprint, new.planned_at, now(), new.remedy is not distinct from 'never'
      from payments p where p.merchant_id = new.merchant_id and p.id = new.payment_id and p.card_fingerprint is not null
      on conflict (merchant_id, attempt_id) do update set declined_at = excluded.declined_at, never = excluded.never;
      -- What no limit looks back to any more.
      delete from card_tries t using card_tries mine
      where mine.merchant_id = new.merchant_id and mine.attempt_id = new.id and t.merchant_id = mine.merchant_id
        and t.card_fingerprint = mine.card_fingerprint and not t.never and t.declined_at < now() - interval '60 days';
    end if;
  elsif new.state in ('answered', 'fenced', 'reversed') then
    delete from card_tries where merchant_id = new.merchant_id and attempt_id = new.id;
  end if;
  return null;
end $$;

create or replace trigger attempts_retry_guard after insert on attempts
  -- A payment's first authorization. One that is renewed is planned without asking, and its declines count.
  for each row when (new.kind in ('authorization', 'sale') and new.operation_id like 'auth\_%') execute function guard_card_retry();
create or replace trigger attempts_card_try after update of state, outcome on attempts
  for each row when (new.kind in ('authorization', 'sale') and new.state in ('answered', 'fenced', 'reversed') and old.state is distinct from new.state)
  execute function follow_card_try();
