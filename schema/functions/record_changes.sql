-- Writes changes of several payments, each whole or not at all: state, history, operations, attempts,
-- ledger, answers, events, cases. Answers one text for each, in their order: 'applied', 'repeated'
-- (this very step is already written: it ran twice, and the second run changes nothing) or 'stale'
-- (somebody else changed the payment first). A payment may be in it once. What is refused is refused
-- for all of them: whoever sends several sends each alone then, and learns whose it was.
--
-- They share each statement, because what a statement costs before its first row (partitions to lock,
-- checks to prepare, a plan to set up, a commit to make durable) is several times what a row costs.
--
-- One plan per connection is kept: to plan a statement on partitioned tables takes longer than to run
-- it. Such a plan is made when the tables may still be empty, so it is told never to read them whole.
create or replace function record_changes(changes jsonb) returns text[]
language plpgsql security definer set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off set enable_memoize = off as $$
declare
  answers text[];
  -- Of the changes, those that apply.
  applied jsonb;
  -- Rows to be joined come from arrays: of those PostgreSQL expects a few, and looks each up by its key.
  keys jsonb[];
  bad record;
begin
  select array_agg(jsonb_build_object('merchant_id', c -> 'merchant_id', 'payment_id', c -> 'payment_id', 'cause', c -> 'cause',
                                      'expected_version', c -> 'expected_version') order by place)
  into keys from jsonb_array_elements(changes) with ordinality as one (c, place);
  select k ->> 'merchant_id' as merchant, k ->> 'payment_id' as payment into bad
  from unnest(keys) as k group by 1, 2 having count(*) > 1 limit 1;
  if found then
    raise exception 'payment % is in it twice: its second change was decided before the first was written', bad.payment
      using errcode = 'cardinality_violation';
  end if;
  -- In key order, so that no two of us wait for each other.
  perform from unnest(keys) as k
    join payments p on p.merchant_id = k ->> 'merchant_id' and p.id = k ->> 'payment_id'
    order by p.merchant_id, p.id for update of p;

  -- A statement of its own: it sees what was committed while the one above waited.
  select array_agg(case
      when p.id is null then 'missing'
      -- Asked as a value, not by exists: for that PostgreSQL may choose to read the whole history once.
      when (select true from payment_history h
            where h.merchant_id = p.merchant_id and h.payment_id = p.id and h.cause = k ->> 'cause') then 'repeated'
      when p.version <> (k ->> 'expected_version')::integer then 'stale'
      else 'applied' end order by place)
  into answers
  from unnest(keys) with ordinality as one (k, place)
  left join payments p on p.merchant_id = k ->> 'merchant_id' and p.id = k ->> 'payment_id';

  if 'missing' = any (answers) then
    raise exception 'payment % of % does not exist', keys[array_position(answers, 'missing')] ->> 'payment_id',
      keys[array_position(answers, 'missing')] ->> 'merchant_id' using errcode = 'no_data_found';
  end if;
  if 'applied' = all (answers) then
    applied := changes;
  else
    select jsonb_agg(c order by place) into applied
    from jsonb_array_elements(changes) with ordinality as one (c, place) where answers[place] = 'applied';
  end if;
  if applied is null then
    return coalesce(answers, '{}');
  end if;

  select array_agg(jsonb_build_object('merchant_id', c -> 'merchant_id', 'payment_id', c -> 'payment_id', 'at', c -> 'at',
                                      'payment', c -> 'payment'))
  into keys from jsonb_array_elements(applied) as c;
  update payments p set
    version = p.version + 1, updated_at = (c ->> 'at')::timestamptz,
    card_token = n ->> 'card_token', card_brand = n ->> 'card_brand', card_bin = n ->> 'card_bin',
    card_last_four = n ->> 'card_last_four', card_expiry_month = (n ->> 'card_expiry_month')::smallint,
    card_expiry_year = (n ->> 'card_expiry_year')::smallint, card_fingerprint = n ->> 'card_fingerprint',
    authorization_state = n ->> 'authorization_state', conclusion = n ->> 'conclusion', review = n ->> 'review',
    amount_authorized = (n ->> 'amount_authorized')::bigint, amount_captured = (n ->> 'amount_captured')::bigint,
    amount_refunded = (n ->> 'amount_refunded')::bigint, amount_refund_pending = (n ->> 'amount_refund_pending')::bigint,
    amount_disputed = (n ->> 'amount_disputed')::bigint,
    status = n ->> 'status', failure_code = n ->> 'failure_code', decline_code = n ->> 'decline_code', remedy = n ->> 'remedy',
    capture_before = (n ->> 'capture_before')::timestamptz, review_by = (n ->> 'review_by')::timestamptz,
    authorization_attempt_id = n ->> 'authorization_attempt_id', pending = (n ->> 'pending')::boolean,
    -- A worker of a build that knows nothing of pauses ends none.
    paused_at = case when n ? 'paused_at' then (n ->> 'paused_at')::timestamptz else p.paused_at end
  from unnest(keys) as c cross join lateral (select c -> 'payment' as n offset 0) as parts
  where p.merchant_id = c ->> 'merchant_id' and p.id = c ->> 'payment_id';

  insert into payment_history (merchant_id, payment_id, version, at, cause, event, status, detail, workflow_run_id)
  select c ->> 'merchant_id', c ->> 'payment_id', (c ->> 'expected_version')::integer + 1, (c ->> 'at')::timestamptz, c ->> 'cause',
         c ->> 'event', c #>> '{payment,status}', c -> 'detail', c ->> 'workflow_run_id'
  from jsonb_array_elements(applied) as c;

  if applied @? '$[*].risk ? (@.type() == "object")' then
    insert into risk_assessments (merchant_id, payment_id, score, decision, reasons, assessed_at)
    select c ->> 'merchant_id', c ->> 'payment_id', (c #>> '{risk,score}')::smallint, c #>> '{risk,decision}', c #> '{risk,reasons}',
           (c ->> 'at')::timestamptz
    from jsonb_array_elements(applied) as c where jsonb_typeof(c -> 'risk') = 'object'
    on conflict do nothing;
  end if;
  if applied @? '$[*].route ? (@.type() == "object")' then
    insert into route_decisions (merchant_id, payment_id, attempt_number, decision, decided_at)
    select c ->> 'merchant_id', c ->> 'payment_id', (c #>> '{route,attempt_number}')::integer, c #> '{route,decision}',
           (c ->> 'at')::timestamptz
    from jsonb_array_elements(applied) as c where jsonb_typeof(c -> 'route') = 'object'
    -- An attempt that was put off is decided about again: what counts is the decision that planned it.
    on conflict (merchant_id, payment_id, attempt_number) do update set decision = excluded.decision, decided_at = excluded.decided_at;
  end if;

  if applied @? '$[*].operations[*]' then
    insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, due_at, unknown_since, inquiries, attempts,
                            current_attempt_id, final, failure_code, reason, origin, resolution, acquirer_reference, withdraws_operation_id, created_at, concluded_at,
                            settlement, funds, funds_due_at)
    select c ->> 'merchant_id', o ->> 'id', c ->> 'payment_id', o ->> 'kind', (o ->> 'amount')::bigint, o ->> 'state', o ->> 'phase',
           (o ->> 'due_at')::timestamptz, (o ->> 'unknown_since')::timestamptz, (o ->> 'inquiries')::integer, (o ->> 'attempts')::integer,
           o ->> 'current_attempt_id', coalesce((o ->> 'final')::boolean, false), o ->> 'failure_code', o ->> 'reason',
           coalesce(o ->> 'origin', 'merchant'), o ->> 'resolution', o ->> 'acquirer_reference',
           o ->> 'withdraws_operation_id', (o ->> 'created_at')::timestamptz,
           (o ->> 'concluded_at')::timestamptz, nullif(o -> 'settlement', 'null'), nullif(o -> 'funds', 'null'),
           (o ->> 'funds_due_at')::timestamptz
    from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements(c -> 'operations') as o
    order by c ->> 'merchant_id', o ->> 'id'
    -- What was asked is set too, so that a row of another payment is refused by its guard and not taken over.
    on conflict (merchant_id, id) do update set
      payment_id = excluded.payment_id, kind = excluded.kind, final = excluded.final, created_at = excluded.created_at, amount = excluded.amount,
      state = excluded.state, phase = excluded.phase, due_at = excluded.due_at, unknown_since = excluded.unknown_since,
      inquiries = excluded.inquiries, attempts = excluded.attempts, current_attempt_id = excluded.current_attempt_id,
      failure_code = excluded.failure_code, reason = excluded.reason, resolution = excluded.resolution, concluded_at = excluded.concluded_at,
      settlement = excluded.settlement, funds = excluded.funds, funds_due_at = excluded.funds_due_at;
  end if;

  -- State changes before new plans: the old attempt must be dead before the next one can be planned.
  if applied @? '$[*].attempt_moves[*]' then
    select array_agg(m || jsonb_build_object('merchant_id', c -> 'merchant_id', 'payment_id', c -> 'payment_id')) into keys
    from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements(c -> 'attempt_moves') as m;
    with moved as (
      update attempts a set state = k ->> 'to' from unnest(keys) as k
      where a.merchant_id = k ->> 'merchant_id' and a.id = k ->> 'id' and a.payment_id = k ->> 'payment_id' and a.state = k ->> 'from'
      returning a.merchant_id, a.id
    )
    select k ->> 'id' as id, k ->> 'from' as was into bad
    from (select k, row_number() over (partition by k ->> 'merchant_id', k ->> 'id') as nth from unnest(keys) as k) as asked
    where nth > 1 or not exists (select from moved where moved.merchant_id = k ->> 'merchant_id' and moved.id = k ->> 'id') limit 1;
    if found then
      -- Its worker was faster: the caller reads again and decides again.
      raise exception 'attempt % is not % any more', bad.id, bad.was using errcode = 'serialization_failure';
    end if;
  end if;

  if applied @? '$[*].new_attempts[*]' then
    insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, on_unknown, amount, currency,
                          wire, original_attempt_id, planned_at, send_by)
    select c ->> 'merchant_id', a ->> 'id', c ->> 'payment_id', a ->> 'operation_id', (a ->> 'number')::integer, a ->> 'kind',
           a ->> 'acquirer_id', a ->> 'account_id', a ->> 'on_unknown', (a ->> 'amount')::bigint, a ->> 'currency', a -> 'wire',
           a ->> 'original_attempt_id', (c ->> 'at')::timestamptz, (a ->> 'send_by')::timestamptz
    from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements(c -> 'new_attempts') as a
    -- Cards are locked as their attempts come (retry_guard): in one order, so that no two of us wait for each other.
    order by c ->> 'merchant_id', c #>> '{payment,card_fingerprint}';
  end if;

  if applied @? '$[*].answers[*]' then
    select array_agg(w || jsonb_build_object('merchant_id', c -> 'merchant_id', 'payment_id', c -> 'payment_id', 'at', c -> 'at',
                                             'from', 'pending')) into keys
    from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements(c -> 'answers') as w;
    -- The state is compared with a value that is not known to the plan: it must not begin with the index of what is pending.
    with answered as (
      update commands m set state = 'done', done_at = (k ->> 'at')::timestamptz, answer_status = (k ->> 'status')::smallint,
        answer_body = k ->> 'body'
      from unnest(keys) as k
      where m.merchant_id = k ->> 'merchant_id' and m.id = k ->> 'command_id' and m.payment_id = k ->> 'payment_id' and m.state = k ->> 'from'
      returning m.merchant_id, m.id
    )
    select k ->> 'command_id' as id into bad
    from (select k, row_number() over (partition by k ->> 'merchant_id', k ->> 'command_id') as nth from unnest(keys) as k) as asked
    where nth > 1 or not exists (select from answered where answered.merchant_id = k ->> 'merchant_id' and answered.id = k ->> 'command_id') limit 1;
    if found then
      raise exception 'command % is not pending', bad.id using errcode = 'serialization_failure';
    end if;
  end if;

  if applied @? '$[*].events[*]' then
    insert into events (merchant_id, id, mode, payment_id, version, type, body, api_version, created_at, traceparent)
    select c ->> 'merchant_id', e ->> 'id', e ->> 'mode', c ->> 'payment_id', (c ->> 'expected_version')::integer + 1, e ->> 'type',
           e ->> 'body', coalesce(e ->> 'api_version', '2026-11-01'), (c ->> 'at')::timestamptz, c ->> 'traceparent'
    from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements(c -> 'events') as e;
    insert into deliveries (merchant_id, id, event_id, endpoint_id, api_version, order_key, order_at, created_at)
    select w.merchant_id, 'dlv_' || substr(e ->> 'id', 5) || '_' || substr(w.id, 5), e ->> 'id', w.id, w.api_version,
           case when w.ordered then c ->> 'payment_id' end, case when w.ordered then (c ->> 'expected_version')::integer + 1 end, (c ->> 'at')::timestamptz
    from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements(c -> 'events') as e
    join webhook_endpoints w on w.merchant_id = c ->> 'merchant_id' and w.mode = e ->> 'mode' and w.enabled
      and (w.event_types = '{}' or e ->> 'type' = any (w.event_types));
  end if;

  if applied @? '$[*].cases[*]' then
    -- What a person closed and what is asked again is a new question, with a time of its own; what a machine
    -- answered it has answered.
    with asked as (
      insert into cases (merchant_id, id, payment_id, operation_id, attempt_id, kind, detail, opened_at)
      select distinct on (c ->> 'merchant_id', k ->> 'operation_id', k ->> 'kind')
             c ->> 'merchant_id', k ->> 'id', c ->> 'payment_id', k ->> 'operation_id', k ->> 'attempt_id', k ->> 'kind', k -> 'detail',
             (c ->> 'at')::timestamptz
      from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements(c -> 'cases') as k
      on conflict on constraint cases_once do update set state = 'open', resolved_at = null, attempt_id = excluded.attempt_id,
        detail = excluded.detail, opened_at = excluded.opened_at
      where cases.state = 'resolved' and cases.kind not in ('unknown_too_long', 'refund_unknown', 'not_sent')
      returning cases.id
    )
    update case_handling h set escalated_at = null from asked where h.id = asked.id and h.escalated_at is not null;
  end if;

  -- What a machine has answered is no question for a person any more.
  if applied @? '$[*].answered_operations[*]' then
    update cases k set state = 'resolved', resolved_at = (c ->> 'at')::timestamptz
    from jsonb_array_elements(applied) as c cross join lateral jsonb_array_elements_text(c -> 'answered_operations') as o
    where k.merchant_id = c ->> 'merchant_id' and k.operation_id = o and k.state = 'open'
      and k.kind in ('unknown_too_long', 'refund_unknown', 'not_sent');
  end if;

  -- Last, because balances are what payments have in common: nobody waits for one longer than the commit takes.
  if applied @? '$[*].transactions[*]' then
    perform post_transactions((
      select jsonb_agg(t || jsonb_build_object('merchant_id', c -> 'merchant_id', 'payment_id', c -> 'payment_id', 'at', c -> 'at',
                                               'workflow_id', c -> 'payment_id', 'workflow_run_id', c -> 'workflow_run_id',
                                               'cause', c -> 'cause', 'activity', c -> 'activity') order by place, line)
      from jsonb_array_elements(applied) with ordinality as one (c, place)
      cross join lateral jsonb_array_elements(c -> 'transactions') with ordinality as posted (t, line)));
  end if;
  return answers;
end $$;

grant execute on function record_changes to quittance_worker;
