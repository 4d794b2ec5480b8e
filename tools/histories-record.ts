/** npm run histories:record: walks every path on a stack of its own and keeps the histories. See HELP. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import { routeTo } from '../proof/support/routing.ts';
import { openWorld, until } from '../proof/support/world.ts';
import { packageRoot } from '../platform/package-root.ts';
import { seedEndpoint } from '../temporal-dev/seed.ts';
import { newStackFolder, removeStack, startStack } from '../temporal-dev/start-stack.ts';
import { startExtraAcquirers } from '../temporal-dev/testing/extra-acquirers.ts';
import { developmentKeyring } from './histories/development-keyring.ts';
import { writeHistory, type History } from './histories/history-file.ts';
import { CONTINUE_AFTER_EVENTS, PATHS, VALIDITY_MS, type Stage } from './histories/paths.ts';
import { reseal } from './histories/reseal.ts';
import { openTemporal, type TemporalAccess } from './temporal-access.ts';

const HELP = `npm run histories:record [-- --only NAME]

Starts a stack, walks every path that a payment, a card verification or a webhook delivery can take
(tools/histories/paths.ts), and writes the history of each run to
workflows/{payment,card-verification,webhook-delivery}/histories, as the server keeps it, but sealed under the checked-in development key. What is there is replaced; what was kept from
before a patch (histories/before-…) is not. About two minutes.

  --only NAME   that path alone (may be said again)
`;

const FOLDERS = {
  payment: join(packageRoot(), 'workflows', 'payment', 'histories'),
  verification: join(packageRoot(), 'workflows', 'card-verification', 'histories'),
  delivery: join(packageRoot(), 'workflows', 'webhook-delivery', 'histories'),
} as const;

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string', multiple: true }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const names = values.only ?? Object.keys(PATHS);
  const unknown = names.filter((name) => PATHS[name] === undefined);
  if (unknown.length > 0) throw new Error(`there is no path ${unknown.join(', ')}`);

  const dir = await newStackFolder('histories');
  const stack = await startStack({
    dir,
    ports: 'free',
    env: {
      QUITTANCE_AUTHORIZATION_VALIDITY_MS: String(VALIDITY_MS),
      QUITTANCE_STACK_CONTINUE_AFTER_EVENTS: String(CONTINUE_AFTER_EVENTS),
    },
  });
  try {
    await record(stack.runPath, names, values.only === undefined);
  } finally {
    await stack.stop();
    await removeStack(dir);
  }
}

async function record(runPath: string, names: readonly string[], all: boolean): Promise<void> {
  const temporal = await openTemporal(runPath, 'histories-record');
  const { stage, close } = await openStage(runPath, temporal.client);
  try {
    if (all) await forgetOld();
    const failures: string[] = [];
    await Promise.all(
      names.map(async (name) => {
        try {
          const workflowId = await PATHS[name]?.(stage);
          if (workflowId !== undefined) await keep(temporal, name, workflowId);
        } catch (error) {
          failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }),
    );
    if (failures.length > 0) throw new Error(`not recorded:\n${failures.join('\n')}`);
  } finally {
    await close();
    await temporal.close();
  }
}

/** Writes the history of every run of the workflow, the oldest first. */
async function keep({ client, keyring }: TemporalAccess, name: string, workflowId: string): Promise<void> {
  const runs = await until(
    `the runs of ${workflowId} can be listed`,
    () => runsOf(client, workflowId),
    (found) => found.length > 0,
  );
  const folder = FOLDERS[kindOf(workflowId)];
  await mkdir(folder, { recursive: true });
  const development = await developmentKeyring();
  for (const [place, runId] of runs.entries()) {
    const history = await until(
      `no task of ${workflowId} is under way`,
      () => client.workflow.getHandle(workflowId, runId).fetchHistory(),
      ({ events }) => isAtRest(events?.at(-1)),
    );
    const file = runs.length === 1 ? `${name}.json` : `${name}.${place + 1}.json`;
    await writeHistory(join(folder, file), await reseal(history, keyring, development));
    process.stdout.write(`${file}: ${history.events?.length ?? 0} events\n`);
  }
}

function kindOf(workflowId: string): keyof typeof FOLDERS {
  if (workflowId.startsWith('pay_')) return 'payment';
  return workflowId.startsWith('ver_') ? 'verification' : 'delivery';
}

/** Between two workflow tasks, or over: what the last task decided is in the history. */
function isAtRest(last: NonNullable<History['events']>[number] | undefined): boolean {
  return (
    last?.workflowTaskScheduledEventAttributes == null && last?.workflowTaskStartedEventAttributes == null
  );
}

async function runsOf(client: Client, workflowId: string): Promise<readonly string[]> {
  const found: { runId: string; startTime: Date }[] = [];
  for await (const { runId, startTime } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    found.push({ runId, startTime });
  return found
    .sort((one, other) => one.startTime.getTime() - other.startTime.getTime())
    .map(({ runId }) => runId);
}

async function forgetOld(): Promise<void> {
  for (const folder of Object.values(FOLDERS))
    for (const file of await readdir(folder).catch(() => []))
      if (file.endsWith('.json')) await rm(join(folder, file));
}

async function openStage(
  runPath: string,
  client: Client,
): Promise<{ stage: Stage; close: () => Promise<void> }> {
  const shop = await openWorld(runPath);
  const run = await shop.run();
  const acquirers = await startExtraAcquirers(run, ['failover-1', 'failover-2']);
  const [twoMessages, stripe, adyen, failover, failsOnce, failsAlways] = await Promise.all([
    openWorld(runPath, { singleMessage: false }),
    openWorld(runPath, { acquirers: ['acquirer-3'] }),
    openWorld(runPath, { acquirers: ['acquirer-4'] }),
    openWorld(runPath, { acquirers: ['failover-1', 'failover-2'], routing: 'by_value' }),
    openWorld(runPath),
    openWorld(runPath),
  ]);
  await routeTo(failover, 'failover-1', 'rule', { breaker: false });
  const receiver = await startReceiver();
  await seedEndpoint({ run, merchant: failsOnce.merchant, url: `${receiver.origin}/once` });
  await seedEndpoint({ run, merchant: failsAlways.merchant, url: `${receiver.origin}/always` });
  const database = new pg.Pool({ connectionString: run.postgres.urls.worker, max: 2 });
  const worlds = [shop, twoMessages, stripe, adyen, failover, failsOnce, failsAlways];
  return {
    stage: {
      shop,
      twoMessages,
      stripe,
      adyen,
      failover,
      acquirers,
      client,
      database,
      failsOnce,
      failsAlways,
    },
    async close() {
      await receiver.close();
      await database.end();
      await acquirers.close();
      await Promise.all(worlds.map((world) => world.close()));
    },
  };
}

/** Answers 500: to the path /once the first time of each webhook, elsewhere always. */
async function startReceiver(): Promise<{ origin: string; close: () => Promise<void> }> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    const again = seen.has(id);
    seen.add(id);
    request.resume();
    response.writeHead(request.url === '/once' && again ? 204 : 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`histories:record: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
