import { startFloors, type Floors } from '../floors/processes.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { openBenchStack, type BenchStack } from './bench-stack.ts';
import { openShop, type Shop } from './shop.ts';

/** Every payment of a bench goes to the first; the others are what routing looks at, too. */
export const ACQUIRERS = ['acquirer-1', 'acquirer-3', 'acquirer-4'] as const;
/** How long the webhooks of what was paid may take to be delivered. */
export const DELIVERED_WITHIN_MS = 60_000;

export interface Bench {
  readonly stack: BenchStack;
  /** Where everything was when the bench began. */
  readonly run: RunFile;
  /** Least workflows to compare with, and the receiver of the shop's webhooks. */
  readonly floors: Floors;
  readonly shop: Shop;
}

export interface BenchOptions {
  /** Sockets of the shop to the api. */
  readonly connections: number;
  /** Settings for the processes of the stack, over those of this one. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Opens all that a bench needs, and closes it again however `use` ends. */
export async function withBench<T>(
  { connections, env = {} }: BenchOptions,
  use: (bench: Bench) => Promise<T>,
): Promise<T> {
  const stack = await openBenchStack(env);
  try {
    const run = await stack.run();
    const floors = await startFloors(run);
    try {
      const shop = await openShop({ run, webhooks: floors.receiver, connections, acquirers: ACQUIRERS });
      try {
        return await use({ stack, run, floors, shop });
      } finally {
        await shop.close();
      }
    } finally {
      await floors.close();
    }
  } finally {
    await stack.close();
  }
}
