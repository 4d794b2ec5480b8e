import type pg from 'pg';
import type { Month } from './file.ts';

/** How long rows are kept in the database after the last time that somebody could need them. */
export interface Retention {
  /** Of a payment's history, since the last change of any payment of its month. */
  readonly historyDays: number;
  /** Of events, deliveries and their attempts, since the end of their month. */
  readonly outboxDays: number;
}

/** A month that is older than asked for, and why it has to stay; null = it can go. */
export interface PlannedMonth extends Month {
  readonly reason: string | null;
  /** As far as PostgreSQL knows without counting. */
  readonly rowsEstimated: number;
}

type Table = 'payment_history' | 'events' | 'deliveries' | 'delivery_attempts';

/** A question about one month, of which every row that it answers is a reason to stay. $1 low, $2 high. */
type Question = (
  month: Month,
  retention: Retention,
) => { readonly sql: string; readonly values?: readonly unknown[] };

const endedLongAgo =
  (days: (retention: Retention) => number): Question =>
  (_, retention) => ({
    sql: `select 'it ends on ' || to_char(id_time($2) at time zone 'UTC', 'YYYY-MM-DD') || ' and is kept for ' || $3 || ' days after that'
        where $1 < $2 and id_time($2) > now() - $3::integer * interval '1 day'`,
    values: [days(retention)],
  });

const noOpenDelivery: Question = () => ({
  sql: `select 'delivery ' || id || ' of ' || merchant_id || ' is ' || state from deliveries
        where state in ('pending', 'retrying') and id >= 'dlv' || substr($1, 4) and id < 'dlv' || substr($2, 4)
        order by created_at limit 1`,
});

/** Whole or not at all, also before it goes: a line that is missing must be found while it can be asked for. */
const wholeHistory: Question = ({ partition }) => ({
  sql: `select 'payment ' || h.payment_id || ' of ' || h.merchant_id || ' is at version ' || coalesce(p.version::text, 'none')
               || ' and has ' || h.lines || ' lines of history up to version ' || h.newest
        from (select merchant_id, payment_id, count(*) as lines, max(version) as newest from only public.${partition}
              where payment_id >= $1 and payment_id < $2 group by 1, 2) h
        left join payments p on p.merchant_id = h.merchant_id and p.id = h.payment_id
        where h.lines <> h.newest or h.newest is distinct from p.version limit 1`,
});

const QUESTIONS: Readonly<Record<Table, readonly Question[]>> = {
  payment_history: [
    endedLongAgo(({ historyDays }) => historyDays),
    ({ partition }, { historyDays }) => ({
      sql: `select 'payment ' || payment_id || ' of ' || merchant_id || ' changed on ' || to_char(at at time zone 'UTC', 'YYYY-MM-DD') || ' and is kept for ' || $3 || ' days after that'
            from only public.${partition} where payment_id >= $1 and payment_id < $2 and at > now() - $3::integer * interval '1 day' order by at desc limit 1`,
      values: [historyDays],
    }),
    () => ({
      sql: `select 'payment ' || id || ' of ' || merchant_id || ' has something pending' from payments
            where pending and id collate "C" >= $1 and id collate "C" < $2 limit 1`,
    }),
    () => ({
      sql: `select 'case ' || id || ' of payment ' || payment_id || ' is open' from cases
            where state = 'open' and payment_id collate "C" >= $1 and payment_id collate "C" < $2 limit 1`,
    }),
    wholeHistory,
  ],
  events: [endedLongAgo(({ outboxDays }) => outboxDays), noOpenDelivery],
  deliveries: [endedLongAgo(({ outboxDays }) => outboxDays), noOpenDelivery],
  delivery_attempts: [endedLongAgo(({ outboxDays }) => outboxDays), noOpenDelivery],
};

/**
 * Every attached month before the first of `before` (YYYY-MM), the oldest first, each with the first
 * reason to leave it where it is.
 */
export async function planArchive(
  client: pg.ClientBase,
  before: string,
  retention: Retention,
): Promise<readonly PlannedMonth[]> {
  const { rows } = await client.query<Month & { table: Table; rowsEstimated: number }>(
    `select p.parent as table, p.partition, p.low, p.high, greatest(c.reltuples, 0)::integer as "rowsEstimated"
     from time_partitions p join pg_class c on c.oid = ('public.' || p.partition)::regclass
     where p.month < to_date($1, 'YYYY-MM') and not p.detaching order by p.month, p.parent desc`,
    [before],
  );
  const planned: PlannedMonth[] = [];
  for (const month of rows) planned.push({ ...month, reason: await reasonToStay(client, month, retention) });
  return planned;
}

async function reasonToStay(
  client: pg.ClientBase,
  month: Month & { readonly table: Table },
  retention: Retention,
): Promise<string | null> {
  for (const question of QUESTIONS[month.table]) {
    const { sql, values = [] } = question(month, retention);
    const { rows } = await client.query<{ reason: string }>(`select reason from (${sql}) as found (reason)`, [
      month.low,
      month.high,
      ...values,
    ]);
    if (rows[0] !== undefined) return rows[0].reason;
  }
  return null;
}
