import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import type { Blow } from './schedule.ts';

/** A blow that fell: what, on whom, and when (ISO 8601). */
export interface Fallen {
  readonly what: string;
  readonly at: string;
}

/**
 * Strikes as scheduled, from now on. What is not there at the moment (killed, and not back yet) is struck as
 * soon as it is, within `waitMs`. Whatever was stopped goes on when it returns.
 */
export async function strike(
  runPath: string,
  temporal: Client,
  blows: readonly Blow[],
  waitMs: number,
): Promise<readonly Fallen[]> {
  const began = Date.now();
  const fallen: Fallen[] = [];
  const killed = new Set<number>();
  const pauses: Promise<void>[] = [];

  async function living(role: string): Promise<number | null> {
    const end = Date.now() + waitMs;
    while (Date.now() < end) {
      // The run file has the process that was healthy last: one that we killed is not struck twice.
      const pid = (await readRunFile(runPath).catch(() => null))?.processes[role];
      if (pid !== undefined && !killed.has(pid) && signal(pid, 0)) return pid;
      await delay(50);
    }
    return null;
  }

  for (const blow of blows) {
    await delay(Math.max(0, began + blow.at - Date.now()));
    const at = (): string => new Date().toISOString();
    switch (blow.kind) {
      case 'kill': {
        const pid = await living(blow.victim);
        if (pid === null || !signal(pid, 'SIGKILL')) break;
        killed.add(pid);
        fallen.push({ what: `kill ${blow.victim}`, at: at() });
        break;
      }
      case 'pause': {
        const pid = await living(blow.victim);
        if (pid === null || !signal(pid, 'SIGSTOP')) break;
        fallen.push({ what: `pause ${blow.victim}`, at: at() });
        pauses.push(
          delay(blow.pauseMs).then(() => {
            signal(pid, 'SIGCONT');
          }),
        );
        break;
      }
      case 'terminate': {
        const id = await openWorkflow(temporal, blow.pick);
        if (id === null) break;
        const done = await temporal.workflow
          .getHandle(id)
          .terminate('proof')
          .then(
            () => true,
            () => false,
          );
        if (done) fallen.push({ what: 'terminate workflow', at: at() });
        break;
      }
    }
  }
  await Promise.all(pauses);
  return fallen;
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** One of the open payments; null when there is none, or Temporal is away. */
async function openWorkflow(temporal: Client, pick: number): Promise<string | null> {
  const open: string[] = [];
  try {
    for await (const { workflowId } of temporal.workflow.list({
      query: `WorkflowType = 'payment' AND ExecutionStatus = 'Running'`,
      pageSize: 50,
    })) {
      open.push(workflowId);
      if (open.length === 50) break;
    }
  } catch {
    return null;
  }
  return open[pick % Math.max(1, open.length)] ?? null;
}
