import type pg from 'pg';
import type { ProblemKind, Problems } from './problems.ts';

/** Problems told of one page; the rest are counted. */
const TOLD_PER_PAGE = 20;

/** One partition of each of the three tables. */
export interface TransactionTables {
  readonly ledger_transactions: string;
  readonly ledger_postings: string;
  readonly ledger_sealed: string;
}

export interface TransactionCounts {
  readonly transactions: bigint;
  readonly postings: bigint;
  /** Not in any seal yet. */
  readonly unsealed: bigint;
  /** Rows of ledger_sealed. */
  readonly sealed: bigint;
}

/** A ledger transaction's name, and its place in the order in which the ledger is read. */
export interface TransactionKey {
  readonly merchant_id: string;
  readonly id: bigint;
}

/** How far the seals go, in the order in which the ledger is sealed. */
interface SealedUpTo extends TransactionKey {
  /** Number of the transaction of PostgreSQL. */
  readonly xact: string;
}

/** What the seals say of all transactions. */
export interface Sealed {
  /** The bound of the newest seal; null when there is none. */
  readonly upTo: SealedUpTo | null;
  /** Seals up to this number are of format 1, all newer ones of format 2. */
  readonly textSeals: bigint;
}

interface PageRow extends TransactionCounts {
  broken: bigint;
  found: readonly { kind: ProblemKind; text: string }[] | null;
}

/**
 * Every transaction of a page in SQL alone: it has a header and postings, nets to zero in each currency,
 * and is what was sealed. Several times dearer than PageScanner, and knows what that cannot: which
 * transaction is broken and why, seals of format 1, and the order of texts.
 * @param after the last key of the page before.
 * @param upTo the last key of this page; null when it has no end.
 */
export async function verifyPage(
  client: pg.ClientBase,
  tables: TransactionTables,
  after: TransactionKey,
  upTo: TransactionKey | null,
  sealed: Sealed,
  problems: Problems,
): Promise<TransactionCounts> {
  const { rows } = await client.query<PageRow>(pageQuery(tables, upTo !== null, sealed.textSeals), [
    after.merchant_id,
    after.id,
    sealed.upTo?.xact ?? null,
    sealed.upTo?.merchant_id ?? null,
    sealed.upTo?.id ?? null,
    ...(upTo === null ? [] : [upTo.merchant_id, upTo.id]),
  ]);
  const [page] = rows;
  if (page === undefined) throw new Error('a page of the ledger answered nothing');
  const { broken, found, ...counts } = page;
  for (const { kind, text } of found ?? []) problems.add(kind, text);
  for (let told = found?.length ?? 0; told < Number(broken); told += 1) problems.more();
  return counts;
}

/** A value in bytes as format 2 hashes it: its length and itself; null is the length -1. */
const asSealed = (bytes: string): string =>
  `coalesce(int4send(octet_length(${bytes})) || ${bytes}, '\\xffffffff'::bytea)`;
const sealedText = (column: string): string => asSealed(`convert_to(${column}::text, 'UTF8')`);

const HEADER = [
  ...['merchant_id', 'mode'].map(sealedText),
  asSealed('int8send(id)'),
  ...['payment_id', 'operation_id', 'attempt_id', 'event', 'business_key'].map(sealedText),
  asSealed('timestamptz_send(at)'),
  ...['workflow_id', 'workflow_run_id'].map(sealedText),
  asSealed('xid8send(xact)'),
  ...['cause', 'activity'].map(sealedText),
].join(' || ');
const POSTING = [
  sealedText('mode'),
  asSealed('int2send(line)'),
  ...['code', 'currency'].map(sealedText),
  asSealed('int8send(amount)'),
  asSealed('int2send(stripe)'),
  asSealed('int8send(account_sequence)'),
].join(' || ');
/** The same in format 1: the text of the rows as they were then. What came later was empty in them. */
const HEADER_TEXT = `convert_to(case when (cause, activity) is null then row(merchant_id, mode, id, payment_id, operation_id,
  attempt_id, event, business_key, extract(epoch from at), workflow_id, workflow_run_id, xact)::text else '' end, 'UTF8')`;
const POSTING_TEXT = `convert_to(case when stripe = 0 then row(mode, line, code, currency, amount, account_sequence)::text
  else '' end, 'UTF8')`;

/**
 * The hash of a transaction is written out here a second time (schema/functions/seal_ledger.sql is the
 * first): a check that asked the checked database for it would prove nothing.
 */
function pageQuery(tables: TransactionTables, bounded: boolean, textSeals: bigint): string {
  // What no seal of this database is made of is not computed.
  const ofText = (text: string): string => (textSeals > 0n ? text : "''::bytea");
  const within = (id: string) =>
    `(merchant_id, ${id}) > ($1, $2::bigint)${bounded ? ` and (merchant_id, ${id}) <= ($6, $7::bigint)` : ''}`;
  const rest = `(
    select string_agg(left_over, ' and ' order by left_over) from (
      select sum(amount) || ' ' || currency as left_over from ${tables.ledger_postings} one
      where one.merchant_id = flagged.merchant_id and one.transaction_id = flagged.id group by currency having sum(amount) <> 0
    ) per_currency)`;
  // What a broken transaction costs is paid for broken ones alone: suspect is false for the others.
  return `
    select count(header_id) as transactions, coalesce(sum(postings), 0)::bigint as postings, count(seal_number) as sealed,
           count(header_id) - count(header_id) filter (where seal_number is not null) as unsealed, count(problem) as broken,
           (array_agg(problem) filter (where problem is not null))[1:${TOLD_PER_PAGE}] as found
    from (
      select *, case when suspect then (
        select json_build_object('kind', kind, 'text', name || text || coalesce('; it does not net to zero: ' || rest || ' left over', ''))
        from (select ${rest} as rest, 'ledger transaction ' || id || ' of ' || merchant_id || coalesce(' (' || business_key || ')', '') as name) told,
        lateral (values
          (1, header_id is null and seal_number is not null, 'transaction_gone', ' is in seal ' || seal_number || ' and is gone'),
          (2, is_changed, 'transaction_changed', ' was changed after it went into seal ' || seal_number),
          (3, is_put_in, 'transaction_put_in', ' was put in among sealed transactions: it is in no seal'),
          (4, header_id is null, 'transaction_torn', ' has postings and no header'),
          (5, postings is null, 'transaction_torn', ' has no postings'),
          (6, rest is not null, 'transaction_unbalanced', ' is not balanced')
        ) as rule (rank, applies, kind, text)
        where applies order by rank limit 1) end as problem
      from (
        select merchant_id, id, h.id as header_id, h.business_key, p.postings, s.seal_number, c.*,
               h.id is null or p.postings is null or c.is_changed or c.is_put_in or p.rest <> 0 or p.is_mixed as suspect
        from (
          select merchant_id, id, business_key, xact, ${HEADER} as line, ${ofText(HEADER_TEXT)} as line_text
          from ${tables.ledger_transactions} where ${within('id')}
        ) h
        full join (
          select merchant_id, transaction_id as id, count(*) as postings, sum(amount) as rest,
                 min(currency) <> max(currency) as is_mixed, string_agg(bytes, '') as lines, string_agg(text_bytes, '') as lines_text
          from (
            select merchant_id, transaction_id, currency, amount, ${POSTING} as bytes, ${ofText(POSTING_TEXT)} as text_bytes
            from ${tables.ledger_postings} posting where ${within('transaction_id')} order by merchant_id, transaction_id, posting.line
          ) ordered
          group by merchant_id, transaction_id
        ) p using (merchant_id, id)
        full join (
          select merchant_id, transaction_id as id, seal_number, leaf from ${tables.ledger_sealed} where ${within('transaction_id')}
        ) s using (merchant_id, id)
        cross join lateral (select
          coalesce(s.leaf <> sha256('\\x00'::bytea || case when s.seal_number <= ${textSeals}
            then h.line_text || coalesce(p.lines_text, '') else h.line || coalesce(p.lines, '') end), false) as is_changed,
          coalesce(s.seal_number is null and (h.xact, h.merchant_id, h.id) <= ($3::xid8, $4, $5::bigint), false) as is_put_in
        ) c
      ) flagged
    ) page`;
}
