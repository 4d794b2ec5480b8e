import type pg from 'pg';
import type { AttemptId, MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import type { EventItem, EventSubject } from './events.ts';

/** A row of the inbox that this process may work off until its lease ends. */
export interface InboxRow {
  readonly id: string;
  readonly acquirer: string;
  /** What the acquirer speaks; null when there is no such acquirer any more. */
  readonly wire: string | null;
  readonly type: string;
  readonly item: EventItem;
  readonly tries: number;
  /** Since it was stored, by the database's clock (ms). */
  readonly ageMs: number;
}

/** Whose payment an item is about. */
export interface Match {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
}

type Database = Pick<pg.Pool, 'query'>;

/** Takes what is due, the longest waiting first, for that long (ms): a process that dies with it loses nothing. */
export async function claimEvents(
  database: Database,
  { page, leaseMs }: { readonly page: number; readonly leaseMs: number },
): Promise<readonly InboxRow[]> {
  const { rows } = await database.query<InboxRow>({
    name: 'claim_acquirer_events',
    text: `with due as (
             select id from acquirer_events
             where state = 'waiting' and due_at <= clock_timestamp() and coalesce(leased_until <= clock_timestamp(), true)
             order by due_at limit $1 for update skip locked
           ), claimed as (
             update acquirer_events e set leased_until = clock_timestamp() + $2 * interval '1 millisecond', tries = e.tries + 1
             from due where e.id = due.id returning e.*
           )
           select c.id, c.acquirer_id as acquirer, q.wire, c.type, c.item, c.tries,
                  (extract(epoch from clock_timestamp() - c.received_at) * 1000)::float8 as "ageMs"
           from claimed c left join acquirers q on q.id = c.acquirer_id order by c.received_at, c.id`,
    values: [page, leaseMs],
  });
  return rows;
}

/** The payment that an item is about; null while there is none. An account may serve several merchants. */
export async function matchEvent(
  database: Database,
  acquirer: string,
  { account, references, attempts }: EventSubject,
): Promise<Match | null> {
  const { rows } = await database.query<Match>({
    name: 'match_acquirer_event',
    text: `select t.merchant_id as merchant, t.payment_id as payment
           from merchant_acquirer_accounts a
           join attempts t on t.merchant_id = a.merchant_id and t.id = any ($4) and t.account_id = a.id
           where a.acquirer_id = $1 and a.merchant_account = $2
           union
           select t.merchant_id, t.payment_id
           from attempts t
           join merchant_acquirer_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id and a.merchant_account = $2
           where t.acquirer_id = $1 and t.acquirer_reference = any ($3)`,
    values: [acquirer, account, references, attempts],
  });
  const [first] = rows;
  if (first === undefined) return null;
  if (rows.length > 1)
    throw new Error(
      `the names ${[...references, ...attempts].join(', ')} are of several payments: ${rows.map(({ payment }) => payment).join(', ')}`,
    );
  return first;
}

/** What else the same acquirer told about a payment, at most 200 items: another one's nobody here can read. */
export async function toldAbout(
  database: Database,
  { merchant, payment }: Match,
  { id, acquirer }: Pick<InboxRow, 'id' | 'acquirer'>,
): Promise<readonly EventItem[]> {
  const { rows } = await database.query<{ item: EventItem }>({
    name: 'told_about_payment',
    text: `select item from acquirer_events where merchant_id = $1 and payment_id = $2 and acquirer_id = $3 and id <> $4 order by received_at desc limit 200`,
    values: [merchant, payment, acquirer, id],
  });
  return rows.map(({ item }) => item);
}

/** The attempts of a payment at an acquirer, in the order in which they were planned. */
export async function attemptsAt(
  database: Database,
  { merchant, payment }: Match,
  acquirer: string,
): Promise<readonly AttemptId[]> {
  const { rows } = await database.query<{ id: AttemptId }>({
    name: 'attempts_at_acquirer',
    text: `select id from attempts where merchant_id = $1 and payment_id = $2 and acquirer_id = $3 order by planned_at, id`,
    values: [merchant, payment, acquirer],
  });
  return rows.map(({ id }) => id);
}

/** Notes whose it is, so that what is told about one payment can be read together. */
export async function noteMatch(database: Database, id: string, { merchant, payment }: Match): Promise<void> {
  await database.query({
    name: 'note_acquirer_event_match',
    text: `update acquirer_events set merchant_id = $2, payment_id = $3
           where id = $1 and (merchant_id, payment_id) is distinct from ($2, $3)`,
    values: [id, merchant, payment],
  });
}

export type Ended =
  | { readonly state: 'delivered' | 'ignored'; readonly note: string }
  | { readonly state: 'waiting'; readonly note: string; readonly forMs: number };

const NOTE_LENGTH_MAX = 500;

/** It could not be worked off: it stays due, so that it is seen to be late, and nobody takes it for so long (ms). */
export async function failEvent(database: Database, id: string, note: string, forMs: number): Promise<void> {
  await database.query({
    name: 'fail_acquirer_event',
    text: `update acquirer_events set note = $2, leased_until = clock_timestamp() + $3 * interval '1 millisecond'
           where id = $1 and state = 'waiting'`,
    values: [id, note.slice(0, NOTE_LENGTH_MAX), forMs],
  });
}

/** Writes how far an item has come, and gives it back. What is done stays done. */
export async function endEvent(database: Database, id: string, ended: Ended): Promise<void> {
  const waits = ended.state === 'waiting';
  await database.query({
    name: 'end_acquirer_event',
    text: `update acquirer_events set state = $2, note = $3, leased_until = null,
             due_at = case when $2 = 'waiting' then clock_timestamp() + $4 * interval '1 millisecond' else due_at end,
             done_at = case when $2 = 'waiting' then null else clock_timestamp() end
           where id = $1 and state = 'waiting'`,
    values: [id, ended.state, ended.note.slice(0, NOTE_LENGTH_MAX), waits ? ended.forMs : 0],
  });
}
