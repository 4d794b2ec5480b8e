import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { auditHeadFile, historyFolder, ledgerHeadFile } from '../../temporal-dev/addresses.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import type { Sources } from './session.ts';

export interface OpenedSources extends Sources {
  close(): Promise<void>;
}

/** The database `name` of the stack's server, as its superuser: reads all, and is told to change nothing. */
function superuserOf({ postgres }: RunFile, like: string): string {
  const url = new URL(postgres.superuserUrl);
  url.pathname = new URL(like).pathname;
  return url.toString();
}

/** Everything of a running stack, and the logs that were kept beside it. */
export async function sourcesOfRun(
  run: RunFile,
  logs: { readonly clientLog: string | null; readonly receiverLog: string | null },
): Promise<OpenedSources> {
  const connection = await Connection.connect({ address: run.temporal.address, connectTimeout: 5_000 });
  return {
    mainUrl: superuserOf(run, run.postgres.urls.owner),
    vaultUrl: superuserOf(run, run.postgres.urls.vaultOwner),
    headFile: ledgerHeadFile(run.dir),
    auditHeadFile: auditHeadFile(run.dir),
    journals: run.acquirers.map(({ id, journal }) => ({ acquirer: id, path: journal })),
    ...logs,
    temporal: new Client({ connection, namespace: run.temporal.namespace }),
    historiesFile: join(run.dir, 'proof-histories.json'),
    exportFolder: historyFolder(run.dir),
    close: () => connection.close(),
  };
}
