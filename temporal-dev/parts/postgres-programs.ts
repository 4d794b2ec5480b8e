import { execFile } from 'node:child_process';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from './find-program.ts';
import { pinnedProgram } from './fetch.ts';
import type { FetchDeps } from './fetch.ts';
import { PINNED } from './pinned.ts';

const run = promisify(execFile);

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const MAJOR_MIN = 15;

export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * `postgres` and the `initdb` beside it, version 15 or newer: on PATH, else in Debian's versioned
 * folders (the newest), else the pinned package.
 * @param fetch where to unpack it, asked only when that is needed.
 */
export async function findPostgres(
  env: Readonly<Record<string, string>>,
  fetch: () => Promise<FetchDeps>,
): Promise<PostgresPrograms> {
  const onPath = await findOnPath('postgres', env['PATH']);
  const candidates = [
    ...(onPath === null ? [] : [dirname(await realpath(onPath))]),
    ...(await debianFolders()),
  ];
  for (const folder of candidates) {
    if (await isComplete(folder)) return programsOf(folder);
  }
  return programsOf(dirname(await pinnedProgram(PINNED.postgres, await fetch())));
}

function programsOf(folder: string): PostgresPrograms {
  return { postgres: join(folder, 'postgres'), initdb: join(folder, 'initdb') };
}

async function debianFolders(): Promise<string[]> {
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  return versions
    .filter((version) => /^\d+$/.test(version))
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(DEBIAN_FOLDER, version, 'bin'));
}

async function isComplete(folder: string): Promise<boolean> {
  const { postgres, initdb } = programsOf(folder);
  try {
    await stat(initdb);
    const { stdout } = await run(postgres, ['--version'], { timeout: 10_000 });
    return Number(/(\d+)/.exec(stdout)?.[1] ?? 0) >= MAJOR_MIN;
  } catch {
    return false;
  }
}
