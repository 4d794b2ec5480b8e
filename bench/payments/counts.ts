import type { RunFile } from '../../temporal-dev/run-file.ts';
import { countingCommits, type Commits } from '../support/commits.ts';
import { historyCost, type HistoryCost } from '../support/histories.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { grownPerPayment, readStores } from '../support/stores.ts';
import type { Workload, WorkloadName } from './workloads.ts';

/** Commits for each payment of a number of payments. */
export interface CommitCount {
  readonly what: string;
  readonly payments: number;
  readonly commits: Commits;
}

export interface Counts {
  readonly histories: Readonly<Partial<Record<WorkloadName, HistoryCost>>>;
  readonly commits: readonly CommitCount[];
  /** Bytes by payment. */
  readonly stores: Readonly<Record<string, number>>;
  readonly storePayments: number;
}

export interface CountOptions {
  readonly run: RunFile;
  readonly by: Readonly<Record<WorkloadName, Workload>>;
  readonly shop: Shop;
  /** Payments of each count; of those in flight together, and so of the bytes, four times as many. */
  readonly payments: number;
  readonly inFlight: number;
  /** Also the transactions that only read; see {@link countingCommits}. */
  readonly settle: boolean;
  readonly acquirers: readonly string[];
}

const HISTORIES = 5;
const DELIVERED_WITHIN_MS = 30_000;

/** What one payment costs, counted: none of it depends on how busy the machine is. */
export async function countCosts(options: CountOptions): Promise<Counts> {
  const { run, by, shop, payments, inFlight, settle, acquirers } = options;
  const unheard = await openShop({ run, webhooks: null, connections: 1, acquirers });
  const commits: CommitCount[] = [];
  const count = async (what: string, from: Shop, flying: number, many: number): Promise<void> => {
    const counted = await countingCommits(run.postgres.superuserUrl, settle, async () => {
      await payMany(from, many, flying);
      await from.quiet(DELIVERED_WITHIN_MS);
    });
    commits.push({ what, payments: many, commits: counted.commits });
  };
  try {
    await payMany(unheard, 3, 1); // its first payments meet cold caches
    await count('one after the other, no webhook endpoint', unheard, 1, payments);
    await count('one after the other', shop, 1, payments);
    const before = await readStores(run);
    const many = payments * 4;
    await count(`${inFlight} in flight`, shop, inFlight, many);
    const stores = grownPerPayment(before, await readStores(run), many);
    const histories: Partial<Record<WorkloadName, HistoryCost>> = {};
    for (const name of ['a', 'b', 'c', 'd'] as const) {
      // One after the other: a workflow task that waits long for its machine adds a heartbeat to the history.
      for (let sent = 0; sent < HISTORIES; sent += 1) await by[name].send();
      histories[name] = await historyCost(run, by[name].recent(HISTORIES));
    }
    return { histories, commits, stores, storePayments: many };
  } finally {
    await unheard.close();
  }
}

async function payMany(shop: Shop, count: number, inFlight: number): Promise<void> {
  let left = count;
  const buyer = async (): Promise<void> => {
    for (; left > 0;) {
      left -= 1;
      await shop.pay();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, buyer));
}
