import { join } from 'node:path';
import { createCrashOrders, type CrashOrders } from '../../temporal-dev/crash-orders.ts';
import {
  newStackFolder,
  removeStack,
  startStack,
  type StartedStack,
} from '../../temporal-dev/start-stack.ts';
import { openLinks, type Links } from '../proxy/links.ts';
import { openClocks, type Clocks } from './clocks.ts';
import { CLOCKED } from './schedule.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

/** A stack that is there to be broken: proxies on its links, orders for its processes, a disk that can be full. */
export interface BreakableStack {
  readonly dir: string;
  readonly stack: StartedStack;
  readonly orders: CrashOrders;
  readonly links: Links;
  readonly disk: SmallDisk | null;
  readonly clocks: Clocks | null;
  /** What cannot be done here, and why. */
  readonly spared: readonly string[];
  /** @param keep the folder, for looking at */
  close(keep: boolean): Promise<void>;
}

/** Pauses that a supervisor otherwise doubles: here parts end all the time and are not broken. */
const RESTART_PAUSE_MS = 200;

export async function startBreakableStack(): Promise<BreakableStack> {
  const dir = await newStackFolder('proof');
  const disk = await mountSmallDisk(join(dir, 'postgres'));
  const links = await openLinks(dir);
  const orders = await createCrashOrders(join(dir, 'crash-points'));
  const unmount = async (): Promise<void> => {
    if (typeof disk !== 'string') await disk.unmount();
  };
  const clocks = await openClocks(join(dir, 'clocks'), CLOCKED);
  const spared = [
    ...(typeof disk === 'string' ? [`a full disk: ${disk}`] : []),
    ...(typeof clocks === 'string' ? [`a clock that jumps: ${clocks}`] : []),
  ];
  try {
    const stack = await startStack({
      dir,
      ports: 'free',
      env: {
        ...links.env,
        ...orders.env,
        ...(typeof clocks === 'string' ? {} : clocks.env),
        QUITTANCE_STACK_RESTART_PAUSE_MAX_MS: String(RESTART_PAUSE_MS),
      },
    });
    return {
      dir,
      stack,
      orders,
      links,
      disk: typeof disk === 'string' ? null : disk,
      clocks: typeof clocks === 'string' ? null : clocks,
      spared,
      async close(keep) {
        await stack.stop();
        await links.close();
        if (keep) return;
        await unmount();
        await removeStack(dir);
      },
    };
  } catch (error) {
    await links.close();
    await unmount();
    throw error;
  }
}
