import { foreignEnvironment } from '../../platform/config.ts';
import { ENTRIES } from '../../temporal-dev/part-specs.ts';
import { prepareOwnProcess } from '../../temporal-dev/parts/own-process.ts';
import { freePort } from '../../temporal-dev/ports.ts';
import { healthPortOf, processEnvironment } from '../../temporal-dev/process-environment.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { keepSecrets } from '../../temporal-dev/secrets.ts';
import { PORT_NAMES, type Ports } from '../../temporal-dev/settings.ts';
import { startGuard } from '../../temporal-dev/supervisor/guard.ts';
import { createService } from '../../temporal-dev/supervisor/service.ts';

/** The pools that are scaled. */
const POOLS = ['payments', 'acquirers'] as const;
type Pool = (typeof POOLS)[number];

export interface MoreWorkers {
  /** One process more of each pool, healthy. */
  add(): Promise<void>;
  readonly pids: () => Readonly<Record<Pool, readonly number[]>>;
  stop(): Promise<void>;
}

/** More worker processes beside those of a running stack, as a second host would have them. */
export async function createMoreWorkers(run: RunFile): Promise<MoreWorkers> {
  const secrets = await keepSecrets(run.dir);
  const guard = startGuard(() => undefined);
  const started: { readonly pool: Pool; readonly pid: () => number; readonly stop: () => Promise<void> }[] =
    [];
  const taken = new Set<number>();

  async function start(pool: Pool): Promise<void> {
    const port = await freePort(taken);
    taken.add(port);
    // A worker listens on its health port alone, and is told of no other.
    const ports = Object.fromEntries(PORT_NAMES.map((name) => [name, port])) as Ports;
    const spec = await prepareOwnProcess({
      role: `${pool}-${started.length + 2}`,
      entry: ENTRIES[pool],
      settings: processEnvironment(pool, { addresses: run, ports, secrets, isKmsOurs: true, via: {} }),
      healthPort: healthPortOf(pool, ports),
      stopGraceMs: 10_000,
      inherited: foreignEnvironment(),
      dir: run.dir,
      logs: run.logs,
    });
    let pid = 0;
    const service = createService(spec, {
      guard,
      restartPauseMaxMs: 5_000,
      say: () => undefined,
      onHealthy: (_role, now) => (pid = now),
      onLaunched: () => undefined,
    });
    started.push({ pool, pid: () => pid, stop: () => service.stop() });
    await service.start();
  }

  const pidsOf = (pool: Pool): number[] => started.filter((one) => one.pool === pool).map(({ pid }) => pid());
  return {
    async add() {
      await Promise.all(POOLS.map(start));
    },
    pids: () => ({ payments: pidsOf('payments'), acquirers: pidsOf('acquirers') }),
    async stop() {
      await Promise.all(started.map(({ stop }) => stop()));
      await guard.close();
    },
  };
}
