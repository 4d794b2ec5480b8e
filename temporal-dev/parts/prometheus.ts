import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isErrno } from '../files.ts';
import type { FetchDeps } from './fetch.ts';
import { findOnPath } from './find-program.ts';

const run = promisify(execFile);
const LIMIT_MS = 120_000;

/** The programs of Debian's package. */
type Program = 'prometheus' | 'promtool';

/**
 * Prometheus, or its tool for rules: from the PATH, else out of Debian's package, which is downloaded (apt
 * checks its signature) and unpacked beside the other parts; nothing is installed.
 * @throws Error that says why neither could be had.
 */
export async function prometheusProgram(program: Program, deps: FetchDeps): Promise<string> {
  const installed = await findOnPath(program, deps.env['PATH']);
  if (installed !== null) return installed;
  const home = join(deps.partsFolder, 'prometheus-debian');
  const path = join(home, 'usr', 'bin', program);
  if (await isThere(path)) return path;
  deps.say('fetching Debian’s package prometheus (19 MB)');
  await mkdir(deps.partsFolder, { recursive: true });
  const draft = await mkdtemp(join(deps.partsFolder, '.fetching-'));
  try {
    await download(draft, deps.env);
    const archive = (await readdir(draft)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get left no package');
    const unpacked = join(draft, 'unpacked');
    await run('dpkg-deb', ['-x', join(draft, archive), unpacked], { env: deps.env, timeout: LIMIT_MS });
    await rename(unpacked, home).catch((error: unknown) => {
      // Another was first.
      if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${program} is not on the PATH, and Debian's package could not be had: ${reason}`, {
      cause: error,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return path;
}

/** A machine that has never looked has no lists of packages yet: as root they can be fetched. */
async function download(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const options = { cwd: folder, env, timeout: LIMIT_MS };
  try {
    await run('apt-get', ['download', '-qq', 'prometheus'], options);
  } catch (error) {
    if (isErrno(error, 'ENOENT') || process.getuid?.() !== 0) throw error;
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['download', '-qq', 'prometheus'], options);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
