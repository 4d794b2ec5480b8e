/** The sealer as it was before seals had formats: what it sealed must verify for ever. */
export const SEAL_IN_FORMAT_1 = `
create or replace function seal_ledger_in_format_1(at_most integer) returns setof ledger_seals
language plpgsql as $$
declare
  head ledger_seals;
  sealed ledger_seals;
  ended xid8;
  merchants text[];
  ids bigint[];
  leaves bytea[];
begin
  -- One sealer at a time: a second one waits and goes on where this one ended. Readers do not wait.
  lock table ledger_seals in share row exclusive mode;
  select * into head from ledger_seals order by number desc limit 1;
  ended := pg_snapshot_xmin(pg_current_snapshot());
  if ended < head.last_xact then
    raise exception 'seal % is of transaction % of PostgreSQL, and this server is only at %', head.number, head.last_xact, ended
      using errcode = 'object_not_in_prerequisite_state',
        hint = 'The database was moved to a new server. Stop it and advance its numbers: pg_resetwal --epoch.';
  end if;

  with batch as materialized (
    select t.* from ledger_transactions t
    where t.xact < ended
      -- The second says it; the first is what the index knows.
      and t.xact >= coalesce(head.last_xact, '0')
      and (head.number is null or (t.xact, t.merchant_id, t.id) > (head.last_xact, head.last_merchant_id, head.last_transaction_id))
    order by t.xact, t.merchant_id, t.id limit at_most
  ), member as (
    select b.xact, b.merchant_id, b.id, p.postings, sha256('\\x00'::bytea || convert_to(row(
        b.merchant_id, b.mode, b.id, b.payment_id, b.operation_id, b.attempt_id, b.event, b.business_key,
        extract(epoch from b.at), b.workflow_id, b.workflow_run_id, b.xact)::text || coalesce(p.lines, ''), 'UTF8')) as leaf
    from batch b cross join lateral (
      select count(*) as postings,
        string_agg(row(p.mode, p.line, p.code, p.currency, p.amount, p.account_sequence)::text, '' order by p.line) as lines
      from ledger_postings p where p.merchant_id = b.merchant_id and p.transaction_id = b.id
    ) as p
  )
  select array_agg(merchant_id order by xact, merchant_id, id), array_agg(id order by xact, merchant_id, id),
         array_agg(leaf order by xact, merchant_id, id), count(*), sum(postings), max(xact)
  into merchants, ids, leaves, sealed.transactions, sealed.postings, sealed.last_xact
  from member;
  if leaves is null then
    return;
  end if;

  sealed.number := coalesce(head.number, 0) + 1;
  sealed.previous := head.seal;
  sealed.last_merchant_id := merchants[sealed.transactions];
  sealed.last_transaction_id := ids[sealed.transactions];
  sealed.root := merkle_root(leaves);
  sealed.sealed_at := clock_timestamp();
  sealed.seal := sha256('\\x02'::bytea || coalesce(sealed.previous, decode(repeat('00', 32), 'hex')) || convert_to(row(
    sealed.number, sealed.transactions, sealed.postings, sealed.last_xact, sealed.last_merchant_id, sealed.last_transaction_id,
    encode(sealed.root, 'hex'), extract(epoch from sealed.sealed_at))::text, 'UTF8'));
  sealed.format := 1;
  insert into ledger_seals select sealed.*;
  insert into ledger_sealed (merchant_id, transaction_id, seal_number, position, leaf)
  select m.merchant_id, m.id, sealed.number, m.place - 1, m.leaf
  from unnest(merchants, ids, leaves) with ordinality as m (merchant_id, id, leaf, place);
  return next sealed;
end $$;
`;
