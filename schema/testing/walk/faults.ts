import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresProxy } from './postgres-proxy.ts';
import type { Random } from './random.ts';

/** Pretended conflicts: every n-th change of a payment fails with it, early or late in its transaction. */
const EVERY = { early: 61, late: 83, deadlock: 97 } as const;

/**
 * Makes PostgreSQL refuse some changes with 40001 and 40P01 as it would on a conflict: some when hardly
 * anything is written, some when everything is.
 */
export async function injectConflicts(owner: pg.Pool): Promise<void> {
  await owner.query(`
    create sequence walk_changes;
    create sequence walk_updates;
    create function walk_conflict() returns trigger language plpgsql security definer as $$
    declare
      change bigint;
    begin
      if tg_table_name like 'payment_history%' then
        change := nextval('walk_changes');
        if change % ${EVERY.early} = 0 then
          raise exception 'the walk''s conflict' using errcode = 'serialization_failure';
        elsif change % ${EVERY.deadlock} = 0 then
          raise exception 'the walk''s deadlock' using errcode = 'deadlock_detected';
        end if;
      elsif nextval('walk_updates') % ${EVERY.late} = 0 then
        raise exception 'the walk''s late conflict' using errcode = 'serialization_failure';
      end if;
      return new;
    end $$;
    create trigger walk_conflict before insert on payment_history for each row execute function walk_conflict();
    create trigger walk_late_conflict before insert on events for each row execute function walk_conflict();
  `);
}

export async function stopConflicts(owner: pg.Pool): Promise<void> {
  await owner.query(
    'drop trigger walk_conflict on payment_history; drop trigger walk_late_conflict on events',
  );
}

export interface FaultCounts {
  killed: number;
  deadlocks: number;
  /** What was tried by the application's role and refused. */
  forged: number;
}

export interface Faults {
  /** Ends them, and tells how many there were. */
  stop(): Promise<FaultCounts>;
  /** Forgeries that were not refused. */
  readonly accepted: readonly string[];
}

export interface FaultOptions {
  readonly superuser: pg.Pool;
  readonly superuserUrl: string;
  /** The application's role, by a way that does not break. */
  readonly worker: pg.Pool;
  /** Whose connections are ended. */
  readonly role: string;
  readonly proxies: readonly [PostgresProxy, ...PostgresProxy[]];
  readonly merchants: readonly [string, ...string[]];
  readonly random: Random;
}

const KINDS = {
  kill: 5,
  answer: 7,
  half_answer: 2,
  request: 2,
  meanwhile: 2,
  deadlock: 0.7,
  forgery: 2,
} as const;

/** What no step decides, tried with the application's own rights on a merchant's books ($1). */
const FORGERIES: readonly [string, ...string[]] = [
  'update ledger_postings set amount = amount + 1 where merchant_id = $1',
  'delete from ledger_postings where merchant_id = $1',
  'update ledger_balances set balance = balance + 1 where merchant_id = $1',
  `insert into ledger_transactions (merchant_id, mode, payment_id, event, business_key, at, workflow_id, workflow_run_id)
   select merchant_id, mode, payment_id, event, business_key, at, workflow_id, workflow_run_id
   from ledger_transactions where merchant_id = $1 limit 1`,
  'update payments set amount_captured = amount_captured + 1, version = version + 1 where merchant_id = $1',
  'update payments set version = version + 2 where merchant_id = $1',
  "update attempts set state = 'planned' where merchant_id = $1 and state <> 'planned'",
  "update commands set answer_status = 200 where merchant_id = $1 and state = 'done'",
];

/**
 * Breaks something every few milliseconds until it is stopped: ends a session at random, cuts a
 * connection around the writing of a change, or locks balances against the order so that
 * PostgreSQL finds a deadlock.
 */
export function startFaults({
  superuser,
  superuserUrl,
  worker,
  role,
  proxies,
  merchants,
  random,
}: FaultOptions): Faults {
  const counts: FaultCounts = { killed: 0, deadlocks: 0, forged: 0 };
  const accepted: string[] = [];
  const stopping = new AbortController();

  async function fault(): Promise<void> {
    const kind = random.weighted(KINDS);
    switch (kind) {
      case 'kill': {
        const { rowCount } = await superuser.query(
          `select pg_terminate_backend(pid) from (
             select pid from pg_stat_activity where datname = current_database() and usename = $1
             order by state = 'active' desc, random() limit 1) as one`,
          [role],
        );
        counts.killed += rowCount ?? 0;
        return;
      }
      case 'answer':
      case 'half_answer':
      case 'request':
      case 'meanwhile':
        // Mostly where a change is written; now and then anything else.
        random.pick(proxies).cutNext(kind, random.chance(0.8) ? 'record_change' : 'attempts');
        return;
      case 'deadlock':
        if (await crossLocks(superuserUrl, random.pick(merchants))) counts.deadlocks += 1;
        return;
      case 'forgery': {
        const forgery = random.pick(FORGERIES);
        // Before there is anything to forge nothing is refused, and nothing done.
        const { rowCount } = await worker.query(forgery, [random.pick(merchants)]).catch(() => {
          counts.forged += 1;
          return { rowCount: 0 };
        });
        if ((rowCount ?? 0) > 0) accepted.push(forgery);
        return;
      }
    }
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      await fault();
      await delay(random.int(20, 120));
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
      return counts;
    },
    accepted,
  };
}

/** How long it takes to find a deadlock: longer than it takes to make one (ms). */
export const DEADLOCK_TIMEOUT_MS = 200;
const WAITER_WITHIN_MS = 150;
const QUERY_CANCELED = '57014';

/**
 * Takes a balance of a merchant, and when somebody waits for it one that he has: a deadlock. True when
 * it came to that.
 */
async function crossLocks(url: string, merchant: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, statement_timeout: 4_000 });
  client.on('error', () => undefined);
  await client.connect();
  const lock = (code: string): Promise<unknown> =>
    client.query('select from ledger_balances where merchant_id = $1 and code = $2 for update', [
      merchant,
      code,
    ]);
  try {
    // Of the two who wait for each other, the one that looks first is refused: that is the walk.
    await client.query("begin; set local deadlock_timeout = '5s'");
    await lock('merchant_payable:pending');
    const end = Date.now() + WAITER_WITHIN_MS;
    while (Date.now() < end) {
      const { rowCount } = await client.query(
        'select from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid)) limit 1',
      );
      if (rowCount !== 0) {
        await lock('acquirer_receivable:acquirer-1');
        return true;
      }
      await delay(5);
    }
    return false;
  } catch (error) {
    // Whoever waits for us looked before we waited for him, and looks once: nobody is refused, our own limit ends it.
    if (error instanceof pg.DatabaseError && error.code === QUERY_CANCELED) return false;
    throw error;
  } finally {
    await client.query('rollback').catch(() => undefined);
    await client.end();
  }
}
