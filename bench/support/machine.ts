import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { packageRoot } from '../../platform/package-root.ts';
import { withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';

/** On what the figures were measured, as one line of Markdown. */
export async function machineFacts(run: RunFile): Promise<string> {
  const [postgres, temporal, sdk] = await Promise.all([
    withClient(run.postgres.superuserUrl, async (client) => {
      const { rows } = await client.query<{ facts: string }>(
        `select 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) || ' (fsync ' || current_setting('fsync')
             || ', shared_buffers ' || current_setting('shared_buffers') || ')' as facts`,
      );
      return rows[0]?.facts ?? '';
    }),
    serverVersion(run.temporal.address),
    readFile(join(packageRoot(), 'node_modules', '@temporalio', 'worker', 'package.json'), 'utf8').then(
      (text) => (JSON.parse(text) as { version: string }).version,
    ),
  ]);
  const memory = `${Math.round(totalmem() / 1_024 ** 3)} GB`;
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memory}; Node ${process.version.slice(1)}; Temporal server ${temporal}, TypeScript SDK ${sdk}; ${postgres}`;
}

async function serverVersion(address: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    return (await connection.workflowService.getSystemInfo({})).serverVersion;
  } finally {
    await connection.close();
  }
}

/** Processes that wanted to run in the last minute, this moment's load average: much above the cores, and nothing here is exact. */
export async function loadAverage(): Promise<number> {
  return Number((await readFile('/proc/loadavg', 'utf8')).split(' ')[0]);
}
