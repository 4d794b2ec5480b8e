-- Writes one change of a payment, whole or not at all: state, history, operations, attempts, ledger,
-- answers, events, cases. Answers 'applied', 'repeated' (this very step is already written: it ran
-- twice, and the second run changes nothing) or 'stale' (somebody else changed the payment first).
create or replace function record_change(c jsonb) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  merchant constant text := c ->> 'merchant_id';
  payment constant text := c ->> 'payment_id';
  at constant timestamptz := (c ->> 'at')::timestamptz;
  p jsonb := c -> 'payment';
  current_version integer;
  next_version integer;
  item jsonb;
  touched integer;
begin
  select version into current_version from payments where merchant_id = merchant and id = payment for update;
  if not found then
    raise exception 'payment % of % does not exist', payment, merchant using errcode = 'no_data_found';
  end if;
  if exists (select from payment_history where merchant_id = merchant and payment_id = payment and cause = c ->> 'cause') then
    return 'repeated';
  end if;
  if current_version <> (c ->> 'expected_version')::integer then
    return 'stale';
  end if;
  next_version := current_version + 1;

  update payments set
    version = next_version, updated_at = at,
    card_token = p ->> 'card_token', card_brand = p ->> 'card_brand', card_bin = p ->> 'card_bin',
    card_last_four = p ->> 'card_last_four', card_expiry_month = (p ->> 'card_expiry_month')::smallint,
    card_expiry_year = (p ->> 'card_expiry_year')::smallint, card_fingerprint = p ->> 'card_fingerprint',
    authorization_state = p ->> 'authorization_state', conclusion = p ->> 'conclusion', review = p ->> 'review',
    amount_authorized = (p ->> 'amount_authorized')::bigint, amount_captured = (p ->> 'amount_captured')::bigint,
    amount_refunded = (p ->> 'amount_refunded')::bigint, amount_refund_pending = (p ->> 'amount_refund_pending')::bigint,
    status = p ->> 'status', failure_code = p ->> 'failure_code', decline_code = p ->> 'decline_code', remedy = p ->> 'remedy',
    capture_before = (p ->> 'capture_before')::timestamptz, review_by = (p ->> 'review_by')::timestamptz,
    authorization_attempt_id = p ->> 'authorization_attempt_id', pending = (p ->> 'pending')::boolean
  where merchant_id = merchant and id = payment;

  insert into payment_history (merchant_id, payment_id, version, at, cause, event, status, detail, workflow_run_id)
  values (merchant, payment, next_version, at, c ->> 'cause', c ->> 'event', p ->> 'status', c -> 'detail', c ->> 'workflow_run_id');

  if c -> 'risk' is not null and jsonb_typeof(c -> 'risk') = 'object' then
    insert into risk_assessments (merchant_id, payment_id, score, decision, reasons, assessed_at)
    values (merchant, payment, (c #>> '{risk,score}')::smallint, c #>> '{risk,decision}', c #> '{risk,reasons}', at)
    on conflict do nothing;
  end if;
  if c -> 'route' is not null and jsonb_typeof(c -> 'route') = 'object' then
    insert into route_decisions (merchant_id, payment_id, attempt_number, decision, decided_at)
    values (merchant, payment, (c #>> '{route,attempt_number}')::integer, c #> '{route,decision}', at)
    on conflict do nothing;
  end if;

  insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, due_at, unknown_since, inquiries, attempts,
                          current_attempt_id, failure_code, reason, created_at, concluded_at)
  select merchant, o.id, payment, o.kind, o.amount, o.state, o.phase, o.due_at, o.unknown_since, o.inquiries, o.attempts,
         o.current_attempt_id, o.failure_code, o.reason, o.created_at, o.concluded_at
  from jsonb_to_recordset(c -> 'operations') as o(id text, kind text, amount bigint, state text, phase text, due_at timestamptz,
         unknown_since timestamptz, inquiries integer, attempts integer, current_attempt_id text, failure_code text, reason text,
         created_at timestamptz, concluded_at timestamptz)
  order by o.id
  -- What was asked is set too, so that a row of another payment is refused by its guard and not taken over.
  on conflict (merchant_id, id) do update set
    payment_id = excluded.payment_id, kind = excluded.kind, created_at = excluded.created_at, amount = excluded.amount, state = excluded.state, phase = excluded.phase, due_at = excluded.due_at,
    unknown_since = excluded.unknown_since, inquiries = excluded.inquiries, attempts = excluded.attempts,
    current_attempt_id = excluded.current_attempt_id, failure_code = excluded.failure_code, reason = excluded.reason,
    concluded_at = excluded.concluded_at;

  -- State changes before new plans: the old attempt must be dead before the next one can be planned.
  for item in select value from jsonb_array_elements(c -> 'attempt_moves') loop
    update attempts set state = item ->> 'to'
    where merchant_id = merchant and id = item ->> 'id' and payment_id = payment and state = item ->> 'from';
    get diagnostics touched = row_count;
    if touched <> 1 then
      -- Its worker was faster: the caller reads again and decides again.
      raise exception 'attempt % is not % any more', item ->> 'id', item ->> 'from' using errcode = 'serialization_failure';
    end if;
  end loop;

  insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, on_unknown, amount, currency,
                        wire, original_attempt_id, planned_at, send_by)
  select merchant, a.id, payment, a.operation_id, a.number, a.kind, a.acquirer_id, a.account_id, a.on_unknown, a.amount, a.currency,
         a.wire, a.original_attempt_id, at, a.send_by
  from jsonb_to_recordset(c -> 'new_attempts') as a(id text, operation_id text, number integer, kind text, acquirer_id text, account_id text,
         on_unknown text, amount bigint, currency text, wire jsonb, original_attempt_id text, send_by timestamptz);

  for item in select value from jsonb_array_elements(c -> 'transactions') loop
    perform post_transaction(item || jsonb_build_object('merchant_id', merchant, 'payment_id', payment, 'at', at,
      'workflow_id', payment, 'workflow_run_id', c ->> 'workflow_run_id'), item -> 'legs');
  end loop;

  for item in select value from jsonb_array_elements(c -> 'answers') loop
    update commands set state = 'done', done_at = at, answer_status = (item ->> 'status')::smallint, answer_body = item ->> 'body'
    where merchant_id = merchant and id = item ->> 'command_id' and payment_id = payment and state = 'pending';
    get diagnostics touched = row_count;
    if touched <> 1 then
      raise exception 'command % is not pending', item ->> 'command_id' using errcode = 'serialization_failure';
    end if;
  end loop;

  for item in select value from jsonb_array_elements(c -> 'events') loop
    insert into events (merchant_id, id, mode, payment_id, version, type, body, created_at)
    values (merchant, item ->> 'id', item ->> 'mode', payment, next_version, item ->> 'type', item ->> 'body', at);
    insert into deliveries (merchant_id, id, event_id, endpoint_id, created_at)
    select merchant, 'dlv_' || substr(item ->> 'id', 5) || '_' || substr(e.id, 5), item ->> 'id', e.id, at
    from webhook_endpoints e where e.merchant_id = merchant and e.mode = item ->> 'mode' and e.enabled;
  end loop;

  insert into cases (merchant_id, id, payment_id, operation_id, attempt_id, kind, detail, opened_at)
  select merchant, k.id, payment, k.operation_id, k.attempt_id, k.kind, k.detail, at
  from jsonb_to_recordset(c -> 'cases') as k(id text, operation_id text, attempt_id text, kind text, detail jsonb)
  on conflict on constraint cases_once do nothing;

  return 'applied';
end $$;

grant execute on function record_change to quittance_worker;
