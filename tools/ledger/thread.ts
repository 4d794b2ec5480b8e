/** A thread of ledger:verify (threads.ts): verifies one partition after the other on a connection of its own. */
import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { Problems } from './problems.ts';
import { joinSnapshot } from './snapshot.ts';
import type { FromThread, ThreadData } from './threads.ts';
import { verifyTransactions, type LedgerTables } from './transactions.ts';

if (parentPort === null) throw new Error('this file is a thread of ledger:verify and nothing by itself');
const port = parentPort;
const { url, snapshot, sealed } = workerData as ThreadData;
const tell = (message: FromThread): void => port.postMessage(message);

const tasks = on(port, 'message') as AsyncIterable<[LedgerTables | null]>;
const { client, close } = await joinSnapshot(url, snapshot);
for await (const [tables] of tasks) {
  if (tables === null) break;
  const problems = new Problems();
  const accounts = await verifyTransactions(client, tables, sealed, problems, (page) =>
    tell({ kind: 'page', page }),
  );
  tell({ kind: 'done', accounts, problems: problems.list(), problemCount: problems.count });
}
await close();
