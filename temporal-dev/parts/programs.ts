import { join } from 'node:path';
import { foreignEnvironment } from '../../platform/config.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { loadStackSettings } from '../settings.ts';
import { findOnPath } from './find-program.ts';
import { pinnedProgram } from './fetch.ts';
import type { FetchDeps } from './fetch.ts';
import { PINNED } from './pinned.ts';

/** Where fetched programs are kept for all stacks of this checkout. */
export function sharedPartsFolder(configured: string | null): string {
  return configured ?? join(packageRoot(), '.quittance', 'parts');
}

/** The Temporal CLI, whose `server start-dev` is the development server. */
export async function temporalProgram(deps: FetchDeps): Promise<string> {
  return (await findOnPath('temporal', deps.env['PATH'])) ?? (await pinnedProgram(PINNED.temporal, deps));
}

export async function redisProgram(deps: FetchDeps): Promise<string> {
  return (await findOnPath('redis-server', deps.env['PATH'])) ?? (await pinnedProgram(PINNED.redis, deps));
}

/**
 * The time-skipping test server, for `TestWorkflowEnvironment.createTimeSkipping({ server:
 * { executable: { type: 'existing-path', path } } })`. Fetched at the first call ever.
 */
export async function temporalTestServerProgram(): Promise<string> {
  return pinnedProgram(PINNED.temporalTestServer, {
    partsFolder: sharedPartsFolder(loadStackSettings().partsFolder),
    env: foreignEnvironment(),
    say: (line) => {
      console.log(line);
    },
  });
}
