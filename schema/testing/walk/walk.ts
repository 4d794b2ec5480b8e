import type pg from 'pg';
import type { MainDatabase } from '../main-database.ts';
import { WalkAcquirer } from './acquirer.ts';
import {
  DEADLOCK_TIMEOUT_MS,
  injectConflicts,
  startFaults,
  stopConflicts,
  type FaultCounts,
} from './faults.ts';
import { live, type Walked } from './life.ts';
import { createRandom } from './random.ts';
import { createSender, type Sender } from './sender.ts';
import { openWorkers, type WalkWorkers } from './workers.ts';

export interface WalkOptions {
  readonly database: MainDatabase;
  readonly seed: number;
  readonly payments: number;
  /** Times that something is asked of each payment while it is worked on. */
  readonly rounds: number;
  /** Payments that are alive at once. */
  readonly atOnce: number;
}

export interface WalkReport extends ReturnType<WalkWorkers['counts']> {
  readonly payments: readonly Walked[];
  readonly acquirer: WalkAcquirer;
  readonly told: Sender['told'];
  /** Steps that the database refused: there must be none. */
  readonly refused: readonly unknown[];
  readonly steps: number;
  readonly requests: number;
  readonly faults: FaultCounts;
  /** Forgeries that the database accepted: there must be none. */
  readonly forged: readonly string[];
}

/**
 * Many payments of few merchants at once, through the activities and the attempt store that production
 * uses, over connections that break, against an acquirer on a bad line. When it is over everything that
 * can be known has been made known: messages arrive, nothing breaks, clocks are put forward.
 */
export async function walk(options: WalkOptions): Promise<WalkReport> {
  const { urls, superuser, owner } = options.database;
  await injectConflicts(owner);
  await superuser.query(
    `do $$ begin execute format('alter database %I set deadlock_timeout = ${DEADLOCK_TIMEOUT_MS}', current_database()); end $$`,
  );
  await addNumberBlocks(owner);
  // All its payments are of one card, which is declined more often than a merchant may ask.
  await owner.query('delete from retry_limits');
  const workers = await openWorkers(urls.worker);
  try {
    return await walkWith(workers, options);
  } finally {
    await workers.close();
  }
}

async function walkWith(
  { ledgers, store, proxies, counts }: WalkWorkers,
  { database, seed, payments, rounds, atOnce }: WalkOptions,
): Promise<WalkReport> {
  const random = createRandom(seed);
  const acquirer = new WalkAcquirer();
  const sender = createSender(store, acquirer);
  const first = await database.addShop();
  const others = [await database.addShop(), await database.addShop()];
  const refused: unknown[] = [];
  const walked: Walked[] = [];

  const faults = startFaults({
    superuser: database.superuser,
    superuserUrl: database.urls.superuser,
    worker: database.worker,
    role: new URL(database.urls.worker).username,
    proxies,
    merchants: [first.merchant, ...others.map(({ merchant }) => merchant)],
    random: random.fork(),
  });
  let broken: FaultCounts;
  try {
    await eachOf(
      Array.from({ length: payments }, () => random.fork()),
      atOnce,
      async (own) => {
        const onRefused = (error: unknown): unknown => refused.push(error);
        const shop = own.pick([first, ...others]);
        walked.push(await live({ database, shop, ledgers, sender, random: own, rounds, onRefused }));
      },
    );
  } finally {
    broken = await faults.stop();
  }

  sender.calm();
  await stopConflicts(database.owner);
  for (const tell of sender.late.values()) await tell();
  await eachOf(walked, atOnce, ({ driver }) => driver.work(true));
  // What was done long ago, done once more: there is nothing left that it could change.
  await eachOf(walked, atOnce, async ({ driver }) => {
    await driver.stale();
    await driver.work(true);
  });
  return {
    ...counts(),
    payments: walked,
    acquirer,
    told: sender.told,
    refused,
    steps: walked.reduce((sum, { driver }) => sum + driver.steps, 0),
    requests: walked.reduce((sum, { asked }) => sum + asked.length, 0),
    faults: broken,
    forged: faults.accepted,
  };
}

async function addNumberBlocks(owner: pg.Pool): Promise<void> {
  await owner.query(
    `insert into number_blocks (acquirer_id, institution_id, terminal_id)
     values ('acquirer-1', '400123', 'TERM0001'), ('acquirer-1', '400123', '*')`,
  );
}

async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await run(item);
    }),
  );
}
