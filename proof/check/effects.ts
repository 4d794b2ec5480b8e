import { copyInto, type Value } from './copy.ts';
import { journalReader } from './journals/index.ts';
import type { JournalReader } from './journals/effect.ts';
import { linesOf } from './lines.ts';
import type { Session } from './session.ts';

const COLUMNS = [
  'acquirer',
  'account',
  'reference',
  'key',
  'original_key',
  'kind',
  'amount',
  'currency',
  'at',
];

interface Loaded {
  readonly readJournals: readonly string[];
  readonly unreadJournals: readonly string[];
}

/**
 * Reads every acquirer's journal up to the snapshot and holds it against our attempts: `matched` has each
 * effect with the attempt that it is of, and each attempt that claims an effect and has none.
 * @throws Error naming file and line when a line is none of its wire.
 */
export async function loadEffects(session: Pick<Session, 'main' | 'sources' | 'at'>): Promise<Loaded> {
  const { main, sources } = session;
  const { rows: acquirers } = await main.query<{ id: string; wire: string }>(
    'select id, wire from acquirers order by id',
  );
  const readJournals: string[] = [];
  const unreadJournals: string[] = [];
  for (const { id, wire } of acquirers) {
    const reader = journalReader(wire);
    const journal = sources.journals.find(({ acquirer }) => acquirer === id);
    if (reader === null) unreadJournals.push(`${id}: nobody reads journals of the wire ${wire} yet`);
    else if (journal === undefined) unreadJournals.push(`${id}: its journal is not known`);
    else {
      await copyInto(main, 'effects', COLUMNS, effectRows(id, reader, journal.path, session.at));
      await main.query(triesOf(reader), [id]);
      readJournals.push(id);
    }
  }
  await main.query('analyze effects; analyze tries');
  await main.query(UNDONE);
  await main.query('analyze undone');
  await main.query(MATCHED);
  await main.query('analyze matched');
  await main.query(BY_REFERENCE);
  await main.query('analyze by_reference');
  return { readJournals, unreadJournals };
}

async function* effectRows(
  acquirer: string,
  reader: JournalReader,
  path: string,
  at: string,
): AsyncGenerator<readonly (readonly Value[])[]> {
  for await (const { first, lines } of linesOf(path)) {
    const rows: (readonly Value[])[] = [];
    for (const [index, line] of lines.entries()) {
      let effect;
      try {
        effect = reader.effectOf(line);
      } catch (error) {
        throw new Error(
          `${path}, line ${first + index} is no line of this journal: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      }
      // Its clock is ours on one machine; elsewhere the grace covers what they differ by.
      if (effect === null || effect.at > at) continue;
      const { account, reference, key, originalKey, kind, amount, currency } = effect;
      rows.push([acquirer, account, reference, key, originalKey, kind, amount, currency, effect.at]);
    }
    yield rows;
  }
}

/**
 * Our attempts under the keys of the journal. `claimed`: by our record it was executed. `open`: it may have
 * been and we do not say yet, because its operation is pending.
 */
const triesOf = ({ attemptKey }: JournalReader): string => `
  insert into tries
  select a.merchant_id, a.id, a.payment_id, a.operation_id, a.acquirer_id, m.merchant_account, ${attemptKey}, a.kind, a.state, a.outcome,
         coalesce(a.approved_amount, a.amount), a.currency,
         (a.state = 'answered' and a.outcome = 'approved')
           or (a.kind <> 'reversal' and a.state not in ('reversed', 'fenced') and o.state = 'succeeded' and o.current_attempt_id = a.id),
         o.state = 'pending' and a.state not in ('planned', 'fenced'), a.original_attempt_id
  from attempts a
  join merchant_acquirer_accounts m on m.merchant_id = a.merchant_id and m.id = a.account_id
  left join operations o on o.merchant_id = a.merchant_id and o.id = a.operation_id
  where a.acquirer_id = $1`;

/** A reversal names its message, or, where the wire has no reversals of its own, it is what our reversal did. */
const UNDONE = `
  insert into undone
  select acquirer, original_key, min(at) from effects where kind = 'reversal' and original_key is not null group by 1, 2
  union all
  select e.acquirer, e.key, min(r.at)
  from tries t join effects r on r.acquirer = t.acquirer and r.key = t.key and r.kind in ('void', 'refund')
  join effects e on e.acquirer = r.acquirer and e.reference = r.reference and e.account = r.account and e.kind in ('authorization', 'sale')
  where t.kind = 'reversal' group by 1, 2`;

const MATCHED = `
  insert into matched
  select coalesce(e.acquirer, t.acquirer), coalesce(e.account, t.account), e.reference, e.key,
         case when e.kind is not null and t.kind = 'reversal' then 'reversal' else e.kind end, e.amount, e.currency, e.at, u.at,
         t.merchant_id, t.payment_id, t.operation_id, t.id, t.kind, t.state, t.amount, t.currency, coalesce(t.claimed, false), coalesce(t.open, false)
  from effects e
  left join undone u on u.acquirer = e.acquirer and u.key = e.key
  full join tries t on t.acquirer = e.acquirer and t.key = e.key and t.account = e.account
  where e.key is not null or t.claimed`;

/** What stands under each reference, from the journals alone; our record only tells whose it is. */
const BY_REFERENCE = `
  insert into by_reference
  select acquirer, account, reference, min(merchant_id), min(payment_id), min(currency),
    -- With the authorization what was added to it is undone as well.
    case when bool_or(kind in ('authorization', 'sale') and undone_at is null)
      then coalesce(sum(amount) filter (where kind in ('authorization', 'sale', 'increment') and undone_at is null), 0) else 0 end,
    coalesce(sum(amount) filter (where kind in ('capture', 'sale') and undone_at is null), 0),
    coalesce(sum(amount) filter (where kind = 'refund'), 0),
    case when bool_or(kind = 'authorization' and undone_at is null)
      then coalesce(sum(case when kind in ('authorization', 'increment') then amount when kind in ('capture', 'release', 'void') then -amount else 0 end)
        filter (where undone_at is null), 0) else 0 end,
    count(*) filter (where kind in ('authorization', 'sale') and undone_at is null),
    min(at) filter (where kind in ('authorization', 'sale')),
    max(coalesce(undone_at, at)) filter (where undone_at is not null and kind in ('authorization', 'sale') or kind = 'void'),
    max(at), bool_or(open)
  from matched where kind is not null group by 1, 2, 3`;
