import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { Client, Connection } from '@temporalio/client';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../platform/package-root.ts';
import { PLATFORM_KEY_ALIAS } from './key-aliases.ts';
import { readRunFile } from './run-file.ts';
import type { RunFile } from './run-file.ts';
import { newStackFolder, removeStack, startStack } from './start-stack.ts';
import type { StartedStack } from './start-stack.ts';
import { identify, isRunning } from './supervisor/process-identity.ts';
import { createDatabase } from './testing/database.ts';
import { waitUntil } from './testing/wait-until.ts';

/** A stack of its own, beside whatever else runs: its parts are killed, it is stopped, killed and started again. */
const PARTS = ['postgres', 'redis', 'temporal', 'kms'] as const;
const LIMIT_MS = 30_000;

let dir: string;
let stack: StartedStack;
const lines: string[] = [];
const start = () =>
  startStack({
    dir,
    ports: 'free',
    only: PARTS,
    say: (line) => {
      lines.push(line);
    },
  });

beforeAll(async () => {
  dir = await newStackFolder('faults');
  stack = await start();
});

afterAll(async () => {
  await stack.stop();
  await removeStack(dir);
});

async function query<T extends pg.QueryResultRow>(
  run: RunFile,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: run.postgres.superuserUrl });
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function withRedis<T>(run: RunFile, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(run.redis);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function withTemporal<T>(run: RunFile, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: run.temporal.address });
  try {
    return await work(new Client({ connection, namespace: run.temporal.namespace }));
  } finally {
    await connection.close();
  }
}

async function retentionSeconds(run: RunFile): Promise<number> {
  const { namespace } = run.temporal;
  const { config } = await withTemporal(run, ({ workflowService }) =>
    workflowService.describeNamespace({ namespace }),
  );
  return Number(config?.workflowExecutionRetentionTtl?.seconds);
}

async function withKms<T>(run: RunFile, work: (client: KMSClient) => Promise<T>): Promise<T> {
  const { endpoint, region } = run.kms;
  const client = new KMSClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

/** Puts something into each part. @returns a check that it is still there */
async function leaveMarks(run: RunFile): Promise<(later: RunFile) => Promise<void>> {
  const mark = randomUUID();
  await query(run, 'CREATE TABLE IF NOT EXISTS marks (mark text)');
  await query(run, 'INSERT INTO marks VALUES ($1)', [mark]);
  await withRedis(run, (redis) => redis.set(mark, 'kept'));
  // The file is synced every second: what was written before that second is on the disk.
  await withRedis(run, async (redis) => {
    await waitUntil('redis has synced its file', LIMIT_MS, async () =>
      /aof_pending_bio_fsync:0/.test(await redis.info('persistence')),
    );
  });
  await withTemporal(run, (client) =>
    client.workflow.start('nobodyRunsThis', { taskQueue: 'none', workflowId: mark }),
  );
  const { CiphertextBlob } = await withKms(run, (client) =>
    client.send(new EncryptCommand({ KeyId: PLATFORM_KEY_ALIAS, Plaintext: Buffer.from(mark) })),
  );
  return async (later) => {
    expect(await query(later, 'SELECT mark FROM marks WHERE mark = $1', [mark])).toEqual([{ mark }]);
    expect(await withRedis(later, (redis) => redis.get(mark))).toBe('kept');
    const { status } = await withTemporal(later, (client) => client.workflow.getHandle(mark).describe());
    expect(status.name).toBe('RUNNING');
    const { Plaintext } = await withKms(later, (client) =>
      client.send(new DecryptCommand({ CiphertextBlob })),
    );
    expect(Buffer.from(Plaintext ?? []).toString()).toBe(mark);
  };
}

const addressesOf = (run: RunFile) => ({ ...run, processes: null });

describe('a stack on one machine', () => {
  it('writes its run file for its owner only, with the processes of its parts', async () => {
    expect((await stat(stack.runPath)).mode & 0o777).toBe(0o600);
    expect(Object.keys(stack.runFile.processes)).toEqual(
      expect.arrayContaining(['supervisor', 'guard', ...PARTS]),
    );
  });

  it('keeps Temporal’s closed runs for thirty days', async () => {
    expect(await retentionSeconds(stack.runFile)).toBe(30 * 24 * 60 * 60);
  });

  it('lets no role of the application into the database of the other side', async () => {
    const { api, vault } = stack.runFile.postgres.urls;
    for (const [from, database] of [
      [api, 'quittance_vault'],
      [vault, 'quittance'],
    ] as const) {
      const url = new URL(from);
      url.pathname = `/${database}`;
      const client = new pg.Client({ connectionString: url.href });
      await expect(client.connect()).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('gives a test a database of its own, migrated, and takes it away again', async () => {
    for (const schema of ['main', 'vault'] as const) {
      const database = await createDatabase(stack.runFile, { schema });
      const client = new pg.Client({ connectionString: database.ownerUrl });
      await client.connect();
      const { rows } = await client.query<{ applied: string }>(
        'SELECT count(*) AS applied FROM kysely_migration',
      );
      expect(Number(rows[0]?.applied)).toBeGreaterThan(0);
      await client.end();
      await database.drop();
      const names = await query<{ datname: string }>(
        stack.runFile,
        'SELECT datname FROM pg_database WHERE datname = $1',
        [database.name],
      );
      expect(names).toEqual([]);
    }
  });

  it('says so, with its addresses, to whoever starts it a second time', async () => {
    const up = join(packageRoot(), 'dist', 'temporal-dev', 'up.js');
    const second = await promisify(execFile)(process.execPath, [up, '--dir', dir, '--ports', 'free']).catch(
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
    expect(second).toHaveProperty('code', 1);
    expect(second.stderr).toContain(`already runs in ${dir}`);
    expect(second.stdout).toContain(stack.runFile.temporal.address);
  });

  it.each(PARTS)('starts %s again after kill -9, at the same address with the same state', async (part) => {
    const stillThere = await leaveMarks(stack.runFile);
    const before = await readRunFile(stack.runPath);
    process.kill(before.processes[part] ?? 0, 'SIGKILL');
    const after = await waitUntil(`${part} is back`, LIMIT_MS, async () => {
      const run = await readRunFile(stack.runPath);
      return run.processes[part] === before.processes[part] ? null : run;
    });
    expect(addressesOf(after)).toEqual(addressesOf(before));
    await stillThere(after);
    expect(
      lines.filter((line) => line.startsWith(`${part} (process ${before.processes[part]}) ended by SIGKILL`)),
    ).toHaveLength(1);
  });

  it('has Temporal back, as it was set up, when its state file is lost', async () => {
    const before = await readRunFile(stack.runPath);
    const file = join(dir, 'temporal', 'temporal.sqlite');
    await Promise.all([file, `${file}-wal`, `${file}-shm`].map((path) => rm(path, { force: true })));
    process.kill(before.processes['temporal'] ?? 0, 'SIGKILL');
    const after = await waitUntil('temporal is back', LIMIT_MS, async () => {
      const run = await readRunFile(stack.runPath);
      return run.processes['temporal'] === before.processes['temporal'] ? null : run;
    });
    expect(await retentionSeconds(after)).toBe(30 * 24 * 60 * 60);
  });

  it('keeps addresses, keys and state over a stop and a start', async () => {
    const stillThere = await leaveMarks(stack.runFile);
    const before = stack.runFile;
    await stack.stop();
    await expect(stat(stack.runPath)).rejects.toThrow('ENOENT');
    stack = await start();
    expect(addressesOf(stack.runFile)).toEqual(addressesOf(before));
    await stillThere(stack.runFile);
  });

  it('leaves no process behind when its supervisor is killed, and starts again at once', async () => {
    const stillThere = await leaveMarks(stack.runFile);
    const { processes } = await readRunFile(stack.runPath);
    const identities = await Promise.all(Object.values(processes).map(identify));
    process.kill(processes['supervisor'] ?? 0, 'SIGKILL');
    const again = start();
    await waitUntil('every process of the killed run is gone', LIMIT_MS, async () => {
      const running = await Promise.all(identities.map(isRunning));
      return running.every((runs) => !runs);
    });
    stack = await again;
    await stillThere(stack.runFile);
  });
});
