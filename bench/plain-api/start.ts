import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Pool } from 'undici';
import { packageRoot } from '../../platform/package-root.ts';
import { withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import type { Send } from '../support/load.ts';
import type { Shop } from '../support/shop.ts';
import type { PlainOrder, PlainReady } from './order.ts';
import { PLAIN_TABLE } from './server.ts';

export interface PlainApi {
  readonly pid: number;
  readonly read: Send;
  readonly list: Send;
  readonly create: Send;
  close(): Promise<void>;
}

export interface PlainOptions {
  readonly run: RunFile;
  /** Whose payments are read. */
  readonly shop: Shop;
  /** Sockets to it. */
  readonly connections: number;
}

/** A plain api in a process of its own, beside the database of a running stack. */
export async function startPlainApi({ run, shop, connections }: PlainOptions): Promise<PlainApi> {
  const databaseUrl = run.postgres.urls.owner;
  const child = fork(join(packageRoot(), 'dist', 'bench', 'plain-api', 'main.js'), {
    // As processes of ours are started; standard output is the report's.
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const exited = once(child, 'exit');
  child.send({ databaseUrl, merchant: shop.merchant } satisfies PlainOrder);
  const [ready] = (await Promise.race([
    once(child, 'message'),
    exited.then(([code]: unknown[]) => {
      throw new Error(`the plain api ended with ${String(code)} before it was ready`);
    }),
  ])) as [PlainReady];
  const pool = new Pool(`http://127.0.0.1:${ready.port}`, { connections });
  let reads = 0;

  async function send(method: 'GET' | 'POST', path: string, body?: string): Promise<void> {
    const answer = await pool.request({
      method,
      path,
      ...(body === undefined
        ? {}
        : { body, headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() } }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new Error(`plain ${method} ${path} was answered ${answer.statusCode} ${text.slice(0, 300)}`);
  }

  return {
    pid: child.pid ?? 0,
    read() {
      const ids = shop.recent(1_000);
      return send('GET', `/payments/${ids[(reads += 7_919) % ids.length] ?? ''}`);
    },
    list: () => send('GET', '/payments'),
    create: () =>
      send(
        'POST',
        '/payments',
        JSON.stringify({ amount: 5_000, currency: 'EUR', card: { expiry_month: 12, expiry_year: 2030 } }),
      ),
    async close() {
      await pool.close();
      if (child.connected) child.disconnect();
      await exited;
      await withClient(databaseUrl, (client) => client.query(`drop table if exists ${PLAIN_TABLE}`));
    },
  };
}
