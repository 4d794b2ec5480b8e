import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writeWhole } from '../files.ts';
import type { Command } from '../supervisor/child.ts';
import { runToEnd } from '../supervisor/child.ts';
import type { Guard } from '../supervisor/guard.ts';
import type { ServiceSpec } from '../supervisor/service.ts';
import type { FetchDeps } from './fetch.ts';
import { withClient } from './postgres-bootstrap.ts';
import { findPostgres } from './postgres-programs.ts';
import { postgresUser, reachableFolder } from './system-user.ts';
import type { SystemUser } from './system-user.ts';

export interface PostgresOptions {
  readonly dir: string;
  readonly logs: string;
  readonly port: number;
  readonly superuserPassword: string;
  readonly fetch: FetchDeps;
  readonly guard: Guard;
}

/** What PostgreSQL is told wherever it runs; the form of its text is that of initdb's `C` locale. */
export const POSTGRES_SETTINGS = {
  fsync: 'on',
  shared_buffers: '256MB',
  max_connections: '200',
  password_encryption: 'scram-sha-256',
} as const;
export const INITDB_FORM = ['--encoding=UTF8', '--locale=C'] as const;

/** The file in the stack's folder that says where PostgreSQL's data is, when that is elsewhere. */
const LOCATION_FILE = 'postgres-folder.txt';

/** Where the data of that stack's PostgreSQL is kept outside of its folder, or null. */
export async function outsideFolder(dir: string): Promise<string | null> {
  return (await readIfThere(join(dir, LOCATION_FILE)))?.trim() ?? null;
}

/**
 * A PostgreSQL with its data in the stack's folder; the first call makes the data folder. Listens
 * on 127.0.0.1 only, no Unix socket, passwords with SCRAM, fsync on.
 */
export async function preparePostgres(options: PostgresOptions): Promise<ServiceSpec> {
  const { dir, logs, port, fetch, guard } = options;
  const user = await postgresUser();
  const home = await reachableFolder(join(dir, 'postgres'), user);
  if (home !== join(dir, 'postgres')) await writeWhole(join(dir, LOCATION_FILE), `${home}\n`);
  const programs = await findPostgres(fetch.env, async () => ({
    ...fetch,
    partsFolder: await reachableFolder(fetch.partsFolder, user),
  }));
  const log = join(logs, 'postgres.log');
  const base = { env: fetch.env, user, cwd: home };
  const data = join(home, 'data');
  if (!(await isThere(data))) {
    await initialize(
      { ...base, program: programs.initdb, args: [] },
      home,
      data,
      user,
      options.superuserPassword,
      log,
      guard,
    );
  }

  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    ...POSTGRES_SETTINGS,
    logging_collector: 'off',
  };
  const url = superuserUrl('127.0.0.1', port, options.superuserPassword);
  return {
    role: 'postgres',
    log,
    command: {
      ...base,
      program: programs.postgres,
      args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    },
    probe: () => withClient(url, (client) => client.query('SELECT 1')).then(() => undefined),
    startDeadlineMs: 60_000, // it may have a crash to recover from
    stopSignal: 'SIGINT', // fast shutdown: connections are closed, a checkpoint is written
    stopGraceMs: 20_000,
    guardSignal: 'SIGQUIT', // immediate shutdown, of its own children too
  };
}

export function superuserUrl(host: string, port: number, password: string): string {
  return `postgres://postgres:${password}@${host}:${port}/postgres`;
}

/** Makes the data folder, whole or not at all: it gets its name when it is complete. */
async function initialize(
  command: Command,
  home: string,
  data: string,
  user: SystemUser | null,
  password: string,
  log: string,
  guard: Guard,
): Promise<void> {
  const draft = join(home, 'data.new');
  const passwordFile = join(home, 'password.new');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== null) {
    await chmod(home, 0o711);
    for (const path of [draft, passwordFile]) await chown(path, user.uid, user.gid);
  }
  const args = ['--pgdata', draft, '--username', 'postgres', '--pwfile', passwordFile];
  const form = ['--auth=scram-sha-256', ...INITDB_FORM];
  const ending = await runToEnd({ ...command, args: [...args, ...form] }, log, guard);
  await rm(passwordFile, { force: true });
  if (ending.code !== 0) {
    const said = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-5).join('\n');
    throw new Error(`postgres cannot start: initdb ended by ${ending.text}, log ${log}\n${said}`);
  }
  await rename(draft, data);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
