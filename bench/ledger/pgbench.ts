import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { wholeEnvironment } from '../../platform/config.ts';
import { findOnPath } from '../../temporal-dev/parts/find-program.ts';
import type { Commit } from './measure.ts';

const run = promisify(execFile);

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const RUN_LIMIT_MS = 600_000;

/** @throws Error that says what to install. */
export async function findPgbench(): Promise<string> {
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  const folders = versions
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(DEBIAN_FOLDER, version, 'bin'));
  const found = await findOnPath('pgbench', [...folders, wholeEnvironment()['PATH'] ?? ''].join(':'));
  if (found === null)
    throw new Error("pgbench is neither on the PATH nor in Debian's folder: install postgresql-contrib");
  return found;
}

export interface PgbenchRun {
  readonly program: string;
  readonly url: string;
  /** SQL over :number, which counts from `first`, each number once. */
  readonly statement: string;
  readonly clients: number;
  readonly first: number;
  readonly count: number;
}

/** Runs a statement `count` times over so many connections; answers its commits and how many ran again. */
export async function runPgbench({
  program,
  url,
  statement,
  clients,
  first,
  count,
}: PgbenchRun): Promise<{ commits: Commit[]; retries: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-pgbench-'));
  try {
    const script = join(folder, 'script.sql');
    // A client's variables last over its transactions: each counts its own share of the numbers.
    await writeFile(
      script,
      `\\set number :first + :turn * ${clients} + :client_id\n\\set turn :turn + 1\n${statement};\n`,
    );
    const { hostname, port, pathname, username, password } = new URL(url);
    const options = [
      ['--file', script],
      ['--client', clients],
      ['--jobs', Math.min(clients, 2)],
      ['--transactions', Math.ceil(count / clients)],
      ['--define', `first=${first}`],
      ['--define', 'turn=0'],
      ['--protocol', 'prepared'],
      ['--max-tries', 100],
      ['--log-prefix', join(folder, 'log')],
      ['--host', hostname],
      ['--port', port],
      ['--username', username],
    ].flat();
    await run(program, [...options.map(String), '--log', '--no-vacuum', pathname.slice(1)], {
      timeout: RUN_LIMIT_MS,
      env: { ...wholeEnvironment(), PGPASSWORD: decodeURIComponent(password) },
    });
    const logs = (await readdir(folder)).filter((name) => name.startsWith('log'));
    const texts = await Promise.all(logs.map((name) => readFile(join(folder, name), 'utf8')));
    const lines = texts.flatMap((text) => text.trimEnd().split('\n').map(readLine));
    return { commits: lines, retries: lines.reduce((sum, { retries }) => sum + retries, 0) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** client, transaction, latency (µs, "failed" when it gave up), script, seconds, microseconds, retries. */
function readLine(line: string): Commit & { retries: number } {
  const [client, , latency, , seconds, microseconds, retries] = line.split(' ').map(Number);
  if (retries === undefined || Number.isNaN(latency))
    throw new Error(`pgbench logged "${line}": not a commit`);
  return {
    client: client ?? NaN,
    latency: (latency ?? NaN) / 1_000,
    endedAt: (seconds ?? NaN) * 1_000 + (microseconds ?? NaN) / 1_000,
    retries,
  };
}
