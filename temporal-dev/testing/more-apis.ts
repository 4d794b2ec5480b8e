import { foreignEnvironment, SETTINGS } from '../../platform/config.ts';
import { ENTRIES } from '../part-specs.ts';
import { prepareOwnProcess } from '../parts/own-process.ts';
import { freePort } from '../ports.ts';
import { processEnvironment } from '../process-environment.ts';
import type { RunFile } from '../run-file.ts';
import { keepSecrets } from '../secrets.ts';
import { PORT_NAMES, type Ports } from '../settings.ts';
import { startGuard } from '../supervisor/guard.ts';
import { createService } from '../supervisor/service.ts';

export interface MoreApis {
  /** Base URLs, without a slash at the end. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** More api processes beside that of a running stack, on free ports, as a load balancer would have them. */
export async function startMoreApis(run: RunFile, count: number): Promise<MoreApis> {
  const secrets = await keepSecrets(run.dir);
  const guard = startGuard(() => undefined);
  const taken = new Set<number>();
  const started = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const port = await freePort(taken);
      taken.add(port);
      // An api listens on one port, and is told of no other.
      const ports = Object.fromEntries(PORT_NAMES.map((name) => [name, port])) as Ports;
      const role = `api-${index + 2}`;
      const spec = await prepareOwnProcess({
        role,
        entry: ENTRIES.api,
        settings: {
          ...processEnvironment('api', { addresses: run, ports, secrets, isKmsOurs: true, via: {} }),
          [SETTINGS.metricsPort.env]: '',
        },
        healthPort: port,
        stopGraceMs: 10_000,
        inherited: foreignEnvironment(),
        dir: run.dir,
        logs: run.logs,
      });
      const ignore = (): void => undefined;
      const service = createService(spec, {
        guard,
        say: ignore,
        onHealthy: ignore,
        onLaunched: ignore,
        restartPauseMaxMs: 5_000,
      });
      await service.start();
      return { url: `http://127.0.0.1:${port}`, service };
    }),
  );
  return {
    urls: started.map(({ url }) => url),
    async stop() {
      await Promise.all(started.map(({ service }) => service.stop()));
      await guard.close();
    },
  };
}
