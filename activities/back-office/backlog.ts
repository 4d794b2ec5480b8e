import { Gauge, type Registry } from 'prom-client';
import type pg from 'pg';

interface Line {
  readonly name: string;
  readonly help: string;
  /** One number, out of an index that holds nothing but what waits. */
  readonly sql: string;
}

const age = (column: string): string => `coalesce(extract(epoch from clock_timestamp() - min(${column})), 0)`;

/**
 * The refunds whose outcome nobody knows and no machine asks about: a person says what became of them, and until
 * then they are as unknown as any other (index cases_open; a case of them stays open exactly so long).
 */
const REFUNDS_IN_A_CASE = `
  from cases k join operations o on o.merchant_id = k.merchant_id and o.id = k.operation_id and o.phase = 'case'
  where k.state = 'open' and k.kind = 'refund_unknown'`;

/**
 * The oldest command whose own payment has nothing that it could wait for: no unknown outcome, no report of the
 * acquirer, no person who has its case. What is the matter with another payment is no reason. Nor is a pause, but
 * for what it holds back: what the payment was created for, and what was begun and is not sent. Everything else is
 * taken or refused at once, paused or not, and what operators ask for (pause and resume, too) is never left out.
 */
const STUCK = `
  select coalesce((
    select extract(epoch from clock_timestamp() - c.created_at) from commands c
    where c.state = 'pending' and not exists (
      select from operations o
      where o.merchant_id = c.merchant_id and o.payment_id = c.payment_id and o.state = 'pending'
        and (o.unknown_since is not null or o.phase in ('waiting', 'case')))
      and not exists (
      select from payments p where p.merchant_id = c.merchant_id and p.id = c.payment_id and p.paused_at is not null
        and c.origin <> 'operator' and (c.kind = 'create' or exists (
        select from operations o where o.merchant_id = c.merchant_id and o.id = c.operation_id and o.phase = 'ready')))
    order by c.created_at limit 1), 0)`;

/** The oldest transaction that no seal covers; what is under way has no seal yet (schema: seal_ledger). */
const SEAL_LAG = `
  select coalesce((
    select extract(epoch from clock_timestamp() - waiting.at)
    from (select) as one
    left join lateral (select * from ledger_seals order by number desc limit 1) head on true
    cross join lateral (
      select t.at from ledger_transactions t
      where t.xact >= coalesce(head.last_xact, '0')
        and (head.number is null or (t.xact, t.merchant_id, t.id) > (head.last_xact, head.last_merchant_id, head.last_transaction_id))
      order by t.xact limit 1
    ) waiting), 0)`;

/** What waits, and for how long: zero when nothing does. */
const LINES: readonly Line[] = [
  {
    name: 'commands_pending',
    help: 'Accepted and not yet done.',
    sql: "select count(*) from commands where state = 'pending'",
  },
  {
    name: 'command_lag_seconds',
    help: 'Age of the oldest accepted command that is not done.',
    sql: `select ${age('created_at')} from commands where state = 'pending'`,
  },
  {
    name: 'command_stuck_seconds',
    help: 'Age of the oldest accepted command that is not done, and no unknown outcome of its payment is the reason.',
    sql: STUCK,
  },
  {
    name: 'unknown_outcomes',
    help: 'Operations whose outcome nobody knows, those that wait for a person included.',
    sql: `select (select count(*) from operations where state = 'pending' and unknown_since is not null)
      + (select count(*) ${REFUNDS_IN_A_CASE} and o.unknown_since is null)`,
  },
  {
    name: 'unknown_age_seconds',
    help: 'How long the longest unknown outcome has been unknown, those that wait for a person included.',
    sql: `select greatest(
      (select ${age('unknown_since')} from operations where state = 'pending' and unknown_since is not null),
      (select ${age('k.opened_at')} ${REFUNDS_IN_A_CASE}))`,
  },
  {
    name: 'cases_open',
    help: 'Questions that wait for a person.',
    sql: "select count(*) from cases where state = 'open'",
  },
  {
    name: 'case_age_seconds',
    help: 'Age of the oldest question that waits for a person.',
    sql: `select ${age('opened_at')} from cases where state = 'open'`,
  },
  {
    name: 'cases_overdue',
    help: 'Cases and reviews that are still open and were due before now (table case_terms).',
    sql: 'select count(*) from waiting_work where due_at < clock_timestamp()',
  },
  {
    name: 'acquirer_event_lag_seconds',
    help: 'How long what an acquirer reported has been due and was not worked off, of the one for which that is longest.',
    sql: `select ${age('due_at')} from acquirer_events where state = 'waiting' and due_at < clock_timestamp()`,
  },
  {
    name: 'funds_lag_seconds',
    help: 'How long funds have been due and were not moved, of those for which that is longest.',
    sql: `select ${age('funds_due_at')} from operations where funds_due_at < clock_timestamp()`,
  },
  {
    name: 'reviews_open',
    help: 'Payments that wait for a decision on their risk.',
    sql: "select count(*) from payments where status = 'in_review'",
  },
  {
    name: 'outbox_lag_seconds',
    help: 'Age of the oldest delivery whose first attempt nobody has made.',
    sql: `select ${age('created_at')} from deliveries where state = 'pending'`,
  },
  {
    name: 'webhooks_retrying',
    help: 'Deliveries that failed at first and are tried again.',
    sql: "select count(*) from deliveries where state = 'retrying'",
  },
  {
    name: 'webhook_lag_seconds',
    help: 'Age of the oldest delivery that is tried again.',
    sql: `select ${age('created_at')} from deliveries where state = 'retrying'`,
  },
  {
    name: 'ledger_seal_lag_seconds',
    help: 'Age of the oldest transaction of the ledger that no seal covers.',
    sql: SEAL_LAG,
  },
  {
    name: 'platform_master_key_age_seconds',
    help: 'Time since the platform’s master key was last rotated; since its first data key where it never was.',
    sql: `select coalesce(extract(epoch from clock_timestamp() - coalesce(
        (select max(turned_at) from key_rotations where finished_at is not null),
        (select min(created_at) from payload_keys))), 0)`,
  },
  {
    name: 'history_export_lag_seconds',
    help: 'Everything that finished longer ago is exported: Temporal may forget it.',
    sql: 'select extract(epoch from clock_timestamp() - coalesce(through, since)) from history_export_progress',
  },
];

/** However often it is scraped, the database is asked once in so long (ms). */
const ASK_AGAIN_MS = 5_000;

/** Registers the backlog of the whole system, as the database knows it. Of several back offices each says the same. */
export function registerBacklog(registry: Registry, pool: Pick<pg.Pool, 'query'>, now: () => number): void {
  let askedAt = -Infinity;
  let asking: Promise<ReadonlyMap<string, number>> = Promise.resolve(new Map());
  const ask = async (): Promise<ReadonlyMap<string, number>> => {
    const { rows } = await pool.query<Record<string, string>>(
      `select ${LINES.map(({ name, sql }) => `(${sql})::float8 as ${name}`).join(', ')}`,
    );
    return new Map(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]));
  };
  const latest = (): Promise<ReadonlyMap<string, number>> => {
    if (now() - askedAt >= ASK_AGAIN_MS) {
      askedAt = now();
      asking = ask();
    }
    return asking;
  };
  for (const { name, help } of LINES) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        try {
          this.set((await latest()).get(name) ?? Number.NaN);
        } catch {
          // The database is away: no number is better than the last one.
          this.set(Number.NaN);
        }
      },
    });
  }
}
