import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { median } from './statistics.ts';

/** What a closed run cost Temporal, as its server counts. */
export interface HistoryCost {
  readonly transitions: number;
  readonly events: number;
  readonly bytes: number;
}

const CLOSED_WITHIN_MS = 10_000;
const POLL_MS = 50;

/** The median of these workflows. @throws Error when one does not close. */
export async function historyCost(run: RunFile, workflowIds: readonly string[]): Promise<HistoryCost> {
  const connection = await Connection.connect({ address: run.temporal.address });
  try {
    const client = new Client({ connection, namespace: run.temporal.namespace });
    const costs = await Promise.all(workflowIds.map((id) => costOf(client, id)));
    return {
      transitions: median(costs.map(({ transitions }) => transitions)),
      events: median(costs.map(({ events }) => events)),
      bytes: median(costs.map(({ bytes }) => bytes)),
    };
  } finally {
    await connection.close();
  }
}

async function costOf(client: Client, id: string): Promise<HistoryCost> {
  const until = Date.now() + CLOSED_WITHIN_MS;
  for (;;) {
    const { status, raw } = await client.workflow.getHandle(id).describe();
    const info = raw.workflowExecutionInfo;
    if (status.name === 'COMPLETED')
      return {
        transitions: Number(info?.stateTransitionCount),
        events: Number(info?.historyLength),
        bytes: Number(info?.historySizeBytes),
      };
    if (Date.now() > until) throw new Error(`workflow ${id} is ${status.name} and should be closed`);
    await delay(POLL_MS);
  }
}
