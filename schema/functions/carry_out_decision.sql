-- What is decided happens: `decider` is who said the last word. Answers what came of it. Nobody calls this
-- but the two functions that know who said so.
create or replace function carry_out_decision(d decisions, decider text, why text) returns text
language plpgsql set search_path = public, pg_temp as $$
declare
  suffix constant text := substr(d.id, 5);
  command constant text := 'cmd_' || suffix;
  made text;
begin
  case d.action
    when 'approve_review', 'reject_review' then
      perform command_payment(d, command, 'review', 'review_' || suffix,
        jsonb_build_object('decision', case d.action when 'approve_review' then 'approve' else 'reject' end));
      return command;
    when 'release_hold' then
      perform command_payment(d, command, 'void', 'void_' || suffix, '{}');
      return command;
    when 'force_reversal' then
      -- What turns out to be authorized before the payment reads this is not to be undone.
      perform command_payment(d, command, 'void', 'void_' || suffix, '{"unknown_only": true}');
      return command;
    when 'extend_hold' then
      perform command_payment(d, command, 'reauthorize', 'rea_' || suffix, '{}');
      return command;
    when 'ask_now' then
      perform command_payment(d, command, 'nudge', 'nudge_' || suffix, '{}');
      return command;
    when 'pause_payment' then
      perform command_payment(d, command, 'pause', 'pause_' || suffix, '{}');
      return command;
    when 'resume_payment' then
      perform command_payment(d, command, 'resume', 'resume_' || suffix, '{}');
      return command;
    when 'call_executed' then
      perform propose_resolution(decided_resolution(d, 'executed'), d.proposed_by);
      return command;
    when 'call_not_executed' then
      perform end_resolution('res_' || suffix, 'approve', decider, why);
      return command;
    when 'adjust' then
      perform end_adjustment('adj_' || suffix, 'approve', decider, why);
      return 'adj_' || suffix;
    when 'close_case' then
      update cases set state = 'resolved', resolved_at = clock_timestamp() where merchant_id = d.merchant_id and id = d.subject and state = 'open';
      if not found then
        raise exception 'decision %: case % is not open any more', d.id, d.subject using errcode = 'check_violation', constraint = 'decisions_stale';
      end if;
      return d.subject;
    when 'retry_webhook' then
      -- One with a number of its own, as the merchant's own replay makes it; what was delivered stays so.
      insert into deliveries (merchant_id, id, event_id, endpoint_id, api_version, sent_body, created_at)
      select d.merchant_id, 'dlv_' || substr(f.event_id, 5) || '_' || substr(f.endpoint_id, 5) || '_r' || count(*), f.event_id, f.endpoint_id,
             f.api_version, f.sent_body, clock_timestamp()
      from deliveries f join deliveries a on a.merchant_id = f.merchant_id and a.event_id = f.event_id and a.endpoint_id = f.endpoint_id
      where f.merchant_id = d.merchant_id and f.id = d.subject
      group by f.event_id, f.endpoint_id, f.api_version, f.sent_body having not bool_or(a.state in ('pending', 'retrying'))
      on conflict do nothing returning id into made;
      if made is null then
        raise exception 'decision %: the event of % is being sent just now', d.id, d.subject using errcode = 'check_violation', constraint = 'decisions_stale';
      end if;
      return made;
  end case;
end $$;

-- A command of an operator; the doorbell is rung for it, and the relay rings again.
create or replace function command_payment(d decisions, command text, command_kind text, operation text, command_body jsonb) returns void
language sql set search_path = public, pg_temp as $$
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
  values (d.merchant_id, command, d.payment_id, command_kind, 'operator', operation, command_body)
$$;

create or replace function decided_resolution(d decisions, outcome text) returns jsonb
language sql immutable set search_path = public, pg_temp as $$
  select jsonb_build_object('id', 'res_' || substr(d.id, 5), 'merchant_id', d.merchant_id, 'payment_id', d.payment_id,
    'operation_id', d.subject, 'outcome', outcome, 'evidence', d.evidence, 'reason', d.reason)
$$;
