-- An operator decides, or proposes what a second one must agree to: `asked` has id, action, payment_id or
-- merchant_id, subject, body, reason, evidence, bulk where it is one of many, and second_person where somebody asks for one. Said again
-- with the same id it is the same decision. The audit log has a line of it, in the same transaction.
create or replace function propose_decision(asked jsonb, person text, address text) returns decisions
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  wanted decisions := jsonb_populate_record(null::decisions, asked);
  kind decision_kinds;
  found_one decisions;
  who gateway_operators;
begin
  -- Said twice at once, the second waits for the first and is told the same.
  perform pg_advisory_xact_lock(hashtext('decision ' || wanted.id));
  select * into kind from decision_kinds where action = wanted.action;
  if not found then
    raise exception 'decision %: % is nothing that can be decided', wanted.id, wanted.action using errcode = 'check_violation';
  end if;
  who := acting_operator(format('decision %s, %s', wanted.id, wanted.action), person, kind.needs_role);
  wanted.body := coalesce(wanted.body, '{}');
  select * into found_one from decisions where id = wanted.id;
  if found then
    if (wanted.action, coalesce(wanted.subject, found_one.subject), coalesce(wanted.payment_id, found_one.payment_id), wanted.body, wanted.reason,
        wanted.evidence, wanted.bulk, person, coalesce(wanted.merchant_id, found_one.merchant_id),
        coalesce(wanted.second_person, false) or (kind.second_person and found_one.second_person))
       is distinct from (found_one.action, found_one.subject, found_one.payment_id, found_one.body - 'attempt', found_one.reason,
        found_one.evidence, found_one.bulk, found_one.proposed_by, found_one.merchant_id, found_one.second_person) then
      raise exception 'decision % was made before, and otherwise: take a new id', wanted.id
        using errcode = 'unique_violation', constraint = 'decisions_pkey';
    end if;
    return found_one;
  end if;

  wanted := decision_about(wanted);
  select * into found_one from decisions where action = wanted.action and subject = wanted.subject and state = 'proposed';
  if found then
    raise exception 'decision %: % of % was proposed before, as % by %: confirm or reject that one', wanted.id, wanted.action, wanted.subject,
      found_one.id, found_one.proposed_by using errcode = 'unique_violation', constraint = 'decisions_open';
  end if;
  wanted.second_person := kind.second_person or coalesce(wanted.second_person, false);
  wanted.proposed_by := person;
  wanted.proposed_at := clock_timestamp();
  wanted.state := 'proposed';
  wanted.decided_by := null;
  wanted.decided_at := null;
  wanted.decision_reason := null;
  wanted.effect := null;
  insert into decisions select wanted.*;
  -- What these refuse is refused before anybody is asked to agree.
  if wanted.action = 'call_not_executed' then
    perform propose_resolution(decided_resolution(wanted, 'not_executed'), person);
  elsif wanted.action = 'adjust' then
    perform request_adjustment(wanted.body || jsonb_build_object('id', 'adj_' || substr(wanted.id, 5), 'merchant_id', wanted.merchant_id,
      'payment_id', wanted.payment_id, 'reason', wanted.reason, 'evidence', wanted.evidence), person);
  end if;
  if not wanted.second_person then
    update decisions set state = 'approved', decided_by = person, decided_at = wanted.proposed_at, effect = carry_out_decision(wanted, person, null)
    where id = wanted.id returning * into wanted;
  end if;
  perform note_in_audit('decision', who, address, format('%s %s: %s of %s', wanted.state, wanted.id, wanted.action, wanted.subject), wanted.payment_id);
  return wanted;
end $$;

-- Why a person may not close a case, null where they may. (This and the next two are what the gateway's pages offer, too.)
create or replace function case_stays_open(k cases) returns text
language plpgsql stable set search_path = public, pg_temp as $$
declare
  stuck operations;
begin
  if k.state is distinct from 'open' then
    return format('%s is no open case', k.id);
  end if;
  -- Of what ended because its authorization had run out no acquirer is asked any more.
  if k.kind in ('unknown_too_long', 'refund_unknown', 'not_sent') and not exists (
    select from operations o where o.merchant_id = k.merchant_id and o.id = k.operation_id and o.failure_code = 'not_acknowledged'
  ) then
    return format('case %s (%s) closes when the acquirer has answered: say what became of %s instead', k.id, k.kind, k.operation_id);
  end if;
  select * into stuck from operations where merchant_id = k.merchant_id and id = k.operation_id and state = 'pending' and phase = 'case';
  if found then
    return format('%s of case %s waits for a person, and nothing else would ask for one: say first what became of it', stuck.id, k.id);
  end if;
  return null;
end $$;

-- An authorization that is not known, or not sent yet: a void makes sure that it comes to nothing.
create or replace function can_be_undone(o operations) returns boolean
language sql immutable as $$
  select o.kind = 'authorize' and o.state = 'pending' and o.phase in ('unknown', 'reversing', 'waiting', 'ready')
$$;

-- An operation of which a person can know more than we do.
create or replace function can_be_called(o operations) returns boolean
language sql immutable as $$
  select o.state = 'pending' and o.phase in ('unknown', 'reversing', 'waiting', 'case') and o.current_attempt_id is not null
$$;

-- Whose it is and what it is about, as the record knows it; refused where there is nothing to decide. It is asked
-- when it is proposed, and again when somebody agrees.
create or replace function decision_about(wanted decisions) returns decisions
language plpgsql stable set search_path = public, pg_temp as $$
declare
  p payments;
  k cases;
  named operations;
  last_one record;
  refused text;
begin
  case wanted.action
    when 'approve_review', 'reject_review' then
      select * into p from payments where id = wanted.payment_id and status = 'in_review';
      if not found then
        refused := format('%s is not in review', wanted.payment_id);
      elsif wanted.action = 'approve_review' and p.review_by <= clock_timestamp() then
        refused := format('the review of %s ended at %s: what it held is released', p.id, p.review_by);
      end if;
      wanted.subject := p.id;
    when 'release_hold', 'extend_hold', 'force_reversal', 'ask_now', 'call_executed', 'call_not_executed' then
      -- The index of what is pending; nothing else has anything to be decided.
      select * into p from payments where pending and id = wanted.payment_id;
      if not found then
        refused := format('%s has nothing pending, or is none of ours', wanted.payment_id);
      elsif wanted.action in ('release_hold', 'extend_hold') and p.authorization_state <> 'held' then
        refused := format('%s is %s: nothing is held', p.id, p.status);
      elsif wanted.action = 'extend_hold' and p.paused_at is not null then
        refused := format('%s is paused since %s, and begins no authorization: resume it first', p.id, p.paused_at);
      elsif wanted.action = 'force_reversal' and not exists (
        select from operations o where o.merchant_id = p.merchant_id and o.payment_id = p.id and can_be_undone(o)
      ) then
        refused := format('%s has no authorization that is unknown', p.id);
      elsif wanted.action in ('call_executed', 'call_not_executed') and (wanted.subject is null or wanted.evidence is null) then
        refused := 'it names the operation as its subject, and the evidence';
      elsif wanted.action in ('call_executed', 'call_not_executed') then
        select * into named from operations where merchant_id = p.merchant_id and payment_id = p.id and id = wanted.subject;
        if not found then
          raise exception 'decision % (%): % is no operation of %', wanted.id, wanted.action, wanted.subject, p.id using errcode = 'no_data_found';
        elsif not can_be_called(named) then
          refused := format('%s is %s, %s: there is nothing to find out about it', named.id, named.state, named.phase);
        elsif wanted.body ->> 'attempt' <> named.current_attempt_id and not exists (
          select from attempts said join attempts now on now.merchant_id = said.merchant_id and now.id = named.current_attempt_id
            and coalesce(now.original_attempt_id, now.id) = coalesce(said.original_attempt_id, said.id)
          where said.merchant_id = named.merchant_id and said.id = wanted.body ->> 'attempt'
        ) then
          refused := format('it was said of %s, and %s has been sent anew since, as %s: say what became of that',
            wanted.body ->> 'attempt', named.id, named.current_attempt_id);
        end if;
        -- The evidence is about one attempt: it says nothing of a later one.
        wanted.body := wanted.body || jsonb_build_object('attempt', named.current_attempt_id);
      end if;
      if wanted.action not in ('call_executed', 'call_not_executed') then
        wanted.subject := p.id;
      end if;
    when 'pause_payment', 'resume_payment' then
      -- What is pending or paused is found by its id alone, of the others one must know whose they are.
      select * into p from payments where pending and id = wanted.payment_id;
      if not found then
        select * into p from payments where paused_at is not null and id = wanted.payment_id;
      end if;
      if not found then
        select * into p from payments where merchant_id = wanted.merchant_id and id = wanted.payment_id;
      end if;
      if not found then
        refused := format('%s has nothing pending, or is none of ours; name its merchant', wanted.payment_id);
      elsif wanted.action = 'pause_payment' and p.paused_at is not null then
        refused := format('%s is paused since %s', p.id, p.paused_at);
      elsif wanted.action = 'resume_payment' and p.paused_at is null then
        refused := format('%s is not paused', p.id);
      end if;
      wanted.subject := p.id;
    when 'close_case' then
      select * into k from cases where id = wanted.subject and state = 'open';
      if not found then
        refused := format('%s is no open case', wanted.subject);
      elsif wanted.evidence is null then
        refused := 'it names the evidence';
      else
        refused := case_stays_open(k);
      end if;
      wanted.merchant_id := k.merchant_id;
      wanted.payment_id := k.payment_id;
    when 'retry_webhook' then
      select e.payment_id into wanted.payment_id from deliveries d join events e on e.merchant_id = d.merchant_id and e.id = d.event_id
      where d.merchant_id = wanted.merchant_id and d.id = wanted.subject and d.state in ('failed', 'endpoint_disabled');
      if not found then
        refused := format('%s is no delivery of %s that failed', wanted.subject, wanted.merchant_id);
      else
        -- As the merchant's own replay: what counts is the last time that it was sent.
        select a.id, a.state into last_one from deliveries d
        join deliveries a on a.merchant_id = d.merchant_id and a.event_id = d.event_id and a.endpoint_id = d.endpoint_id
        where d.merchant_id = wanted.merchant_id and d.id = wanted.subject order by length(a.id) desc, a.id desc limit 1;
        if last_one.state not in ('failed', 'endpoint_disabled') then
          refused := format('the event of %s was sent again as %s, which is %s', wanted.subject, last_one.id, last_one.state);
        end if;
      end if;
    when 'adjust' then
      wanted.subject := 'adj_' || substr(wanted.id, 5);
      if wanted.evidence is null then
        refused := 'it names the evidence';
      end if;
  end case;
  if p.id is not null then
    wanted.merchant_id := p.merchant_id;
  end if;
  if refused is not null then
    raise exception 'decision % (%): %', wanted.id, wanted.action, refused using errcode = 'check_violation', constraint = 'decisions_stale';
  end if;
  return wanted;
end $$;

grant execute on function propose_decision to quittance_gateway;
