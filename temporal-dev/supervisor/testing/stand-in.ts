import { join } from 'node:path';
import { startGuard } from '../guard.ts';
import { createService } from '../service.ts';
import { serviceSpec, STUBBORN, WELL_BEHAVED } from './stand-in-parts.ts';

/**
 * A supervisor of two stand-in parts, as a process that a test may kill: `node stand-in.js FOLDER`.
 * Writes one JSON line per event to standard output: {"guard":pid}, {"role":pid}, {"ready":1}.
 */
const [folder = ''] = process.argv.slice(2);
const tell = (event: Record<string, number>) => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

const guard = startGuard((pid) => {
  tell({ guard: pid });
});
const deps = {
  guard,
  say: (line: string) => {
    process.stderr.write(`${line}\n`);
  },
  onLaunched: (role: string, pid: number) => {
    tell({ [role]: pid });
  },
  restartPauseMaxMs: 5_000,
  onHealthy: () => undefined,
};
await Promise.all(
  Object.entries({ obedient: WELL_BEHAVED, stubborn: STUBBORN }).map(([role, script]) =>
    createService(serviceSpec(role, script, join(folder, role)), deps).start(),
  ),
);
tell({ ready: 1 });
setInterval(() => undefined, 60_000);
