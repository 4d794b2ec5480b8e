create or replace function payments_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    -- Nobody can insert a payment that has already happened.
    if new.version <> 0 or new.authorization_state <> 'none' or new.conclusion <> 'open' or new.review <> 'none'
       or new.amount_authorized <> 0 or new.amount_disputed <> 0 or new.card_token is not null
       or new.authorization_attempt_id is not null or new.paused_at is not null or not new.pending then
      raise exception 'payment % must start without state', new.id using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if new.authorization_state is distinct from old.authorization_state then
    perform check_transition('authorization', new.id, old.authorization_state, new.authorization_state);
  end if;
  if new.conclusion is distinct from old.conclusion then
    perform check_transition('conclusion', new.id, old.conclusion, new.conclusion);
  end if;
  if new.review is distinct from old.review then
    perform check_transition('review', new.id, old.review, new.review);
  end if;
  if new.version <> old.version + 1 then
    raise exception 'payment %: version must go from % to %, not to %', new.id, old.version, old.version + 1, new.version
      using errcode = 'check_violation';
  end if;
  -- What was asked never changes.
  if (new.merchant_id, new.id, new.amount, new.currency, new.mode, new.capture_method, new.authorization_type, new.partial_approval, new.created_at,
      new.authorize_by, new.staging_id)
     is distinct from (old.merchant_id, old.id, old.amount, old.currency, old.mode, old.capture_method, old.authorization_type, old.partial_approval, old.created_at,
      old.authorize_by, old.staging_id) then
    raise exception 'payment %: what was asked cannot change', old.id using errcode = 'check_violation';
  end if;
  -- What the cardholder's bank agreed to stands; only what was made as a pre-authorization can grow.
  if old.amount_authorized <> 0 and new.amount_authorized <> old.amount_authorized
     and (new.amount_authorized < old.amount_authorized or new.authorization_type <> 'pre' or new.authorization_state <> 'held') then
    raise exception 'payment %: what is authorized cannot go from % to %', new.id, old.amount_authorized, new.amount_authorized
      using errcode = 'check_violation', constraint = 'authorized_only_grows';
  end if;
  -- What was sent for one card cannot be followed up, or undone, on another.
  if old.card_token is not null and new.card_token <> old.card_token then
    raise exception 'payment %: its card cannot become another', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create or replace trigger payments_guard before insert or update on payments for each row execute function payments_guard();

grant execute on function payments_guard to quittance_api, quittance_worker;
